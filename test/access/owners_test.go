// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// dangling is an owner that does not exist: the garbage collector deletes what it owns at once.
	dangling = `{apiVersion: v1, kind: ConfigMap, name: gone, uid: 11111111-2222-4333-8444-555555555555%s}`
	// patcher may create and change every object and delete none; remover may delete as well.
	patcher, remover = "patcher", "remover"

	mayNotOwn   = "an owner has "
	workflow    = `{apiVersion: novu-operator.dev/v1alpha1, kind: Workflow, metadata: {name: a%s}, spec: {environmentRef: {name: dev}, name: A}}`
	layout      = `{apiVersion: novu-operator.dev/v1alpha1, kind: Layout, metadata: {name: a%s}, spec: {environmentRef: {name: dev}, name: A, body: "<html><body>{{content}}</body></html>"}}`
	integration = `{apiVersion: novu-operator.dev/v1alpha1, kind: Integration, metadata: {name: a%s}, spec: {environmentRef: {name: dev}, providerID: sendgrid, channel: Email}}`
	rehearsal   = `{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion, metadata: {name: plan%s}, spec: {targetRef: {name: production}, dryRun: true}}`
	target      = `{apiVersion: novu-operator.dev/v1alpha1, kind: Environment, metadata: {name: target%s}, spec: {secretKeyRef: {name: key}}}`
)

// newStrictWorld is a namespace in which nobody may do anything but patcher and remover.
func newStrictWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "access-"}}
	w.must(w.Create(t.Context(), ns))
	w.namespace = ns.Name
	write := rbacv1.PolicyRule{APIGroups: []string{"novu-operator.dev"}, Verbs: []string{"create", "get", "update", "patch"}, Resources: []string{"*"}}
	w.grant(patcher, rbacv1.UserKind, write)
	w.grant(remover, rbacv1.UserKind, write, rbacv1.PolicyRule{
		APIGroups: []string{"novu-operator.dev"}, Verbs: []string{"delete"}, Resources: []string{"*"},
	})
	w.until(func() error { return w.allows(patcher, "create") })
	w.until(func() error { return w.allows(remover, "delete") })
	return w
}

// Who may not delete an object may not have it deleted by the garbage collector either, nor make it with such an owner.
func TestOwners(t *testing.T) {
	w := newStrictWorld(t)
	for _, manifest := range []string{workflow, layout, integration, rehearsal, target} {
		object := w.make(fmt.Sprintf(manifest, ""))
		for _, flags := range []string{"", ", controller: true", ", blockOwnerDeletion: true"} {
			owner := fmt.Sprintf(dangling, flags)
			for user, want := range map[string]string{patcher: mayNotOwn, remover: ""} {
				t.Run(object.GetKind()+" "+user+flags, func(t *testing.T) {
					fresh := w.object(fmt.Sprintf(manifest, ", ownerReferences: ["+owner+"]"))
					fresh.SetName("fresh")
					expect(t, w.as(user).Create(t.Context(), fresh, client.DryRunAll), want)
					for _, a := range []attempt{
						{way: mergePatch, change: `{metadata: {ownerReferences: [` + owner + `]}}`},
						{way: jsonPatch, change: `[{op: add, path: /metadata/ownerReferences, value: [` + owner + `]}]`},
						{way: serverApply, change: `{metadata: {ownerReferences: [` + owner + `]}}`},
						{way: replace, change: `{metadata: {ownerReferences: [` + owner + `]}}`},
					} {
						a.user = user
						expect(t, w.try(object, a, client.DryRunAll), want)
					}
				})
			}
		}
		t.Run(object.GetKind()+" without an owner", func(t *testing.T) {
			fresh := w.object(fmt.Sprintf(manifest, ""))
			fresh.SetName("fresh")
			expect(t, w.as(patcher).Create(t.Context(), fresh, client.DryRunAll), "")
		})
	}
}

// An owner that is there may be left alone or taken off, but not changed into something else.
func TestChangedOwners(t *testing.T) {
	w := newStrictWorld(t)
	object := w.make(fmt.Sprintf(workflow, ", ownerReferences: ["+fmt.Sprintf(dangling, "")+"]"))
	for _, a := range []attempt{
		{"something else", patcher, mergePatch, `{metadata: {labels: {a: b}}}`, false, ""},
		{"none", patcher, mergePatch, `{metadata: {ownerReferences: []}}`, false, ""},
		{"another uid", patcher, jsonPatch, `[{op: replace, path: /metadata/ownerReferences/0/uid, value: other}]`, false, mayNotOwn},
		{"in its way", patcher, jsonPatch, `[{op: add, path: /metadata/ownerReferences/0/blockOwnerDeletion, value: true}]`, false, mayNotOwn},
	} {
		t.Run(a.name, func(t *testing.T) { expect(t, w.try(object, a, client.DryRunAll), a.want) })
	}
}

// Of a Promotion that has not ended, and of an Environment that is frozen or held, an owner takes more than the right to delete.
func TestOwnersOfWhatMustStay(t *testing.T) {
	w := newWorld(t)
	owner := `[{op: add, path: /metadata/ownerReferences, value: [` + fmt.Sprintf(dangling, "") + `]}]`
	const ended = `, status: {completionTime: "2026-11-22T10:00:00Z"}}`
	for _, test := range []struct{ name, manifest, user, want string }{
		{"under way", promotionTo, clerk, "an owner has the Promotion deleted with it"},
		{"under way, as promoter", promotionTo, "promoter", ""},
		{"ended", promotionTo[:len(promotionTo)-1] + ended, clerk, ""},
		{"frozen", fmt.Sprintf(environmentFmt, "", frozen, ""), clerk, "an owner would take the freeze"},
		{"frozen, as resumer", fmt.Sprintf(environmentFmt, "", frozen, ""), "resumer", ""},
		{"held", fmt.Sprintf(environmentFmt, "", free, hold), "promoter", "an owner would take the freeze"},
		{"free", fmt.Sprintf(environmentFmt, "", free, ""), clerk, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			object := w.make(test.manifest)
			expect(t, w.try(object, attempt{user: test.user, way: jsonPatch, change: owner}, client.DryRunAll), test.want)
			w.must(w.Delete(t.Context(), object))
		})
	}
	t.Run("new, with an owner", func(t *testing.T) {
		promotion := w.object(fmt.Sprintf(promotionFmt, ", ownerReferences: ["+fmt.Sprintf(dangling, "")+"]", ""))
		expect(t, w.as("promoter").Create(t.Context(), promotion, client.DryRunAll), "")
	})
}

// The garbage collector takes nothing away that is frozen or held, under whichever name it runs, however the owner came there.
func TestGarbageCollectorAndFreeze(t *testing.T) {
	w := newWorld(t)
	for _, state := range []struct{ spec, status string }{{frozen, ""}, {free, hold}} {
		environment := w.make(fmt.Sprintf(environmentFmt, ", ownerReferences: ["+fmt.Sprintf(dangling, "")+"]", state.spec, state.status))
		for _, user := range []string{collector, namespaces, "system:kube-controller-manager"} {
			expect(t, w.as(user).Delete(t.Context(), environment, client.DryRunAll), mayNotDelete)
		}
		w.must(w.Delete(t.Context(), environment))
	}
	environment := w.make(fmt.Sprintf(environmentFmt, "", free, ""))
	expect(t, w.as(collector).Delete(t.Context(), environment, client.DryRunAll), "")
	w.must(w.Delete(t.Context(), environment))
}

// The operator's finalizers are its own, those of others are not.
func TestFinalizers(t *testing.T) {
	w := newWorld(t)
	const finalizers = `, finalizers: [novu-operator.dev/finalizer, example.com/x]`
	for name, manifest := range map[string]string{
		"Environment": fmt.Sprintf(environmentFmt, finalizers, free, ""), "Promotion": fmt.Sprintf(promotionFmt, finalizers, ""),
	} {
		object := w.make(manifest)
		for _, a := range []attempt{
			{"take all off", clerk, mergePatch, `{metadata: {finalizers: null}}`, false, "finalizer"},
			{"take the operator's off", "resumer", mergePatch, `{metadata: {finalizers: [example.com/x]}}`, false, "finalizer"},
			{"take the other off", clerk, mergePatch, `{metadata: {finalizers: [novu-operator.dev/finalizer]}}`, false, ""},
			{"add one", clerk, jsonPatch, `[{op: add, path: /metadata/finalizers/-, value: example.com/y}]`, false, ""},
			{"take all off", operator, mergePatch, `{metadata: {finalizers: null}}`, false, ""},
			{"take all off", collector, mergePatch, `{metadata: {finalizers: null}}`, false, ""},
		} {
			t.Run(name+" "+a.user+" "+a.name, func(t *testing.T) { expect(t, w.try(object, a, client.DryRunAll), a.want) })
		}
		object.SetFinalizers(nil)
		w.must(w.Update(t.Context(), object))
		w.must(w.Delete(t.Context(), object))
	}
}
