// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bulkhead

import (
	"errors"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// failures is the counter of errors of controller-runtime, which alerts are built on. The library does not hand it out,
// and counts only what a worker returns.
var failures = sync.OnceValue(func() *prometheus.CounterVec {
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "controller_runtime_reconcile_errors_total",
		Help: "Total number of reconciliation errors per controller",
	}, []string{"controller"})
	there := prometheus.AlreadyRegisteredError{}
	if err := metrics.Registry.Register(counter); errors.As(err, &there) {
		if existing, ok := there.ExistingCollector.(*prometheus.CounterVec); ok {
			return existing
		}
	}
	return counter
})
