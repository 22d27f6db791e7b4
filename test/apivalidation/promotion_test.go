// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import "testing"

func TestPromotionRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "selector and items", manifest: promotionManifest, at: "spec", createOnly: true,
		refused:  []string{"{selector: {matchLabels: {team: a}}, items: [{kind: Workflow, name: welcome}]}"},
		accepted: []string{"{}", "{selector: {matchLabels: {team: a}}}", "{items: [{kind: Workflow, name: welcome}]}"},
		want:     "spec: Invalid value: set either selector or items, or neither for everything that the source describes",
	}, {
		name: "item twice", manifest: promotionManifest, at: "spec.items", createOnly: true,
		refused:  []string{"[{kind: Workflow, name: a}, {kind: Layout, name: a}, {kind: Workflow, name: a}]"},
		accepted: []string{"[{kind: Workflow, name: a}, {kind: Layout, name: a}, {kind: Workflow, name: a, namespace: b}]"},
		want:     "spec.items: Invalid value: an item is listed twice: remove one",
	}, {
		name: "no items", manifest: promotionManifest, at: "spec.items", createOnly: true,
		refused: []string{"[]"}, accepted: []string{"[{kind: Layout, name: a}]", "null"},
		want: "spec.items in body should have at least 1 items",
	}, {
		name: "number of items", manifest: promotionManifest, at: "spec.items", createOnly: true,
		refused: []string{list(201, "{kind: Workflow, name: w%d}")}, accepted: []string{list(200, "{kind: Workflow, name: w%d}"), list(200, "{kind: Workflow, namespace: "+long(63)+", name: "+long(249)+"%d}")},
		want: "spec.items: Too many: 201: must have at most 200 items",
	}, {
		name: "kind of an item", manifest: promotionManifest, at: "spec.items", createOnly: true,
		refused:  []string{"[{kind: Integration, name: mail}]", "[{kind: workflow, name: a}]"},
		accepted: []string{"[{kind: Workflow, name: a}]"},
		want:     `supported values: "Workflow", "Layout"`,
	}, {
		name: "no target", manifest: promotionManifest, at: "spec.targetRef", createOnly: true,
		refused: []string{"null"}, accepted: []string{"{name: staging}"}, want: "spec.targetRef: Required value",
	}})
	checkSelector(t, promotionManifest, "spec.selector", "%s")
}

func TestImmutablePromotion(t *testing.T) {
	t.Parallel()
	const want = "a Promotion is one attempt and its spec never changes, except approvals and abort: create a new Promotion instead"
	checkChanges(t, []change{{
		name: "everything", manifest: promotionManifest, at: "spec", from: "{}", same: []string{"{}"},
		others: []string{
			"{dryRun: true}", "{targetRef: {name: staging}}", "{targetRef: {namespace: elsewhere}}",
			"{selector: {matchLabels: {team: a}}}", "{items: [{kind: Workflow, name: welcome}]}", "{prune: true}",
			"{rollback: {to: Previous}}", "{requestedBy: me}", "{ttlSecondsAfterFinished: 0}",
		}, want: want,
	}, {
		name: "dry run", manifest: promotionManifest, at: "spec", from: "{dryRun: true}", same: []string{"{dryRun: true}"},
		others: []string{"{dryRun: false}", "{dryRun: null}"}, want: want,
	}, {
		name: "items", manifest: promotionManifest, at: "spec.items",
		from: "[{kind: Workflow, name: a}, {kind: Layout, name: b}]", same: []string{"[{kind: Workflow, name: a}, {kind: Layout, name: b}]"},
		others: []string{"null", "[{kind: Workflow, name: a}]", "[{kind: Workflow, name: a}, {kind: Workflow, name: b}]"}, want: want,
	}, {
		name: "selector", manifest: promotionManifest, at: "spec.selector", from: "{matchLabels: {team: a}}",
		same: []string{"{matchLabels: {team: a}}"}, others: []string{"null", "{matchLabels: {team: b}}", "{matchLabels: {tier: a}}"}, want: want,
	}, {
		name: "prune", manifest: promotionManifest, at: "spec.prune", from: "true", same: []string{"true"},
		others: []string{"false", "null"}, want: want,
	}, {
		name: "rollback", manifest: promotionManifest, at: "spec.rollback", from: "{to: Previous}", same: []string{"{to: Previous}"},
		others: []string{"null", "{to: Promotion, promotionRef: {name: release-1}}"}, want: want,
	}, {
		name: "requestedBy", manifest: promotionManifest, at: "spec.requestedBy", from: "me", same: []string{"me"},
		others: []string{"null", "you"}, want: want,
	}, {
		name: "unfitItems", manifest: promotionManifest, at: "spec.unfitItems", from: "LeaveOut", same: []string{"LeaveOut"},
		others: []string{"null", "Refuse"}, want: want,
	}, {
		name: "ttlSecondsAfterFinished", manifest: promotionManifest, at: "spec.ttlSecondsAfterFinished", from: "60", same: []string{"60"},
		others: []string{"null", "0", "61"}, want: want,
	}})
}

// Two plans whose hashes begin alike.
const (
	planA = "0a1b2c3d4e5f0a1b2c3d4e5f0a1b2c3d4e5f0a1b2c3d4e5f0a1b2c3d4e5f0a1b"
	planB = "0a1b2c3d4e5f1a1b2c3d4e5f0a1b2c3d4e5f0a1b2c3d4e5f0a1b2c3d4e5f0a1b"
)

const onlyAdded = "approvals are only added to or renewed, never changed or taken back: "

// Approvals are added while a Promotion waits, and it can be aborted at any time. Neither is taken back.
func TestPromotionOneWay(t *testing.T) {
	t.Parallel()
	const mine, yours = "{user: me, planHash: " + planA + ", comment: fine}", "{user: you, planHash: " + planA + "}"
	const renewed, onceMore = "{user: me, planHash: " + planA + ", comment: fine, renewal: 1}", "{user: me, planHash: " + planA + ", comment: fine, renewal: 2}"
	checkChanges(t, []change{{
		name: "first approval", manifest: promotionManifest, at: "spec.approvals", from: "null",
		same: []string{"null", "[]", "[" + mine + "]", "[" + mine + ", " + yours + "]"},
	}, {
		name: "approvals", manifest: promotionManifest, at: "spec.approvals", from: "[" + mine + ", " + yours + "]",
		same: []string{
			"[" + mine + ", " + yours + "]", "[" + yours + ", " + mine + "]", "[" + renewed + ", " + yours + "]", "[" + mine + ", " + yours + ", {user: me, planHash: " + planB + "}]",
		},
		others: []string{
			"null", "[]", "[" + mine + "]", "[" + yours + "]", "[" + mine + ", {user: you, planHash: " + planB + "}]", "[" + mine + ", {user: they, planHash: " + planA + "}]",
			"[" + yours + ", {user: me, planHash: " + planA + ", comment: other}]", "[" + yours + ", {user: me, planHash: " + planA + "}]",
		},
		want: onlyAdded,
	}, {
		name: "a renewed approval", manifest: promotionManifest, at: "spec.approvals", from: "[" + renewed + "]",
		same:   []string{"[" + renewed + "]", "[" + onceMore + "]", "[" + yours + ", " + onceMore + "]"},
		others: []string{"[" + mine + "]", "[{user: me, planHash: " + planA + ", comment: other, renewal: 2}]", "[{user: me, planHash: " + planA + ", comment: fine, renewal: 3}]"},
		want:   onlyAdded,
	}, {
		name: "abort", manifest: promotionManifest, at: "spec.abort", from: "null", same: []string{"null", "false", "true"},
	}, {
		name: "abort is final", manifest: promotionManifest, at: "spec.abort", from: "true", same: []string{"true"},
		others: []string{"null", "false"},
		want:   "spec.abort: Invalid value: a Promotion that was aborted stays so: create a new Promotion",
	}})
}

func TestApprovalRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "user and plan", manifest: promotionManifest, at: "spec.approvals", createOnly: true,
		refused: []string{"[{user: me}]"}, accepted: []string{"[{user: me, planHash: " + planA + "}]"},
		want: "spec.approvals[0].planHash",
	}, {
		name: "twice", manifest: promotionManifest, at: "spec.approvals", createOnly: true,
		refused:  []string{"[{user: me, planHash: " + planA + "}, {user: me, planHash: " + planA + ", comment: again}]"},
		accepted: []string{"[{user: me, planHash: " + planA + "}, {user: me, planHash: " + planB + "}]"},
		want:     "spec.approvals[1]: Duplicate value",
	}, {
		name: "the whole hash", manifest: promotionManifest, at: "spec.approvals", createOnly: true,
		refused: []string{
			"[{user: me, planHash: 0a1b2c3d4e5f}]", "[{user: me, planHash: 0A" + planA[2:] + "}]", "[{user: me, planHash: x" + planA[1:] + "}]",
			"[{user: me, planHash: \" " + planA[1:] + "\"}]",
		},
		accepted: []string{"[{user: me, planHash: " + planA + "}]"},
		want:     "write the plan's whole hash, 64 hex digits: kubectl get promotions.novu-operator.dev NAME -o jsonpath='{.status.plan.hash}'",
	}, {
		name: "renewal", manifest: promotionManifest, at: "spec.approvals", createOnly: true,
		refused:  []string{"[{user: me, planHash: " + planA + ", renewal: -1}]", "[{user: me, planHash: " + planA + ", renewal: 1001}]"},
		accepted: []string{"[{user: me, planHash: " + planA + ", renewal: 1}]"},
		want:     "spec.approvals[0].renewal in body should be",
	}, {
		name: "a pinned revision", manifest: promotionManifest, at: "spec.items", createOnly: true,
		refused: []string{
			"[{kind: Layout, name: a, revision: 1f2e3d4c5b6a}]", "[{kind: Layout, name: a, revision: v1}]",
			"[{kind: Layout, name: a, revision: F" + planA[1:] + "}]", `[{kind: Layout, name: a, revision: "` + planA[1:] + ` "}]`,
		},
		accepted: []string{"[{kind: Layout, name: a, revision: " + planA + "}]", "[{kind: Layout, name: a}]"},
		want:     "write the whole revision, 64 hex digits",
	}, {
		name: "number", manifest: promotionManifest, at: "spec.approvals", createOnly: true,
		refused: []string{list(65, "{user: u%d, planHash: "+planA+"}")}, accepted: []string{list(64, "{user: u%d, planHash: "+planA+"}")},
		want: "spec.approvals: Too many: 65: must have at most 64 items",
	}})
}

func TestRollbackRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "name of the Promotion to go back to", manifest: promotionManifest, at: "spec.rollback", createOnly: true,
		refused: []string{
			"{to: Promotion, promotionRef: {name: Release}}", "{to: Promotion, promotionRef: {name: a b}}",
			"{to: Promotion, promotionRef: {name: -a}}", "{to: Promotion, promotionRef: {name: shop/release}}",
		},
		accepted: []string{
			"{to: Promotion, promotionRef: {name: previous}}", "{to: Promotion, promotionRef: {name: release-7}}",
			"{to: Promotion, promotionRef: {name: release.7}}",
		},
		want: "write metadata.name of the Promotion to go back to",
	}, {
		name: "what to go back to", manifest: promotionManifest, at: "spec.rollback", createOnly: true,
		refused:  []string{"{to: Previous, promotionRef: {name: release-7}}", "{to: Promotion}"},
		accepted: []string{"{to: Previous}", "{to: Promotion, promotionRef: {name: release-7}}"},
		want:     "to: Promotion needs promotionRef, and only it may have one",
	}, {
		name: "kind of state to go back to", manifest: promotionManifest, at: "spec.rollback", createOnly: true,
		refused: []string{"{to: previous}", "{to: release-7}"}, accepted: []string{"{to: Previous}"}, want: "spec.rollback.to: Unsupported value",
	}, {
		name: "rollback without a state", manifest: promotionManifest, at: "spec.rollback", createOnly: true,
		refused: []string{"{}", "{promotionRef: {name: release-7}}"}, accepted: []string{"{to: Previous}"}, want: "spec.rollback.to: Required value",
	}, {
		name: "rollback and a selection", manifest: promotionManifest, at: "spec", createOnly: true,
		refused: []string{
			"{rollback: {to: Previous}, selector: {matchLabels: {team: a}}}", "{rollback: {to: Previous}, items: [{kind: Layout, name: a}]}",
		},
		accepted: []string{"{rollback: {to: Previous}}", "{rollback: {to: Previous}, prune: true, dryRun: true}"},
		want:     "spec: Invalid value: a rollback restores all that the promotions since have changed: remove selector and items, or promote pinned revisions of single items instead",
	}, {
		name: "time to live", manifest: promotionManifest, at: "spec.ttlSecondsAfterFinished", createOnly: true,
		refused: []string{"-1"}, accepted: []string{"0", "86400"}, want: "spec.ttlSecondsAfterFinished in body should be greater than or equal to 0",
	}})
}
