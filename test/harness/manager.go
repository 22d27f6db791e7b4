// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"novu-operator.dev/controllers"
	"novu-operator.dev/internal/connection"
)

// Manager is a running operator.
type Manager struct {
	Pool *connection.Pool

	cancel context.CancelFunc
	done   chan struct{}
	once   sync.Once
	err    error
}

// ManagerOptions of a Manager; the zero value watches all namespaces of the shared API server.
type ManagerOptions struct {
	Config      *rest.Config
	Namespaces  []string
	Connections connection.Options
	Controllers controllers.Options
	Base        manager.Options
}

// StartManager starts an operator and stops it when the test ends.
func StartManager(tb testing.TB, o ManagerOptions) *Manager {
	tb.Helper()
	if o.Config == nil {
		o.Config = API(tb)
	}
	own := rest.CopyConfig(o.Config)
	own.QPS = -1      // unlimited, as the operator runs elsewhere
	unchecked := true // several managers in one process have controllers of the same names
	o.Base.Controller = config.Controller{SkipNameValidation: &unchecked}
	o.Base.MapperProvider = func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return Client(tb).RESTMapper(), nil }
	o.Base.Metrics = metricsserver.Options{BindAddress: "0"}
	o.Controllers.Pool = connection.NewPool(o.Connections)
	o.Controllers.WatchNamespaces = o.Namespaces
	if o.Controllers.MaxConcurrentReconciles == 0 {
		o.Controllers.MaxConcurrentReconciles = 10
	}
	ctx, cancel := context.WithCancel(context.Background())
	mgr, err := controllers.NewManager(ctx, own, o.Base, o.Controllers)
	if err != nil {
		cancel()
		tb.Fatal(err)
	}
	m := &Manager{Pool: o.Controllers.Pool, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(m.done)
		m.err = mgr.Start(ctx)
	}()
	tb.Cleanup(func() {
		if err := m.Stop(); err != nil {
			tb.Error("the manager ended with", err)
		}
	})
	return m
}

// Kill ends everything that the operator is doing, without waiting: from now on it hears no answer. It may be called by
// code that the operator itself waits for.
func (m *Manager) Kill() { m.once.Do(m.cancel) }

// Stop stops the operator and waits until it has stopped. It may be called more than once.
func (m *Manager) Stop() error {
	m.Kill()
	<-m.done
	return m.err
}
