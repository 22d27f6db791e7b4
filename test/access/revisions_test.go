// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	revision = `{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: production-1, labels: {novu-operator.dev/target: production}}, revision: 1, data: {a: b}}`
	notYour  = "only the operator writes and deletes the record of what was promoted"

	collector  = "system:serviceaccount:kube-system:generic-garbage-collector"
	namespaces = "system:serviceaccount:kube-system:namespace-controller"
	// allControllers is who all controllers are together where they have no ServiceAccounts.
	allControllers = "system:kube-controller-manager"

	digits = "0123456789abcdef0123456789abcdef"
	pins   = "novu-pins-11111111-2222-4333-8444-555555555555-0"
)

func TestCreateRevision(t *testing.T) {
	w := newWorld(t)
	foreign := strings.Replace(revision, "novu-operator.dev/target", "app", 1)
	tests := []struct{ name, user, manifest, want string }{
		{"as the operator", operator, revision, ""},
		{"as an editor", clerk, revision, notYour},
		{"as a promoter", "promoter", revision, notYour},
		{"as the garbage collector", collector, revision, notYour},
		{"as all controllers in one", allControllers, revision, notYour},
		{"of something else", clerk, foreign, ""},
		{"of a workload with such a name", clerk, named(foreign, "novu-pins-7d9f8b6c5d"), ""},
		{"of something else with a label of ours", clerk, strings.Replace(foreign, "app:", "novu-operator.dev/promotion:", 1), notYour},
		{"without a label, pins", clerk, named(foreign, pins), notYour},
		{"without a label, a record", clerk, named(foreign, "novu-record-"+digits+"-1-a-record-0"), notYour},
		{"without a label, a guard", "resumer", named(foreign, "novu-guard-"+digits+"-1"), notYour},
		{"without a label, whatever else", "promoter", named(foreign, "novu-attempts-"+digits), notYour},
		{"without a label, as the operator", operator, named(foreign, pins), ""},
		{"with a name that is made up", clerk, strings.Replace(foreign, "name: production-1", "generateName: "+pins+"-", 1), notYour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			object := w.object(test.manifest)
			expect(t, w.as(test.user).Create(t.Context(), object.DeepCopy(), client.DryRunAll), test.want)
			if object.GetName() == "" {
				return
			}
			err := w.as(test.user).Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("x"), client.DryRunAll)
			expect(t, err, test.want)
		})
	}
}

// named is the revision under another name.
func named(manifest, name string) string {
	return strings.Replace(manifest, "name: production-1", "name: "+name, 1)
}

func TestChangeRevision(t *testing.T) {
	w := newWorld(t)
	record := w.make(revision)
	foreign := w.make(`{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: foreign}, revision: 1, data: {a: b}}`)
	const unlabel = `{metadata: {labels: {novu-operator.dev/target: null}}}`
	for _, a := range []attempt{
		{"data", clerk, mergePatch, `{data: {a: c}}`, false, "field is immutable"}, // says Kubernetes, before any policy is asked
		{"order", "resumer", mergePatch, `{revision: 7}`, false, notYour},
		{"label", clerk, mergePatch, unlabel, false, notYour},
		{"label", clerk, jsonPatch, `[{op: remove, path: /metadata/labels}]`, false, notYour},
		{"label", clerk, replace, unlabel, false, notYour},
		{"another target", clerk, serverApply, `{metadata: {labels: {novu-operator.dev/target: staging}}, revision: 1}`, false, notYour},
		{"owner", clerk, mergePatch, `{metadata: {ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: b}]}}`, false, notYour},
		{"owner that is gone", collector, mergePatch, `{metadata: {ownerReferences: []}}`, false, notYour},
		// As the controller of StatefulSets does with what a selector matches and nobody owns.
		{"adopt", allControllers, mergePatch, `{metadata: {ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: a, uid: b, controller: true}]}}`, false, notYour},
		{"order", operator, mergePatch, `{revision: 7}`, false, ""},
	} {
		t.Run(a.user+" "+a.way+" "+a.name, func(t *testing.T) { expect(t, w.try(record, a, client.DryRunAll), a.want) })
	}
	a := attempt{user: clerk, way: mergePatch, change: `{metadata: {labels: {novu-operator.dev/target: production}}}`}
	t.Run("make a record of something else", func(t *testing.T) { expect(t, w.try(foreign, a, client.DryRunAll), notYour) })
}

func TestDeleteRevision(t *testing.T) {
	w := newWorld(t)
	record := w.make(revision)
	tests := []struct{ name, user, want string }{
		{"as an editor", clerk, notYour},
		{"as a resumer", "resumer", notYour},
		{"as the operator", operator, ""},
		{"as the garbage collector", collector, notYour},
		{"without its namespace", namespaces, notYour},
		{"by all controllers in one", allControllers, notYour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, w.as(test.user).Delete(t.Context(), record, client.DryRunAll), test.want)
			expect(t, w.as(test.user).DeleteAllOf(t.Context(), record, client.InNamespace(w.namespace), client.DryRunAll), test.want)
		})
	}
}

// What waiting Promotions are to bring goes with them.
func TestPinsGo(t *testing.T) {
	w := newWorld(t)
	owned := w.make(`{apiVersion: apps/v1, kind: ControllerRevision, revision: 1, data: {a: b}, metadata: {name: ` + pins + `,
  ownerReferences: [{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion, name: a, uid: b, controller: true}]}}`)
	for _, test := range []struct{ name, user, want string }{
		{"with the Promotion", collector, ""},
		{"with the Promotion, by all controllers in one", allControllers, ""},
		{"by hand", clerk, notYour},
	} {
		t.Run(test.name, func(t *testing.T) {
			expect(t, w.as(test.user).Delete(t.Context(), owned, client.DryRunAll), test.want)
		})
	}
	const adopt = `[{op: replace, path: /metadata/ownerReferences/0/kind, value: StatefulSet}]`
	expect(t, w.try(owned, attempt{user: collector, way: mergePatch, change: `{metadata: {ownerReferences: []}}`}, client.DryRunAll), "")
	expect(t, w.try(owned, attempt{user: allControllers, way: jsonPatch, change: adopt}, client.DryRunAll), notYour)
}

// A namespace that is deleted takes all with it.
func TestNamespaceTakesAll(t *testing.T) {
	w := newWorld(t)
	objects := []*unstructured.Unstructured{
		w.make(revision), w.make(fmt.Sprintf(environmentFmt, "", frozen, "")), w.make(promotionTo),
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
	w.must(w.Delete(t.Context(), ns)) // it stays, because nothing here finishes that
	for _, object := range objects {
		for _, user := range []string{namespaces, allControllers} {
			w.until(func() error { return w.as(user).Delete(t.Context(), object, client.DryRunAll) })
		}
		if object.GetKind() != "Promotion" {
			continue
		}
		expect(t, w.as(clerk).Delete(t.Context(), object, client.DryRunAll), mayNotStop)
	}
	expect(t, w.as(clerk).Delete(t.Context(), objects[0], client.DryRunAll), notYour)
}
