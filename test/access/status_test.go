// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	notYours = "only the operator writes status"
	gated    = `{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion, metadata: {name: release}, spec: {targetRef: {name: production}},
  status: {phase: Waiting, gates: [{name: soak, open: false}], conditions: [` + soaking + `, ` + failed + `]}}`
	soaking = `{type: GatesPassed, status: "False", reason: Soaking, message: "", lastTransitionTime: "2026-11-22T10:00:00Z"}`
	failed  = `{type: load-test.example.com/Passed, status: "False", reason: Failed, message: "", lastTransitionTime: "2026-11-22T10:00:00Z"}`
	passed  = `{type: load-test.example.com/Passed, status: "True", reason: Passed, message: "", lastTransitionTime: "2026-11-22T10:00:00Z"}`
	other   = `{type: scan.example.com/Clean, status: "True", reason: Clean, message: "", lastTransitionTime: "2026-11-22T10:00:00Z"}`
	forged  = `{type: GatesPassed, status: "True", reason: GatesPassed, message: "", lastTransitionTime: "2026-11-22T10:00:00Z"}`
	posing  = `{type: novu-operator.dev/Passed, status: "True", reason: Passed, message: "", lastTransitionTime: "2026-11-22T10:00:00Z"}`
)

var statusAttempts = []attempt{
	{"set one's condition", clerk, mergePatch, `{status: {conditions: [` + soaking + `, ` + passed + `]}}`, true, ""},
	{"set one's condition", clerk, jsonPatch, `[{op: replace, path: /status/conditions/1/status, value: "True"}]`, true, ""},
	{"set one's condition", clerk, serverApply, `{status: {conditions: [` + passed + `]}}`, true, ""},
	{"set one's condition", clerk, replace, `{status: {conditions: [` + passed + `, ` + soaking + `]}}`, true, ""},
	{"add a condition", clerk, serverApply, `{status: {conditions: [` + other + `]}}`, true, ""},
	{"take one's condition away", clerk, jsonPatch, `[{op: remove, path: /status/conditions/1}]`, true, ""},
	{"open the gates", clerk, serverApply, `{status: {conditions: [` + forged + `]}}`, true, notYours},
	{"open the gates", "promoter", mergePatch, `{status: {conditions: [` + forged + `, ` + failed + `]}}`, true, notYours},
	{"open the gates beside one's condition", clerk, mergePatch, `{status: {conditions: [` + forged + `, ` + passed + `]}}`, true, notYours},
	{"forget the gates", clerk, mergePatch, `{status: {conditions: [` + passed + `]}}`, true, notYours},
	{"pose as the operator", clerk, serverApply, `{status: {conditions: [` + posing + `]}}`, true, notYours},
	{"a condition that Kubernetes knows", clerk, jsonPatch, `[{op: add, path: /status/conditions/-, value: {type: Ready, status: "True", reason: R, message: "", lastTransitionTime: "2026-11-22T10:00:00Z"}}]`, true, notYours},
	{"open a gate", clerk, jsonPatch, `[{op: replace, path: /status/gates/0/open, value: true}]`, true, notYours},
	{"another phase", clerk, mergePatch, `{status: {phase: Succeeded}}`, true, notYours},
	{"another field", clerk, mergePatch, `{status: {restoresRef: {name: other, namespace: novu}}}`, true, notYours},
	{"forget a field", clerk, mergePatch, `{status: {gates: null}}`, true, notYours},
	{"forget it all", clerk, replace, `{status: null}`, true, notYours},
	{"forget it all", "promoter", mergePatch, `{status: null}`, true, notYours},
	{"as the operator", operator, mergePatch, `{status: {phase: Succeeded, conditions: [` + forged + `]}}`, true, ""},
	{"beside spec", clerk, mergePatch, `{spec: {abort: true}, status: {conditions: [` + soaking + `, ` + passed + `]}}`, true, ""},
}

func TestChangeStatus(t *testing.T) {
	w := newWorld(t)
	promotion := w.make(gated)
	for _, a := range statusAttempts {
		t.Run(a.user+" "+a.way+" "+a.name, func(t *testing.T) { expect(t, w.try(promotion, a, client.DryRunAll), a.want) })
	}
}

// A Promotion that has no status yet takes conditions of others, and no more.
func TestFirstStatus(t *testing.T) {
	w := newWorld(t)
	promotion := w.make(promotionTo)
	for _, a := range []attempt{
		{"a condition", clerk, serverApply, `{status: {conditions: [` + passed + `]}}`, true, ""},
		{"open the gates", clerk, serverApply, `{status: {conditions: [` + forged + `]}}`, true, notYours},
		{"a phase", clerk, mergePatch, `{status: {phase: Succeeded}}`, true, notYours},
	} {
		t.Run(a.name, func(t *testing.T) { expect(t, w.try(promotion, a, client.DryRunAll), a.want) })
	}
}

// What goes through the status subresource reaches nothing but status, whatever else the request says.
func TestStatusReachesNothingElse(t *testing.T) {
	w := newWorld(t)
	promotion := w.make(gated)
	w.must(w.try(promotion, attempt{
		user: clerk, way: mergePatch, status: true, change: `{metadata: {labels: {novu-operator.dev/automatic: a}, finalizers: [a.b/c],
  ownerReferences: [{apiVersion: novu-operator.dev/v1alpha1, kind: Environment, name: e, uid: u}]},
  spec: {abort: true, approvals: [{user: first, planHash: ` + h1 + `}]}, status: {conditions: [` + soaking + `, ` + passed + `]}}`,
	}))
	before := promotion.DeepCopy()
	w.must(w.Get(t.Context(), client.ObjectKeyFromObject(promotion), promotion))
	if promotion.GetGeneration() != before.GetGeneration() || len(promotion.GetLabels())+len(promotion.GetFinalizers())+len(promotion.GetOwnerReferences()) > 0 {
		t.Errorf("more than status has changed: %v", promotion.Object)
	}
}

// What status says is live in a target is what the operator writes there again, to correct drift or to have Novu judge it once more:
// only the operator says it.
func TestWhatIsLiveIsNotForged(t *testing.T) {
	w := newWorld(t)
	const live = `{environment: production, namespace: novu, revision: r1, remoteHash: h1}`
	for _, manifest := range []string{
		`{apiVersion: novu-operator.dev/v1alpha1, kind: Workflow, metadata: {name: a}, spec: {environmentRef: {name: dev}, name: A}, status: {environments: [` + live + `]}}`,
		`{apiVersion: novu-operator.dev/v1alpha1, kind: Layout, metadata: {name: a}, spec: {environmentRef: {name: dev}, name: A, body: "<html><body>{{content}}</body></html>"}, status: {environments: [` + live + `]}}`,
	} {
		object := w.make(manifest)
		for _, a := range []attempt{
			{"another revision", clerk, jsonPatch, `[{op: replace, path: /status/environments/0/revision, value: r2}]`, true, notYours},
			{"another hash", "promoter", jsonPatch, `[{op: replace, path: /status/environments/0/remoteHash, value: h2}]`, true, notYours},
			{"another target", clerk, serverApply, `{status: {environments: [{environment: staging, namespace: novu, revision: r1}]}}`, true, notYours},
			{"nowhere", clerk, mergePatch, `{status: {environments: null, observedGeneration: 1}}`, true, notYours},
			{"asks for a comparison", clerk, mergePatch, `{metadata: {annotations: {novu-operator.dev/requested-at: now}}}`, false, ""},
			{"as the operator", operator, jsonPatch, `[{op: replace, path: /status/environments/0/revision, value: r2}]`, true, ""},
		} {
			t.Run(object.GetKind()+" "+a.user+" "+a.way+" "+a.name, func(t *testing.T) { expect(t, w.try(object, a, client.DryRunAll), a.want) })
		}
	}
}

func TestStatusOfOtherKinds(t *testing.T) {
	w := newWorld(t)
	for _, manifest := range []string{
		production,
		`{apiVersion: novu-operator.dev/v1alpha1, kind: Workflow, metadata: {name: a}, spec: {environmentRef: {name: dev}, name: A}}`,
		`{apiVersion: novu-operator.dev/v1alpha1, kind: Layout, metadata: {name: a}, spec: {environmentRef: {name: dev}, name: A, body: "<html><body>{{content}}</body></html>"}}`,
		`{apiVersion: novu-operator.dev/v1alpha1, kind: Integration, metadata: {name: a}, spec: {environmentRef: {name: dev}, providerID: sendgrid, channel: Email}}`,
	} {
		object := w.make(manifest)
		for _, a := range []attempt{
			{"a condition", clerk, serverApply, `{status: {conditions: [` + passed + `]}}`, true, notYours},
			{"a field", clerk, mergePatch, `{status: {observedGeneration: 9}}`, true, notYours},
			{"a field", "promoter", replace, `{status: {observedGeneration: 9}}`, true, notYours},
			{"as the operator", operator, serverApply, `{status: {observedGeneration: 9}}`, true, ""},
		} {
			t.Run(object.GetKind()+" "+a.way+" "+a.name, func(t *testing.T) { expect(t, w.try(object, a, client.DryRunAll), a.want) })
		}
	}
}
