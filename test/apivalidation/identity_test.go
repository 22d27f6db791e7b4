// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// identities are the kinds whose id in Novu is a field of spec, or metadata.name.
var identities = []struct{ manifest, field string }{
	{workflowManifest, "workflowID"},
	{layoutManifest, "layoutID"},
}

// The ids that Novu takes for internal ones: it decodes the last 16 characters when all are letters and digits.
var slugTraps = []string{
	"passwordresetconfirmation", "order-shipmentconfirmations", "abcdefghijklmnop", "a-0123456789abcdef",
	"6b0370dd2857507e8035391c",
}

// Ids of the same kind that Novu can address.
var addressable = []string{
	"user-password-reset-email", "abcdefghijklmno", "abcdefgh-ijklmnop", "order-shipment-confirmations",
	"6b0370dd2857507e-8035391c", "a",
}

func TestIDRules(t *testing.T) {
	t.Parallel()
	for _, identity := range identities {
		inSpec, inName := "spec."+identity.field, "metadata.name"
		trap := fmt.Sprintf("spec.%[1]s: Invalid value: Novu cannot address a %[1]s (metadata.name when not set) whose last 16 characters are all letters and digits, "+
			"it takes them for an internal id: put a '-', '_' or '.' among them", identity.field)
		pattern := inSpec + ": Invalid value: " + identity.field + " (metadata.name when not set) must be letters and digits, joined by single '-', '_' or '.'"
		checkRules(t, []rule{{
			name: identity.field + " trap", manifest: identity.manifest, at: inSpec, createOnly: true,
			refused: append([]string{"userPasswordResetEmail"}, slugTraps...), accepted: append([]string{"Order_Shipped.v2"}, addressable...), want: trap,
		}, {
			name: identity.field + " trap by name", manifest: identity.manifest, at: inName, createOnly: true,
			refused: slugTraps, accepted: addressable, want: trap,
		}, {
			name: identity.field + " pattern", manifest: identity.manifest, at: inSpec, createOnly: true,
			refused:  []string{"has space", "-a", "a-", "a--b", "a/b", "ä", "a_-b", `"a\n"`, `"{{a}}"`},
			accepted: []string{"a_b", "a.b", "A-1", "a-b_c.d"}, want: pattern,
		}, {
			name: identity.field + " pattern by name", manifest: identity.manifest, at: inName, createOnly: true,
			refused: []string{"a--b"}, accepted: []string{"a-b", "a.b"}, want: pattern,
		}, {
			name: identity.field + " length", manifest: identity.manifest, at: inSpec, createOnly: true,
			refused:  []string{strings.Repeat("a-", 127)},
			accepted: []string{strings.Repeat("a-", 126) + "a"}, want: "may not be more than 253 bytes",
		}})
	}
}

// A name that the API server generates is there when the rules are checked.
func TestIDFromGeneratedName(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for _, identity := range identities {
		object := edit(t, identity.manifest, "metadata", `{name: null, generateName: welcome-}`)
		object.SetNamespace(namespace)
		if err := strict.Create(t.Context(), object, client.DryRunAll); err != nil {
			t.Errorf("%s: %v", identity.field, err)
		}
		object = edit(t, identity.manifest, "metadata", `{name: null, generateName: passwordresetconfirm}`)
		object.SetNamespace(namespace)
		err := strict.Create(t.Context(), object, client.DryRunAll)
		expectRefusal(t, "generateName", err, "Novu cannot address a "+identity.field)
	}
}

// change is an update of spec that tries to give an object another identity.
type change struct {
	name     string
	manifest string
	at       string
	// from is the value of the existing object, null for none.
	from string
	// same are values that mean the same, others are those that do not.
	same, others []string
	want         string
}

func TestImmutableFields(t *testing.T) {
	t.Parallel()
	checkChanges(t, []change{{
		name: "workflowID by name", manifest: workflowManifest, at: "spec.workflowID", from: "null",
		same: []string{"null", "example"}, others: []string{"other", "Example"},
		want: "workflowID is immutable: create a new Workflow for another id",
	}, {
		name: "workflowID", manifest: workflowManifest, at: "spec.workflowID", from: "order-shipped",
		same: []string{"order-shipped"}, others: []string{"null", "example", "order-Shipped"},
		want: "workflowID is immutable: create a new Workflow for another id",
	}, {
		name: "layoutID by name", manifest: layoutManifest, at: "spec.layoutID", from: "null",
		same: []string{"null", "example"}, others: []string{"other"},
		want: "layoutID is immutable: create a new Layout for another id",
	}, {
		name: "layoutID", manifest: layoutManifest, at: "spec.layoutID", from: "base",
		same: []string{"base"}, others: []string{"null", "example"},
		want: "layoutID is immutable: create a new Layout for another id",
	}, {
		name: "identifier by name", manifest: integrationManifest, at: "spec.identifier", from: "null",
		same: []string{"null", "example"}, others: []string{"other"},
		want: "identifier is immutable: create a new Integration for another identifier",
	}, {
		name: "identifier", manifest: integrationManifest, at: "spec.identifier", from: "mail",
		same: []string{"mail"}, others: []string{"null", "example"},
		want: "identifier is immutable: create a new Integration for another identifier",
	}, {
		name: "providerID", manifest: integrationManifest, at: "spec.providerID", from: "sendgrid",
		same: []string{"sendgrid"}, others: []string{"mailgun"},
		want: "spec.providerID: Invalid value: \"mailgun\": providerID is immutable: create a new Integration for another provider",
	}, {
		name: "channel", manifest: integrationManifest, at: "spec.channel", from: "Email",
		same: []string{"Email"}, others: []string{"SMS"},
		want: "channel is immutable: create a new Integration for another channel",
	}})
}

func TestImmutableEnvironmentRef(t *testing.T) {
	t.Parallel()
	for _, manifest := range []string{workflowManifest, layoutManifest, integrationManifest} {
		kind := parse(t, manifest).GetKind()
		want := "spec.environmentRef: Invalid value: environmentRef is immutable: create a new " + kind + " for another Environment"
		checkChanges(t, []change{{
			name: kind, manifest: manifest, at: "spec.environmentRef", from: "{name: development}",
			same: []string{"{name: development}"}, others: []string{"{name: staging}", "{namespace: elsewhere}"}, want: want,
		}, {
			name: kind + " with namespace", manifest: manifest, at: "spec.environmentRef", from: "{namespace: shared}",
			same: []string{"{namespace: shared}"}, others: []string{"{namespace: elsewhere}", "{namespace: null}"}, want: want,
		}})
	}
}

func checkChanges(t *testing.T, changes []change) {
	t.Helper()
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			live := edit(t, c.manifest, c.at, c.from)
			live.SetNamespace(newNamespace(t))
			if err := strict.Create(t.Context(), live); err != nil {
				t.Fatal(err)
			}
			for _, value := range c.same {
				if err := updateSpec(t, live, edit(t, c.manifest, c.at, value)); err != nil {
					t.Errorf("update to %s: %v", value, err)
				}
			}
			for _, value := range c.others {
				expectRefusal(t, "update to "+value, updateSpec(t, live, edit(t, c.manifest, c.at, value)), c.want)
			}
		})
	}
}
