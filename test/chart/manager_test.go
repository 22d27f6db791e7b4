// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// sender is the namespace that the samples are applied to, and guest one that may use its Environment.
const (
	sender = "sender"
	guest  = "guest"
)

// everyRight is what, besides the samples, makes the operator use every one of its rights: a ConfigMap, a namespace's
// labels, a finalizer, a Promotion.
const everyRight = `
apiVersion: v1
kind: ConfigMap
metadata: {name: body, namespace: sender}
data: {layout: "<html><body>{{content}}</body></html>"}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: from-map, namespace: sender}
spec:
  environmentRef: {name: development}
  name: From a ConfigMap
  bodyFrom: {configMapKeyRef: {name: body, key: layout}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: visitor, namespace: guest}
spec:
  environmentRef: {name: development, namespace: sender}
  name: From another namespace
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: short-lived, namespace: sender}
spec:
  environmentRef: {name: development}
  name: Goes with its object
  deletionPolicy: Delete
`

const promotion = `
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: to-staging, namespace: sender}
spec: {targetRef: {name: staging}}
`

const latecomer = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: latecomer, namespace: sender}
spec:
  environmentRef: {name: development}
  name: Comes later
`

// testManager lets the operator do all that it does with what the chart gives it. A rule that the chart lacks shows in
// the log, and in objects that never become ready.
func (c *cluster) testManager(t *testing.T) {
	program := harness.BuildProgram(t)
	novu := novutest.Start(t, novutest.Options{Environments: []string{"Development", "Staging", "Production"}, PaidTier: true})
	c.createNamespace(t, sender, nil)
	c.createNamespace(t, guest, map[string]string{"novu": "welcome"})
	c.helm.Install(t, release, "")
	c.checkEstablished(t)

	t.Run("all namespaces", func(t *testing.T) {
		o := c.startOperator(t, program)
		eventually(t, func() error { return errors.Join(o.probe("/healthz"), o.probe("/readyz")) })
		c.applySamples(t, novu)
		c.apply(t, everyRight)
		c.checkAllReady(t)
		c.checkDeletion(t, &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: sender, Name: "short-lived"}})
		c.apply(t, promotion)
		c.checkAllReady(t)
		c.checkEvents(t)
		c.checkProtected(t)
		o.checkRights(t)
	})
	t.Run("some namespaces", func(t *testing.T) {
		c.helm.Upgrade(t, release, "watchNamespaces: ["+sender+"]")
		o := c.startOperator(t, program)
		c.apply(t, latecomer)
		c.checkAllReady(t)
		c.checkProtected(t)
		o.checkRights(t)
	})
	t.Run("a right is missing", func(t *testing.T) {
		c.helm.Upgrade(t, release, "rbac: {create: false}")
		o := c.startOperator(t, program)
		eventually(t, func() error {
			if len(o.refusals()) == 0 {
				return errors.New("the operator does not complain")
			}
			return nil
		})
		o.kill(t) // controller-runtime ignores the signal to stop until its caches are filled, which they never are
	})
	c.helm.Uninstall(t, release)
}

// applySamples applies config/samples as a reader does: only the addresses and the keys are other ones.
func (c *cluster) applySamples(t *testing.T, novu *novutest.Server) {
	t.Helper()
	objects := Kustomize(t, "config/samples")
	for _, environment := range objects.Of(v1alpha1.EnvironmentKind) {
		spec := environment.Object["spec"].(map[string]any)
		name := spec["environmentName"].(string)
		novu.ConnectInbox(name)
		secret := objects.Get(t, "Secret", spec["secretKeyRef"].(map[string]any)["name"].(string))
		secret.Object["stringData"] = map[string]any{"secretKey": novu.Environment(name).SecretKey}
		spec["apiURL"] = novu.URL
		spec["allowedNamespaces"] = map[string]any{
			"from": "Selector", "selector": map[string]any{"matchLabels": map[string]any{"novu": "welcome"}},
		}
	}
	for i := range objects {
		objects[i].SetNamespace(sender)
		c.create(t, &objects[i])
	}
}

func (c *cluster) apply(t *testing.T, manifests string) {
	t.Helper()
	objects := parse(t, manifests)
	for i := range objects {
		c.create(t, &objects[i])
	}
}

// checkAllReady waits for every object of the samples' namespaces.
func (c *cluster) checkAllReady(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		var errs []error
		for _, list := range []client.ObjectList{
			&v1alpha1.EnvironmentList{}, &v1alpha1.LayoutList{}, &v1alpha1.WorkflowList{}, &v1alpha1.IntegrationList{}, &v1alpha1.PromotionList{},
		} {
			if err := c.List(t.Context(), list); err != nil {
				return err
			}
			_ = apimeta.EachListItem(list, func(o runtime.Object) error {
				errs = append(errs, ready(o.(v1alpha1.Object)))
				return nil
			})
		}
		return errors.Join(errs...)
	})
}

func ready(o v1alpha1.Object) error {
	if ns := o.GetNamespace(); ns != sender && ns != guest {
		return nil
	}
	condition := apimeta.FindStatusCondition(o.GetConditions(), v1alpha1.ConditionReady)
	if condition == nil {
		return fmt.Errorf("%T %s has no condition yet", o, o.GetName())
	}
	if condition.Status != metav1.ConditionTrue || condition.ObservedGeneration != o.GetGeneration() {
		return fmt.Errorf("%T %s: %s: %s", o, o.GetName(), condition.Reason, condition.Message)
	}
	return nil
}

// checkDeletion deletes an object that has a finalizer.
func (c *cluster) checkDeletion(t *testing.T, object client.Object) {
	t.Helper()
	key := client.ObjectKeyFromObject(object)
	c.get(t, key.Namespace, key.Name, object)
	if len(object.GetFinalizers()) == 0 {
		t.Errorf("%s has no finalizer, so its deletion shows nothing", key)
	}
	if err := c.Delete(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	c.checkVanished(t, object)
}

func (c *cluster) checkEvents(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		var events eventsv1.EventList
		if err := c.List(t.Context(), &events, client.InNamespace(sender)); err != nil {
			return err
		}
		if len(events.Items) == 0 {
			return errors.New("the operator has told nothing in events")
		}
		return nil
	})
}

// refusals are the lines of the log that tell of them, in any case.
func (o *operator) refusals() []string {
	return slices.DeleteFunc(o.log.Lines(""), func(line string) bool { return !strings.Contains(strings.ToLower(line), "forbidden") })
}

// checkRights looks for what the API server refused.
func (o *operator) checkRights(t *testing.T) {
	t.Helper()
	for _, line := range o.refusals() {
		t.Errorf("the chart lacks a rule: %s", line)
	}
	if err := o.probe("/readyz"); err != nil {
		t.Error(err)
	}
}
