// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
)

// namespace that the samples are applied to.
const namespace = "novu-demo"

// environments of the Novu server, by the name of the Environment object that leads there.
var environments = []struct{ object, novu string }{
	{"development", "Development"}, {"staging", "Staging"}, {"production", "Production"},
}

// demo plays on a stage, and shows what comes of it.
type demo struct{ *stage }

// stage is everything that runs.
type stage struct {
	client.Client

	out     io.Writer
	cluster *controlplane.ControlPlane
	novu    *novutest.Server
	dir     string // overlay of the samples, and the operator's log
	log     *os.File
	cancel  context.CancelFunc
	done    chan error
}

func start(ctx context.Context, out io.Writer, release novutest.Release) (d *demo, err error) {
	d = &demo{&stage{out: out}}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.stop())
		}
	}()
	if err := d.openLog(); err != nil {
		return d, err
	}
	d.say("Starting a Kubernetes API server.")
	assets, err := controlplane.Assets(ctx, out)
	if err != nil {
		return d, err
	}
	options := controlplane.Options{Assets: assets, ControllerManager: controlplane.HasControllers(assets), Progress: out}
	if d.cluster, err = controlplane.Start(ctx, options); err != nil {
		return d, err
	}
	if d.Client, err = client.New(d.cluster.Config, client.Options{Scheme: controllers.NewScheme()}); err != nil {
		return d, err
	}
	if err := d.startNovu(release); err != nil {
		return d, err
	}
	if err := d.kubectl(ctx, quietly, "apply", "--server-side", "-f", "config/crd/bases"); err != nil {
		return d, err
	}
	if err := d.kubectl(ctx, quietly, "wait", "--for=condition=Established", "-f", "config/crd/bases"); err != nil {
		return d, err
	}
	err = d.startOperator() //nolint:contextcheck // it runs until stop, not until the interrupt
	return d, err
}

// openLog takes what the operator and its libraries log, before any of them has something to say.
func (s *stage) openLog() (err error) {
	if s.dir, err = os.MkdirTemp("", "novu-operator-demo-"); err != nil {
		return err
	}
	if s.log, err = os.Create(filepath.Join(s.dir, "operator.log")); err != nil {
		return err
	}
	logs().redirect(s.log)
	return nil
}

// startNovu starts a Novu server like a paid one: three environments, and no limit on how long a delay may be.
func (s *stage) startNovu(release novutest.Release) error {
	var names []string
	for _, e := range environments {
		names = append(names, e.novu)
	}
	s.novu = novutest.New(novutest.Options{Release: release, Environments: names, PaidTier: true})
	for _, name := range names {
		s.novu.ConnectInbox(name)
	}
	if err := s.novu.Listen("127.0.0.1:0"); err != nil {
		return err
	}
	s.say("Novu %s listens at %s with the environments Development, Staging and Production.", release, s.novu.URL)
	return nil
}

// startOperator runs the same manager that the container image runs, in this process.
func (s *stage) startOperator() error {
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	mgr, err := controllers.NewManager(ctx, rest.CopyConfig(s.cluster.Config),
		manager.Options{
			Metrics:    metricsserver.Options{BindAddress: "0"},
			Controller: config.Controller{SkipNameValidation: new(true)}, // tests play several demos in one process
		},
		controllers.Options{
			Pool:                    connection.NewPool(connection.Options{UserAgent: "novu-operator/demo"}),
			DeletionPolicy:          v1alpha1.DeletionPolicyRetain,
			MaxConcurrentReconciles: 10,
		})
	if err != nil {
		return err
	}
	s.done = make(chan error, 1)
	go func() { s.done <- mgr.Start(ctx) }()
	s.say("The operator runs.")
	return nil
}

// stop ends everything, the clients of a server before the server.
func (s *stage) stop() error {
	var errs []error
	if s.cancel != nil {
		s.cancel()
	}
	if s.done != nil {
		errs = append(errs, <-s.done)
	}
	if s.novu != nil {
		s.novu.Close()
	}
	if s.cluster != nil {
		errs = append(errs, s.cluster.Stop())
	}
	if s.log != nil {
		logs().redirect(io.Discard)
		errs = append(errs, s.log.Close())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// keepLog keeps the operator's log after the end of the demo and says where it is.
func (s *stage) keepLog() string {
	path := filepath.Join(os.TempDir(), "novu-operator-demo.log")
	if err := os.Rename(s.log.Name(), path); err != nil {
		return "lost: " + err.Error()
	}
	return path
}

func (s *stage) say(format string, args ...any) { fmt.Fprintf(s.out, "\n=== "+format+"\n", args...) }
