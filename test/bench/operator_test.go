// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// operator is a namespace with a Novu server and, once it is started, an operator whose requests are counted.
type operator struct {
	*harness.Stage
	r           *report
	kube        kubeCounter
	connections connection.Options
	manager     *harness.Manager
}

func newOperator(r *report, novu novutest.Options) *operator {
	return &operator{Stage: harness.NewStage(r, novu), r: r}
}

func (o *operator) start() {
	o.manager = harness.StartManager(o.r, harness.ManagerOptions{
		Config: o.kube.config(o.r), Namespaces: []string{o.Namespace}, Connections: o.connections,
	})
}

// restart ends the operator and starts another one; requests are counted from there.
func (o *operator) restart() {
	o.Must(o.manager.Stop())
	o.Novu.ClearRequests()
	o.kube.take()
	o.start()
}

func (o *operator) apply(objects []*unstructured.Unstructured) {
	for _, object := range objects {
		o.Apply(object.DeepCopy().Object)
	}
}

// synced waits until all n workflows are in Novu as their objects say.
func (o *operator) synced(n int) {
	o.Helper()
	o.Eventually("all workflows are synced", func() error {
		if held := len(o.Novu.Workflows("Development")); held < n {
			return fmt.Errorf("Novu holds %d of %d", held, n)
		}
		var list v1alpha1.WorkflowList
		if err := o.List(o.Context(), &list, client.InNamespace(o.Namespace)); err != nil {
			return err
		}
		done := 0
		for i := range list.Items {
			if w := &list.Items[i]; ready(w) {
				done++
			}
		}
		if done < n {
			return fmt.Errorf("%d of %d are ready", done, n)
		}
		return nil
	})
}

// ready reports whether the workflow is ready for its current spec.
func ready(w *v1alpha1.Workflow) bool {
	c := apimeta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionReady)
	return c != nil && c.Status == "True" && c.ObservedGeneration == w.Generation
}

// calm is how long nothing must happen for everything to be over. It is longer than the operator gathers events for, and
// than an Environment waits before it counts again.
const calm = 6 * time.Second

// settle waits until the operator has made no request to anybody for a while.
func (o *operator) settle() {
	o.Helper()
	last, since := -1, time.Now()
	o.Eventually("the operator comes to rest", func() error {
		o.kube.mu.Lock()
		now := len(o.Novu.Requests()) + total(o.kube.counts)
		o.kube.mu.Unlock()
		if now != last {
			last, since = now, time.Now()
		}
		if quiet := time.Since(since); quiet < calm {
			return fmt.Errorf("it was busy %s ago", quiet)
		}
		return nil
	})
}

// annotate changes an annotation of the Environment, which makes the operator work on it.
func (o *operator) annotate(key, value string) {
	o.Helper()
	e := &v1alpha1.Environment{}
	o.Must(o.Get(o.Context(), o.Key(environmentName), e))
	before := e.DeepCopy()
	if e.Annotations == nil {
		e.Annotations = map[string]string{}
	}
	e.Annotations[key] = value
	o.Must(o.Patch(o.Context(), e, client.MergeFrom(before)))
}
