// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command novu-operator runs the controllers that keep Novu environments as Kubernetes objects describe them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/internal/connection"
	novumetrics "novu-operator.dev/internal/metrics"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/printable"
)

// version is set by the linker.
var version = "dev"

type flags struct {
	metricsAddress, probeAddress            string
	leaderElection                          bool
	leaderElectionNamespace, watchNamespace string
	leaseDuration                           time.Duration
	deletionPolicy                          string
	dryRun                                  bool
	concurrency                             int
}

func main() {
	collectEarly()
	if err := run(ctrl.SetupSignalHandler(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "novu-operator:", err)
		os.Exit(1)
	}
}

// collectEarly bounds the garbage between two collections to half of what is in use. Nearly all of that is the cache, which
// is large and hardly changes: an operator at rest allocates next to nothing, and one that starts needs a third less memory
// for a fifth more processor time.
func collectEarly() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

func run(ctx context.Context, args []string) error {
	f, logs, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	ctrl.SetLogger(logger(logs, os.Stderr))
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the Kubernetes API server: %w", err)
	}
	config.UserAgent = "novu-operator/" + version
	options, err := f.controllers(metrics.Registry)
	if err != nil {
		return err
	}
	mgr, err := controllers.NewManager(ctx, config, f.manager(), options)
	if err != nil {
		return err
	}
	ctrl.Log.Info("starting", "version", version, "go", goVersion(), "dryRun", f.dryRun)
	return startAndStop(ctx, mgr)
}

// logger writes what Novu and users wrote so that a terminal shows it and does nothing else.
func logger(options *zap.Options, to io.Writer) logr.Logger {
	return zap.New(zap.UseFlagOptions(options), zap.WriteTo(printable.Writer(to)))
}

// patience is how long a stop may take: a little longer than the manager waits for its reconcilers.
const patience = 35 * time.Second

// startAndStop runs the manager until ctx ends. A manager that cannot fill its caches, for want of rights say, does not
// stop by itself; the process must end all the same.
func startAndStop(ctx context.Context, mgr interface{ Start(context.Context) error }) error {
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		return errors.New("the controllers did not stop in time: their caches may never have been filled, see the log")
	}
}

func parse(args []string) (*flags, *zap.Options, error) {
	f, logs := &flags{}, &zap.Options{}
	set := flag.NewFlagSet("novu-operator", flag.ContinueOnError)
	set.StringVar(&f.metricsAddress, "metrics-bind-address", ":8080", "address that serves metrics; 0 turns them off")
	set.StringVar(&f.probeAddress, "health-probe-bind-address", ":8081", "address that serves /healthz and /readyz; 0 turns them off")
	set.BoolVar(&f.leaderElection, "leader-elect", false, "let only one of several replicas work")
	set.StringVar(&f.leaderElectionNamespace, "leader-election-namespace", "", "namespace of the lease; empty: the operator's own")
	set.DurationVar(&f.leaseDuration, "leader-election-lease-duration", 15*time.Second,
		"how long the lease of a replica that has fallen silent keeps the others from working")
	set.StringVar(&f.watchNamespace, "watch-namespaces", "", "comma-separated namespaces to watch; empty: all")
	set.StringVar(&f.deletionPolicy, "default-deletion-policy", string(v1alpha1.DeletionPolicyRetain),
		"deletionPolicy of objects that do not set their own: Retain or Delete")
	set.BoolVar(&f.dryRun, "dry-run", false, "work everything out and report it, but write nothing to Novu")
	set.IntVar(&f.concurrency, "max-concurrent-reconciles", 10, "objects of one kind that are worked on at the same time")
	logs.BindFlags(set)
	if flag.CommandLine.Lookup("kubeconfig") != nil {
		set.Var(flag.CommandLine.Lookup("kubeconfig").Value, "kubeconfig", "path of a kubeconfig; empty: the one of the pod")
	}
	if err := set.Parse(args); err != nil {
		return nil, nil, err
	}
	if err := f.validate(set.Args()); err != nil {
		return nil, nil, err
	}
	return f, logs, nil
}

func (f *flags) validate(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: the operator takes flags only", rest[0])
	case f.deletionPolicy != string(v1alpha1.DeletionPolicyRetain) && f.deletionPolicy != string(v1alpha1.DeletionPolicyDelete):
		return fmt.Errorf("--default-deletion-policy is %q: it must be Retain or Delete", f.deletionPolicy)
	case f.leaseDuration < minLease:
		return fmt.Errorf("--leader-election-lease-duration is %s: it must be %s or more", f.leaseDuration, minLease)
	case f.concurrency < 1:
		return errors.New("--max-concurrent-reconciles must be 1 or more")
	}
	return nil
}

// minLease leaves the API server a second to answer.
const minLease = 3 * time.Second

// manager keeps the proportions of the usual times, 15, 10 and 2 s. A lease that lasts longer is not looked at less often:
// whoever waits for one is to lead within 5 s of its end.
func (f *flags) manager() manager.Options {
	return manager.Options{
		Metrics:                       metricsserver.Options{BindAddress: f.metricsAddress},
		HealthProbeBindAddress:        f.probeAddress,
		LeaderElection:                f.leaderElection,
		LeaderElectionID:              "novu-operator.novu-operator.dev",
		LeaderElectionNamespace:       f.leaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 &f.leaseDuration,
		RenewDeadline:                 new(f.leaseDuration * 2 / 3),
		RetryPeriod:                   new(min(f.leaseDuration*2/15, 2*time.Second)),
	}
}

func (f *flags) controllers(registry prometheus.Registerer) (controllers.Options, error) {
	requests, err := novumetrics.NewRequests(registry)
	if err != nil {
		return controllers.Options{}, err
	}
	promotions, err := novumetrics.NewPromotions(registry)
	if err != nil {
		return controllers.Options{}, err
	}
	pool := connection.NewPool(connection.Options{
		UserAgent: "novu-operator/" + version, ReadOnly: f.dryRun, Budget: novu.BudgetConfig{Observer: requests},
	})
	return controllers.Options{
		Pool:                    pool,
		DeletionPolicy:          v1alpha1.DeletionPolicy(f.deletionPolicy),
		WatchNamespaces:         f.watchNamespaces(),
		MaxConcurrentReconciles: f.concurrency,
		Metrics:                 promotions,
	}, novumetrics.RegisterEnvironments(registry, pool)
}

func (f *flags) watchNamespaces() (names []string) {
	for name := range strings.SplitSeq(f.watchNamespace, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func goVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.GoVersion
	}
	return "unknown"
}
