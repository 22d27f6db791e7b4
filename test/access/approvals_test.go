// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Two plans whose hashes begin alike.
const (
	h1 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1"
	h2 = "aaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// waiting is a Promotion that waits for approvals.
const waiting = `{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion,
  metadata: {name: release, labels: {novu-operator.dev/automatic: a, team: b}, annotations: {novu-operator.dev/ended: Succeeded}, finalizers: [example.com/x],
    ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: c, uid: d}]},
  spec: {targetRef: {name: production}},
  status: {phase: Waiting, plan: {hash: ` + h1 + `, create: 0, update: 1, delete: 0, unchanged: 0, refused: 0}}}`

// onlyAdded is what the definition says, before any policy is asked.
const onlyAdded = "approvals are only added to or renewed, never changed or taken back"

const first = `{user: first, planHash: ` + h1 + `, comment: fine}`

var approvalAttempts = []attempt{
	{"approve", "approver", mergePatch, `{spec: {approvals: [` + first + `, {user: approver, planHash: ` + h1 + `}]}}`, false, ""},
	{"approve", "approver", jsonPatch, `[{op: add, path: /spec/approvals/-, value: {user: approver, planHash: ` + h1 + `}}]`, false, ""},
	{"approve", "approver", replace, `{spec: {approvals: [` + first + `, {user: approver, planHash: ` + h1 + `}]}}`, false, ""},
	{"approve", "approver", serverApply, `{spec: {approvals: [{user: approver, planHash: ` + h1 + `}]}}`, false, ""},
	{"approve another plan", "approver", serverApply, `{spec: {approvals: [{user: approver, planHash: ` + h2 + `}]}}`, false, ""},
	{"approve without the verb", "promoter", mergePatch, `{spec: {approvals: [` + first + `, {user: promoter, planHash: ` + h1 + `}]}}`, false, mayNotApprove},
	{"approve without the verb", clerk, jsonPatch, `[{op: add, path: /spec/approvals/-, value: {user: clerk, planHash: ` + h1 + `}}]`, false, mayNotApprove},
	{"approve without the verb", clerk, replace, `{spec: {approvals: [` + first + `, {user: clerk, planHash: ` + h1 + `}]}}`, false, mayNotApprove},
	{"approve without the verb", clerk, serverApply, `{spec: {approvals: [{user: clerk, planHash: ` + h1 + `}]}}`, false, mayNotApprove},
	{"in another's name", "approver", mergePatch, `{spec: {approvals: [` + first + `, {user: second, planHash: ` + h1 + `}]}}`, false, inAnothersName + "approver"},
	{"in another's name", "approver", jsonPatch, `[{op: add, path: /spec/approvals/-, value: {user: second, planHash: ` + h1 + `}}]`, false, inAnothersName},
	{"in another's name", "approver", replace, `{spec: {approvals: [` + first + `, {user: second, planHash: ` + h1 + `}]}}`, false, inAnothersName},
	{"in another's name", "approver", serverApply, `{spec: {approvals: [{user: second, planHash: ` + h1 + `}]}}`, false, inAnothersName},
	{"in two names", "approver", serverApply, `{spec: {approvals: [{user: approver, planHash: ` + h1 + `}, {user: second, planHash: ` + h1 + `}]}}`, false, inAnothersName},
	{"in the operator's name", operator, serverApply, `{spec: {approvals: [{user: second, planHash: ` + h1 + `}]}}`, false, inAnothersName},
	{"another's for another plan", "approver", serverApply, `{spec: {approvals: [{user: first, planHash: ` + h2 + `}]}}`, false, inAnothersName},
	{"with a finalizer", "approver", mergePatch, `{metadata: {finalizers: [a.b/c]}, spec: {approvals: [` + first + `, {user: second, planHash: ` + h1 + `}]}}`, false, inAnothersName},
	{"change another's", "approver", mergePatch, `{spec: {approvals: [{user: first, planHash: ` + h2 + `}]}}`, false, onlyAdded},
	{"change another's comment", "approver", jsonPatch, `[{op: replace, path: /spec/approvals/0/comment, value: poor}]`, false, onlyAdded},
	{"change another's comment", "first", serverApply, `{spec: {approvals: [{user: first, planHash: ` + h1 + `, comment: poor}]}}`, false, onlyAdded},
	{"take another's", "approver", jsonPatch, `[{op: replace, path: /spec/approvals/0/user, value: approver}]`, false, onlyAdded},
	{"renew", "first", jsonPatch, `[{op: add, path: /spec/approvals/0/renewal, value: 1}]`, false, ""},
	{"renew", "first", mergePatch, `{spec: {approvals: [{user: first, planHash: ` + h1 + `, comment: fine, renewal: 1}]}}`, false, ""},
	{"renew", "first", serverApply, `{spec: {approvals: [{user: first, planHash: ` + h1 + `, comment: fine, renewal: 1}]}}`, false, ""},
	{"renew by two", "first", jsonPatch, `[{op: add, path: /spec/approvals/0/renewal, value: 2}]`, false, onlyAdded},
	{"renew another's", "approver", jsonPatch, `[{op: add, path: /spec/approvals/0/renewal, value: 1}]`, false, inAnothersName + "approver"},
	{"renew another's", "approver", mergePatch, `{spec: {approvals: [{user: first, planHash: ` + h1 + `, comment: fine, renewal: 1}]}}`, false, inAnothersName},
	{"renew another's", "approver", replace, `{spec: {approvals: [{user: first, planHash: ` + h1 + `, comment: fine, renewal: 1}]}}`, false, inAnothersName},
	{"renew another's", "approver", serverApply, `{spec: {approvals: [{user: first, planHash: ` + h1 + `, comment: fine, renewal: 1}]}}`, false, inAnothersName},
	{"renew another's and approve", "approver", mergePatch, `{spec: {approvals: [{user: first, planHash: ` + h1 + `, comment: fine, renewal: 1}, {user: approver, planHash: ` + h1 + `}]}}`, false, inAnothersName},
	{"renew another's without the verb", clerk, jsonPatch, `[{op: add, path: /spec/approvals/0/renewal, value: 1}]`, false, inAnothersName},
	{"renew in the operator's name", operator, jsonPatch, `[{op: add, path: /spec/approvals/0/renewal, value: 1}]`, false, inAnothersName},
	{"remove another's", "approver", mergePatch, `{spec: {approvals: []}}`, false, onlyAdded},
	{"remove all", "approver", mergePatch, `{spec: {approvals: null}}`, false, onlyAdded},
	{"remove all", "approver", replace, `{spec: {approvals: null}}`, false, onlyAdded},
	{"through status", "approver", mergePatch, `{spec: {approvals: [` + first + `, {user: second, planHash: ` + h1 + `}]}, status: {approvals: [{user: second, planHash: ` + h1 + `, firstSeenTime: "2026-11-22T10:00:00Z"}]}}`, true, "only the operator writes status"},
	{"through status", "approver", serverApply, `{status: {approvals: [{user: second, planHash: ` + h1 + `, firstSeenTime: "2026-11-22T10:00:00Z"}]}}`, true, "only the operator writes status"},
	{"abort", "promoter", mergePatch, `{spec: {abort: true}}`, false, ""},
	{"abort", "returner", serverApply, `{spec: {abort: true}}`, false, ""},
	{"abort", "approver", jsonPatch, `[{op: add, path: /spec/abort, value: true}]`, false, ""},
	{"abort without a verb", clerk, mergePatch, `{spec: {abort: true}}`, false, mayNotStop},
	{"abort without a verb", "resumer", serverApply, `{spec: {abort: true}}`, false, mayNotStop},
	{"abort without a verb", clerk, replace, `{spec: {abort: true}}`, false, mayNotStop},
	{"give it to an Environment", "promoter", jsonPatch, `[{op: add, path: /metadata/ownerReferences/-, value: {apiVersion: novu-operator.dev/v1alpha1, kind: Environment, name: production, uid: e, controller: true}}]`, false, "only the operator makes"},
	{"another owner", "promoter", jsonPatch, `[{op: add, path: /metadata/ownerReferences/-, value: {apiVersion: v1, kind: ConfigMap, name: e, uid: e}}]`, false, ""},
	{"the operator's label", "promoter", mergePatch, `{metadata: {labels: {novu-operator.dev/automatic: c}}}`, false, "labels of Promotions"},
	{"remove the operator's label", "promoter", mergePatch, `{metadata: {labels: {novu-operator.dev/automatic: null}}}`, false, "labels of Promotions"},
	{"remove all labels", "promoter", mergePatch, `{metadata: {labels: null}}`, false, "labels of Promotions"},
	{"the operator's annotation", "promoter", mergePatch, `{metadata: {annotations: {novu-operator.dev/outcome: c}}}`, false, "annotations of Promotions"},
	{"remove the operator's annotation", clerk, mergePatch, `{metadata: {annotations: {novu-operator.dev/ended: null}}}`, false, "annotations of Promotions"},
	{"remove all annotations", "promoter", jsonPatch, `[{op: remove, path: /metadata/annotations}]`, false, "annotations of Promotions"},
	{"ask for a look", clerk, mergePatch, `{metadata: {annotations: {novu-operator.dev/requested-at: now}}}`, false, ""},
	{"the operator's annotation", operator, mergePatch, `{metadata: {annotations: {novu-operator.dev/ended: null}}}`, false, ""},
	{"another label", clerk, mergePatch, `{metadata: {labels: {team: c}, annotations: {a: b}, finalizers: []}}`, false, ""},
}

func TestChangePromotion(t *testing.T) {
	w := newWorld(t)
	promotion := w.make(waiting)
	approval := attempt{user: "first", way: mergePatch, change: `{spec: {approvals: [` + first + `]}}`}
	w.must(w.try(promotion, approval))
	w.must(w.Get(t.Context(), client.ObjectKeyFromObject(promotion), promotion))
	for _, a := range approvalAttempts {
		t.Run(a.user+" "+a.way+" "+a.name, func(t *testing.T) { expect(t, w.try(promotion, a, client.DryRunAll), a.want) })
	}
}
