package access

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	revision = `{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: production-1, labels: {novu-operator.dev/target: production}}, revision: 1, data: {a: b}}`
	notYour  = "only the operator writes and deletes the record of what was promoted"

	collector  = "system:serviceaccount:kube-system:generic-garbage-collector"
	namespaces = "system:serviceaccount:kube-system:namespace-controller"
)

func TestCreateRevision(t *testing.T) {
	w := newWorld(t)
	foreign := strings.Replace(revision, "novu-operator.dev/target", "app", 1)
	tests := []struct{ name, user, manifest, want string }{
		{"as the operator", operator, revision, ""},
		{"as an editor", clerk, revision, notYour},
		{"as a promoter", "promoter", revision, notYour},
		{"as the garbage collector", collector, revision, notYour},
		{"of something else", clerk, foreign, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, w.as(test.user).Create(t.Context(), w.object(test.manifest), client.DryRunAll), test.want)
		})
	}
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
		{"owner that is gone", collector, mergePatch, `{metadata: {ownerReferences: []}}`, false, ""},
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
		{"as the garbage collector", collector, ""},
		{"with its namespace", namespaces, ""},
		{"by the controllers in one", "system:kube-controller-manager", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, w.as(test.user).Delete(t.Context(), record, client.DryRunAll), test.want)
			expect(t, w.as(test.user).DeleteAllOf(t.Context(), record, client.InNamespace(w.namespace), client.DryRunAll), test.want)
		})
	}
}
