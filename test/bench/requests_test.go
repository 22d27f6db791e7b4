// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

// Figures of the requests that one reconcile makes to the API server.
const (
	createRequests figure = "kube-requests-create"
	editRequests   figure = "kube-requests-edit"
	noopRequests   figure = "kube-requests-noop"
)

var requestBenchmarks = []benchmark{{
	name: "requests", figures: []figure{createRequests, editRequests, noopRequests}, run: countRequests,
}}

// countRequests counts the requests for workflows and their events. What the Environment writes about all of its
// workflows together is not part of it.
func countRequests(r *report) {
	const n = 50
	perWorkflow := func(counts map[string]int) float64 { return float64(total(counts, "workflows", "events")) / n }
	o := newOperator(r, novutest.Options{PaidTier: true})
	o.start()
	o.Environment(environmentName, "Development", "")
	o.Ready(&v1alpha1.Environment{}, environmentName)
	o.settle()
	o.kube.take()

	objects := withoutLayouts(workflows(readSamples(r, "workflows"), n))
	o.apply(objects)
	o.synced(n)
	o.settle()
	r.Figure(createRequests, perWorkflow(o.kube.take()))

	for _, object := range objects {
		w := &v1alpha1.Workflow{}
		w.Namespace, w.Name = o.Namespace, object.GetName()
		patch := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"description":"edited"}}`))
		o.Must(o.Patch(o.Context(), w, patch))
	}
	o.synced(n)
	o.settle()
	r.Figure(editRequests, perWorkflow(o.kube.take()))

	o.restart()
	o.settle()
	r.Figure(noopRequests, perWorkflow(o.kube.take()))
}
