// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command demo shows the operator's main job on this machine: it starts a Kubernetes API server, a Novu server and the
// operator, applies config/samples, promotes the workflows to Staging and to Production, and shows what happened. It
// exits with 1 unless every workflow got there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"novu-operator.dev/internal/novu/novutest"
)

// errIncomplete is the outcome of a demo in which not everything got through.
var errIncomplete = errors.New("not every workflow was synced and promoted: see the tables above")

func main() {
	var how options
	flag.BoolVar(&how.keep, "keep", false, "leave everything running until interrupted")
	flag.StringVar((*string)(&how.release), "release", string(novutest.Release319), "release of Novu to play: 3.15 or 3.19")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, how)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// options are what a user may choose.
type options struct {
	keep    bool
	release novutest.Release
}

// run plays the demo and shows it on out. With keep it waits for the end of ctx before it stops what it has started;
// that end is then no failure.
func run(ctx context.Context, out io.Writer, how options) (err error) {
	if !slices.Contains(novutest.Releases(), how.release) {
		return fmt.Errorf("unknown release %q of Novu: there are %v", how.release, novutest.Releases())
	}
	began := time.Now()
	d, err := start(ctx, out, how.release)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.play(ctx); err != nil {
		return fmt.Errorf("%w; the operator's log: %s", err, d.keepLog())
	}
	result, err := d.result(ctx)
	if err != nil {
		return err
	}
	if how.keep {
		d.explain()
	}
	fmt.Fprintf(out, "\n(%s)\n%s\n", time.Since(began).Round(time.Second), result)
	if how.keep {
		<-ctx.Done()
	}
	if !result.complete() {
		return errIncomplete
	}
	return nil
}

// play applies the manifests and promotes, step by step.
func (d *demo) play(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		d.apply, d.promoteToStaging, d.promoteToProduction, d.planAChange, d.showWhereItLives,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
