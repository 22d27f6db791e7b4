// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/printable"
)

func TestFlags(t *testing.T) {
	for name, test := range map[string]struct {
		args  []string
		err   string
		check func(*flags) bool
	}{
		"none": {check: func(f *flags) bool {
			return f.deletionPolicy == string(v1alpha1.DeletionPolicyRetain) && !f.dryRun && !f.leaderElection && f.watchNamespaces() == nil
		}},
		"namespaces": {
			args:  []string{"--watch-namespaces", "a, b,,c"},
			check: func(f *flags) bool { return slices.Equal(f.watchNamespaces(), []string{"a", "b", "c"}) },
		},
		"a deletion policy":         {args: []string{"--default-deletion-policy=Delete"}, check: func(f *flags) bool { return f.deletionPolicy == "Delete" }},
		"a wrong deletion policy":   {args: []string{"--default-deletion-policy=Keep"}, err: "must be Retain or Delete"},
		"a lease that is too short": {args: []string{"--leader-election-lease-duration=2s"}, err: "must be 3s or more"},
		"a long lease": {
			args: []string{"--leader-election-lease-duration=1m"},
			check: func(f *flags) bool {
				m := f.manager()
				return *m.LeaseDuration == time.Minute && *m.RenewDeadline == 40*time.Second && *m.RetryPeriod == 2*time.Second
			},
		},
		"no workers":                 {args: []string{"--max-concurrent-reconciles=0"}, err: "must be 1 or more"},
		"an argument":                {args: []string{"run"}, err: `unexpected argument "run"`},
		"a flag that is not there":   {args: []string{"--dryrun"}, err: "flag provided but not defined"},
		"a log level":                {args: []string{"--zap-log-level=debug", "--zap-encoder=json"}, check: func(*flags) bool { return true }},
		"dry run, as the chart sets": {args: []string{"--dry-run=true"}, check: func(f *flags) bool { return f.dryRun }},
	} {
		t.Run(name, func(t *testing.T) {
			f, _, err := parse(test.args)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want %q", err, test.err)
				}
				return
			}
			if err != nil || !test.check(f) {
				t.Errorf("flags %+v, error %v", f, err)
			}
		})
	}
}

func TestDryRunReachesTheConnections(t *testing.T) {
	f, _, err := parse([]string{"--dry-run"})
	if err != nil {
		t.Fatal(err)
	}
	options, err := f.controllers(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	if !options.Pool.ReadOnly() {
		t.Error("with --dry-run the connections may write")
	}
}

func TestHelpIsNoError(t *testing.T) {
	if err := run(t.Context(), []string{"--help"}); err != nil {
		t.Errorf("help: %v", err)
	}
}

type managerFunc func(context.Context) error

func (f managerFunc) Start(ctx context.Context) error { return f(ctx) }

func TestTheManagersErrorIsTheProcesss(t *testing.T) {
	broken := errors.New("lost the lease")
	err := startAndStop(t.Context(), managerFunc(func(context.Context) error { return broken }))
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := startAndStop(ctx, managerFunc(func(ctx context.Context) error { <-ctx.Done(); return nil })); err != nil {
		t.Errorf("a stop that was asked for: %v", err)
	}
}

// Neither of the two formats escapes marks that turn texts around, and the one for people leaves control characters.
func TestLogIsPrintable(t *testing.T) {
	const hostile = "\x1b[31mred\u202egnp.exe\u2028\u200b"
	for _, development := range []bool{true, false} {
		var b bytes.Buffer
		log := logger(&zap.Options{Development: development}, &b)
		log.Info(hostile, "name", hostile)
		log.Error(errors.New(hostile), "it failed")
		for line := range strings.SplitSeq(b.String(), "\n") {
			for cell := range strings.SplitSeq(line, "\t") {
				if !printable.Clean(cell) {
					t.Errorf("the log has %q", cell)
				}
			}
		}
		if strings.Count(b.String(), "gnp.exe") != 3 {
			t.Errorf("the log is %q", b.String())
		}
	}
}
