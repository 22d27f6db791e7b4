// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command novu serves an in-memory imitation of Novu's API until it is interrupted, for demos and experiments.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"

	"novu-operator.dev/internal/novu/novutest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "novu:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	addr, opts, err := parse(args, out)
	if err != nil {
		return err
	}
	s := novutest.New(opts)
	defer s.Close()
	if err := s.Listen(addr); err != nil {
		return err
	}
	if err := introduce(out, s); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func parse(args []string, out io.Writer) (addr string, opts novutest.Options, err error) {
	fs := flag.NewFlagSet("novu", flag.ContinueOnError)
	fs.SetOutput(out)
	fs.StringVar(&addr, "addr", "127.0.0.1:3000", "address to listen on")
	release := fs.String("release", string(novutest.Release319), "release of Novu to play: 3.15 or 3.19")
	environments := fs.String("environments", "Development,Production", "comma-separated names of the environments")
	fs.BoolVar(&opts.PaidTier, "paid", false, "lift the limits of the free tier")
	fs.BoolVar(&opts.RateLimits, "rate-limits", false, "limit requests as the free tier does")
	fs.IntVar(&opts.WorkflowLimit, "workflow-limit", 0, "workflows per environment; 0: Novu's default of 100, negative: none")
	fs.BoolVar(&opts.StrictKeyScope, "strict-key-scope", false, "bind each API key to its own environment")
	fs.BoolVar(&opts.HideCredentials, "hide-credentials", false, "never answer credentials of integrations")
	fs.BoolVar(&opts.Idempotency, "idempotency", false, "honour Idempotency-Key")
	fs.DurationVar(&opts.Latency, "latency", 0, "pause before every answer")
	fs.StringVar(&opts.BasePath, "base-path", "", "prefix of every path, such as /novu")
	if err := fs.Parse(args); err != nil {
		return "", opts, err
	}
	if fs.NArg() > 0 {
		return "", opts, fmt.Errorf("unexpected argument %q; all settings are flags (see -h)", fs.Arg(0))
	}
	if opts.Release = novutest.Release(*release); !slices.Contains(novutest.Releases(), opts.Release) {
		return "", opts, fmt.Errorf("release %q is none of %v", *release, novutest.Releases())
	}
	for name := range strings.SplitSeq(*environments, ",") {
		if name = strings.TrimSpace(name); name != "" {
			opts.Environments = append(opts.Environments, name)
		}
	}
	return addr, opts, nil
}

// introduce prints where the server is and how to use it. The keys are made up at start.
func introduce(out io.Writer, s *novutest.Server) error {
	fmt.Fprintf(out, "Novu %s imitation at %s\n\n", s.Release(), s.URL)
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "ENVIRONMENT\tID\tIDENTIFIER\tAPI KEY")
	for _, e := range s.Environments() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", e.Name, e.ID, e.Identifier, e.SecretKey)
	}
	return table.Flush()
}
