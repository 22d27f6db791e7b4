// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// targetManifest is the smallest promotion target.
const targetManifest = `{kind: Environment, metadata: {name: example}, spec: {secretKeyRef: {name: novu}, promotionPolicy: {sourceRef: {name: development}}}}`

func TestTargetTimes(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "soak", manifest: targetManifest, at: "spec.promotionPolicy.soak",
		refused: []string{"-1h", "1d", "a day", `""`, "8760h0m1s"}, accepted: []string{"24h", "0s", "8760h", "1h30m", "0.5h"},
		want: "soak is a duration of at most 8760h, for example 24h",
	}, {
		name: "timeout", manifest: targetManifest, at: "spec.promotionPolicy.timeout",
		refused: []string{"59s", "25h", "-1h", "1d", "0s"}, accepted: []string{"1h", "1m", "24h", "90s"},
		want: "timeout must be between 1m and 24h, for example 1h",
	}, {
		name: "expiry of approvals", manifest: targetManifest, at: "spec.promotionPolicy.approvals",
		refused:  []string{"{required: 1, expireAfter: 59s}", "{required: 1, expireAfter: 8761h}", "{required: 1, expireAfter: 3d}"},
		accepted: []string{"{required: 1, expireAfter: 72h}", "{required: 1, expireAfter: 1m}"},
		want:     "expireAfter must be between 1m and 8760h, for example 72h",
	}, {
		name: "end of a freeze", manifest: targetManifest, at: "spec.promotionPolicy.freeze",
		refused: []string{
			"{reason: launch, endTime: tomorrow}", `{reason: launch, endTime: "2026-11-24"}`, `{reason: launch, endTime: "2026-11-24T12:00:00"}`,
			`{reason: launch, endTime: "2026-02-30T12:00:00Z"}`, `{reason: launch, endTime: "2026-11-24T24:00:00Z"}`,
		},
		accepted: []string{
			`{reason: launch, endTime: "2026-11-24T12:00:00Z"}`, `{reason: launch, endTime: "2026-11-24T12:00:00.5+02:00"}`,
			`{reason: launch, endTime: "2028-02-29T23:59:59-09:30"}`,
		},
		want: "spec.promotionPolicy.freeze.endTime in body must be of type date-time",
	}, {
		name: "end of a freeze long ago", manifest: targetManifest, at: "spec.promotionPolicy.freeze",
		refused: []string{`{reason: launch, endTime: "1999-12-31T23:59:59Z"}`}, accepted: []string{`{reason: launch, endTime: "2000-01-01T00:00:01Z"}`},
		want: "endTime is a time with its time zone, for example 2026-12-01T08:00:00Z",
	}, {
		name: "reason of a freeze", manifest: targetManifest, at: "spec.promotionPolicy.freeze",
		refused: []string{"{}", `{reason: ""}`}, accepted: []string{"{reason: launch}"}, want: "spec.promotionPolicy.freeze.reason",
	}})
}

// The format date-time lets more pass than Go can read, lists among it. One such object would blind the operator to all.
func TestEndOfFreezeIsReadable(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for _, value := range []string{"[]", "[a]", `"2026-11-24t12:00:00z"`, `"2026-11-24T12:00:00+99:99"`} {
		object := edit(t, targetManifest, "spec.promotionPolicy.freeze", "{reason: launch, endTime: "+value+"}")
		object.SetNamespace(namespace)
		err := strict.Create(t.Context(), object, client.DryRunAll)
		if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "endTime is a time with its time zone") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestTargetWindows(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "schedule", manifest: targetManifest, at: "spec.promotionPolicy.windows",
		refused: []string{
			`[{kind: Allow, duration: 8h, schedule: "0 9 * *"}]`, `[{kind: Allow, duration: 8h, schedule: "0 0 9 * * MON"}]`,
			`[{kind: Allow, duration: 8h, schedule: "@daily"}]`,
		},
		accepted: []string{`[{kind: Allow, duration: 8h, schedule: "0 9 * * MON-THU"}]`, `[{kind: Deny, duration: 8h, schedule: "0  9 1,15 * *"}]`},
		want:     "schedule has five fields, minute, hour, day of month, month and day of week, for example 0 9 * * MON-THU",
	}, {
		name: "duration", manifest: targetManifest, at: "spec.promotionPolicy.windows",
		refused:  []string{`[{kind: Deny, duration: 0s, schedule: "0 9 * * *"}]`, `[{kind: Deny, duration: 745h, schedule: "0 9 * * *"}]`},
		accepted: []string{`[{kind: Deny, duration: 1m, schedule: "0 9 * * *"}]`, `[{kind: Deny, duration: 744h, schedule: "0 9 * * *"}]`},
		want:     "duration must be between 1m and 744h, for example 8h",
	}, {
		name: "time zone", manifest: targetManifest, at: "spec.promotionPolicy.windows",
		refused: []string{
			`[{kind: Allow, duration: 8h, schedule: "0 9 * * *", timeZone: Local}]`,
			`[{kind: Allow, duration: 8h, schedule: "0 9 * * *", timeZone: "+02:00"}]`,
			`[{kind: Allow, duration: 8h, schedule: "0 9 * * *", timeZone: Europe / Berlin}]`,
		},
		accepted: []string{
			`[{kind: Allow, duration: 8h, schedule: "0 9 * * *", timeZone: Europe/Berlin}]`,
			`[{kind: Allow, duration: 8h, schedule: "0 9 * * *", timeZone: Etc/GMT+2}]`,
		},
		want: "timeZone is the IANA name of a time zone, for example Europe/Berlin or UTC",
	}})
}

func TestTargetGates(t *testing.T) {
	t.Parallel()
	const api = "{as: api, apiVersion: apps/v1, kind: Deployment, name: orders-api}"
	checkRules(t, []rule{{
		name: "name", manifest: targetManifest, at: "spec.promotionPolicy.gates",
		refused: []string{
			`[{name: Load, expression: "true"}]`, `[{name: order, expression: "true"}]`, `[{name: approvals, expression: "true"}]`,
			`[{name: a.b, expression: "true"}]`,
		},
		accepted: []string{`[{name: load-test, expression: "true"}]`, `[{name: orders, expression: "true"}]`},
		want:     "name is made of lower case letters, digits and '-', and not one of order, soak, window, freeze, source and approvals",
	}, {
		name: "expression or condition", manifest: targetManifest, at: "spec.promotionPolicy.gates",
		refused:  []string{`[{name: a}]`, `[{name: a, expression: "true", conditionType: example.com/Passed}]`},
		accepted: []string{`[{name: a, conditionType: example.com/Passed}]`, "[{name: a, objects: [" + api + "], expression: has(objects.api)}]"},
		want:     "set either expression, with the objects that it is about, or conditionType",
	}, {
		name: "condition and objects", manifest: targetManifest, at: "spec.promotionPolicy.gates",
		refused:  []string{"[{name: a, conditionType: example.com/Passed, objects: [" + api + "]}]"},
		accepted: []string{`[{name: a, conditionType: example.com/Passed}]`},
		want:     "objects belong to an expression: remove them or conditionType",
	}, {
		name: "condition of a third party", manifest: targetManifest, at: "spec.promotionPolicy.gates",
		refused:  []string{`[{name: a, conditionType: Ready}]`, `[{name: a, conditionType: /Passed}]`, `[{name: a, conditionType: example.com/}]`, `[{name: a, conditionType: a/b/c}]`},
		accepted: []string{`[{name: a, conditionType: load-test.example.com/Passed}]`, `[{name: a, conditionType: team/Passed_2}]`},
		want:     "conditionType has a domain of yours in front, for example load-test.example.com/Passed, so that it is not taken for one of the operator's own",
	}, {
		name: "name of an object in the expression", manifest: targetManifest, at: "spec.promotionPolicy.gates",
		refused: []string{
			`[{name: a, expression: "true", objects: [{as: orders-api, apiVersion: v1, kind: Service, name: a}]}]`,
			`[{name: a, expression: "true", objects: [{as: Api, apiVersion: v1, kind: Service, name: a}]}]`,
		},
		accepted: []string{`[{name: a, expression: "true", objects: [{as: ordersApi_2, apiVersion: v1, kind: Service, name: a}]}]`},
		want:     "as begins with a small letter and is made of letters, digits and '_'",
	}, {
		name: "no Secrets", manifest: targetManifest, at: "spec.promotionPolicy.gates",
		refused: []string{
			`[{name: a, expression: "true", objects: [{as: key, apiVersion: v1, kind: Secret, name: key}]}]`,
			`[{name: a, expression: "true", objects: [{as: key, apiVersion: v1, kind: secret, name: key}]}]`, // finds them, too
		},
		accepted: []string{`[{name: a, expression: "true", objects: [{as: map, apiVersion: v1, kind: ConfigMap, name: map}]}]`},
		want:     "a gate cannot read Secrets: publish what it needs to know in another object",
	}})
}

func TestTargetPolicies(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "missing integrations", manifest: targetManifest, at: "spec.promotionPolicy.missingIntegrations",
		refused: []string{"warn", "Ignore"}, accepted: []string{"Warn", "Block"}, want: `supported values: "Warn", "Block"`,
	}, {
		name: "failure", manifest: targetManifest, at: "spec.promotionPolicy.onFailure",
		refused: []string{"Retry"}, accepted: []string{"Stop", "Rollback"}, want: `supported values: "Stop", "Rollback"`,
	}, {
		name: "supersede", manifest: targetManifest, at: "spec.promotionPolicy.automatic",
		refused: []string{"{supersede: Never}"}, accepted: []string{"{supersede: Queue}", "{supersede: Replace}", "{}"}, want: `supported values: "Queue", "Replace"`,
	}, {
		name: "number of approvals", manifest: targetManifest, at: "spec.promotionPolicy.approvals",
		refused: []string{"{required: 0}", "{required: 17}"}, accepted: []string{"{required: 1}", "{required: 16, users: [a, b], requesterApproval: Deny}"},
		want: "spec.promotionPolicy.approvals.required in body should be",
	}, {
		name: "history", manifest: targetManifest, at: "spec.promotionPolicy.historyLimit",
		refused: []string{"0", "101"}, accepted: []string{"1", "100"}, want: "spec.promotionPolicy.historyLimit in body should be",
	}, {
		name: "earlier environments", manifest: targetManifest, at: "spec.promotionPolicy.afterRefs",
		refused: []string{"[]", list(9, "{name: e%d}")}, accepted: []string{"[{name: staging}]", list(8, "{name: e%d}")}, want: "spec.promotionPolicy.afterRefs",
	}})
}
