// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"fmt"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	environmentFmt = `{apiVersion: novu-operator.dev/v1alpha1, kind: Environment, metadata: {name: production%s}, spec: {secretKeyRef: {name: key}%s}%s}`

	mayNotLift   = "you may not lift holds of Environment "
	mayNotThaw   = "you may not lift or shorten the freeze of Environment "
	mayNotDetach = "spec.promotionPolicy stays while there is a hold"
	mayNotDelete = "a freeze or a hold would go with Environment "

	free   = `, promotionPolicy: {sourceRef: {name: staging}}`
	frozen = `, promotionPolicy: {sourceRef: {name: staging}, freeze: {reason: launch}}`
	// until noon, in another time zone.
	brief = `, promotionPolicy: {sourceRef: {name: staging}, freeze: {reason: launch, endTime: "2026-11-24T12:00:00Z"}}`
	// what an earlier Environment has left.
	keptFreeze = `, status: {freeze: {reason: launch, foundTime: "2026-11-22T10:00:00Z"}}`
	hold       = `, status: {observedGeneration: 1, hold: {promotionRef: {namespace: novu, name: back}, startTime: "2026-11-22T10:00:00Z"}}`
)

var (
	production = fmt.Sprintf(environmentFmt, "", free, "")
	resumed    = fmt.Sprintf(environmentFmt, ", annotations: {novu-operator.dev/resume: back}", free, "")
)

func TestCreateEnvironment(t *testing.T) {
	w := newWorld(t)
	tests := []struct{ name, user, manifest, want string }{
		{"target", clerk, production, ""},
		{"frozen", clerk, fmt.Sprintf(environmentFmt, "", frozen, ""), ""},
		{"resumed in advance", clerk, resumed, mayNotLift + w.namespace + "/production: ask for the verb resume on it"},
		{"resumed in advance as promoter", "promoter", resumed, mayNotLift},
		{"resumed in advance as resumer", "resumer", resumed, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, w.as(test.user).Create(t.Context(), w.object(test.manifest), client.DryRunAll), test.want)
		})
	}
}

// environmentTests are attempts at an Environment in some state.
var environmentTests = []struct {
	name, metadata, spec, status string
	attempts                     []attempt
}{
	{"held", "", free, hold, []attempt{
		{"resume", "resumer", mergePatch, `{metadata: {annotations: {novu-operator.dev/resume: back}}}`, false, ""},
		{"resume", "resumer", serverApply, `{metadata: {annotations: {novu-operator.dev/resume: back}}}`, false, ""},
		{"resume without the verb", clerk, mergePatch, `{metadata: {annotations: {novu-operator.dev/resume: back}}}`, false, mayNotLift},
		{"resume without the verb", "promoter", serverApply, `{metadata: {annotations: {novu-operator.dev/resume: back}}}`, false, mayNotLift},
		{"resume without the verb", "approver", jsonPatch, `[{op: add, path: /metadata/annotations, value: {novu-operator.dev/resume: back}}]`, false, mayNotLift},
		{"resume without the verb", clerk, replace, `{metadata: {annotations: {novu-operator.dev/resume: back}}}`, false, mayNotLift},
		{"forget the hold", clerk, mergePatch, `{status: {hold: null}}`, true, "only the operator writes status"},
		{"forget the hold", "resumer", jsonPatch, `[{op: remove, path: /status/hold}]`, true, "only the operator writes status"},
		{"not through spec", clerk, mergePatch, `{status: {hold: null}, metadata: {labels: {a: b}}}`, false, ""},
		{"stop being a target", clerk, mergePatch, `{spec: {promotionPolicy: null}}`, false, mayNotDetach},
		{"stop being a target", "resumer", mergePatch, `{spec: {promotionPolicy: null}}`, false, ""},
		{"change a rule", clerk, mergePatch, `{spec: {promotionPolicy: {soak: 24h}}}`, false, ""},
		{"finalizers of others, and labels", clerk, mergePatch, `{metadata: {finalizers: [], labels: {a: b}}}`, false, ""},
	}},
	{"resumed before", ", annotations: {novu-operator.dev/resume: back}", free, hold, []attempt{
		{"something else", clerk, mergePatch, `{metadata: {annotations: {novu-operator.dev/requested-at: now}}}`, false, ""},
		{"the next hold", clerk, mergePatch, `{metadata: {annotations: {novu-operator.dev/resume: again}}}`, false, mayNotLift},
		{"take it off", clerk, mergePatch, `{metadata: {annotations: {novu-operator.dev/resume: null}}}`, false, ""},
		{"the operator tidies up", operator, mergePatch, `{metadata: {annotations: null}}`, false, ""},
	}},
	{"frozen", "", frozen, "", []attempt{
		{"thaw", "resumer", mergePatch, `{spec: {promotionPolicy: {freeze: null}}}`, false, ""},
		{"thaw without the verb", clerk, mergePatch, `{spec: {promotionPolicy: {freeze: null}}}`, false, mayNotThaw},
		{"thaw without the verb", "promoter", jsonPatch, `[{op: remove, path: /spec/promotionPolicy/freeze}]`, false, mayNotThaw},
		{"thaw without the verb", clerk, replace, `{spec: {promotionPolicy: {freeze: null}}}`, false, mayNotThaw},
		{"let it end", clerk, mergePatch, `{spec: {promotionPolicy: {freeze: {endTime: "2026-11-24T12:00:00Z"}}}}`, false, mayNotThaw},
		{"let it end", "resumer", serverApply, `{spec: {secretKeyRef: {name: key}, promotionPolicy: {sourceRef: {name: staging}, freeze: {reason: launch, endTime: "2026-11-24T12:00:00Z"}}}}`, false, ""},
		{"stop being a target", clerk, mergePatch, `{spec: {promotionPolicy: null}}`, false, mayNotThaw},
		{"stop being a target", "resumer", mergePatch, `{spec: {promotionPolicy: null}}`, false, ""},
		{"another reason", clerk, mergePatch, `{spec: {promotionPolicy: {freeze: {reason: holidays}}}}`, false, ""},
		{"another rule", clerk, mergePatch, `{spec: {promotionPolicy: {soak: 24h}}}`, false, ""},
		{"have it corrected, which a freeze forbids", clerk, mergePatch, `{metadata: {annotations: {novu-operator.dev/requested-at: now}}, spec: {promotionPolicy: {driftPolicy: Correct}}}`, false, ""},
		{"have it corrected, and the freeze gone", clerk, mergePatch, `{metadata: {annotations: {novu-operator.dev/requested-at: now}}, spec: {promotionPolicy: {driftPolicy: Correct, freeze: null}}}`, false, mayNotThaw},
		{"forget what was asked for", clerk, mergePatch, `{status: {lastHandledRequest: earlier}}`, true, "only the operator writes status"},
	}},
	{"frozen for a while", "", brief, "", []attempt{
		{"longer", clerk, mergePatch, `{spec: {promotionPolicy: {freeze: {endTime: "2026-11-24T12:00:01Z"}}}}`, false, ""},
		{"for ever", clerk, mergePatch, `{spec: {promotionPolicy: {freeze: {endTime: null}}}}`, false, ""},
		{"the same time elsewhere", clerk, mergePatch, `{spec: {promotionPolicy: {freeze: {endTime: "2026-11-24T14:00:00+02:00"}}}}`, false, ""},
		{"shorter", clerk, mergePatch, `{spec: {promotionPolicy: {freeze: {endTime: "2026-11-24T11:59:59Z"}}}}`, false, mayNotThaw},
		{"shorter by a time zone", clerk, mergePatch, `{spec: {promotionPolicy: {freeze: {endTime: "2026-11-24T13:00:00+02:00"}}}}`, false, mayNotThaw},
		{"shorter", "resumer", mergePatch, `{spec: {promotionPolicy: {freeze: {endTime: "2026-11-24T11:59:59Z"}}}}`, false, ""},
	}},
	{"free", "", free, "", []attempt{
		{"freeze", clerk, mergePatch, `{spec: {promotionPolicy: {freeze: {reason: launch}}}}`, false, ""},
		{"stop being a target", clerk, mergePatch, `{spec: {promotionPolicy: null}}`, false, ""},
	}},
	{"no target", "", "", "", []attempt{
		{"become one", clerk, mergePatch, `{spec: {promotionPolicy: {sourceRef: {name: staging}}}}`, false, ""},
	}},
}

func TestChangeEnvironment(t *testing.T) {
	w := newWorld(t)
	for _, test := range environmentTests {
		t.Run(test.name, func(t *testing.T) {
			environment := w.make(fmt.Sprintf(environmentFmt, test.metadata, test.spec, test.status))
			for _, a := range test.attempts {
				t.Run(a.user+" "+a.way+" "+a.name, func(t *testing.T) { expect(t, w.try(environment, a, client.DryRunAll), a.want) })
			}
			w.must(w.Delete(t.Context(), environment))
		})
	}
}

func TestDeleteEnvironment(t *testing.T) {
	w := newWorld(t)
	tests := []struct{ name, user, spec, status, want string }{
		{"free", clerk, free, "", ""},
		{"no target", clerk, "", "", ""},
		{"frozen", clerk, frozen, "", mayNotDelete + w.namespace + "/production"},
		{"frozen, as resumer", "resumer", frozen, "", ""},
		{"held", "promoter", free, hold, mayNotDelete},
		{"frozen before it was created again", "promoter", free, keptFreeze, mayNotDelete},
		{"frozen before it was created again, as resumer", "resumer", free, keptFreeze, ""},
		{"held, as resumer", "resumer", free, hold, ""},
		{"held, without its namespace", namespaces, free, hold, mayNotDelete},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			environment := w.make(fmt.Sprintf(environmentFmt, "", test.spec, test.status))
			expect(t, w.as(test.user).Delete(t.Context(), environment, client.DryRunAll), test.want)
			if test.user != "resumer" { // whose verb is for one name, and this deletes whatever it is called
				expect(t, w.as(test.user).DeleteAllOf(t.Context(), environment, client.InNamespace(w.namespace), client.DryRunAll), test.want)
			}
			w.must(w.Delete(t.Context(), environment))
		})
	}
}
