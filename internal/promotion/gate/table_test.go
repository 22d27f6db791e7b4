// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"os"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/internal/promotion"
)

// page is a file of the repository, its white space as single spaces.
func page(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("../../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(content)), " ")
}

func TestNamesOfGatesAreReservedAndDescribed(t *testing.T) {
	t.Parallel()
	environments, status := page(t, "config/crd/bases/novu-operator.dev_environments.yaml"), page(t, "docs/reference/api.md")
	_, reserved, _ := strings.Cut(environments, "!(self in [")
	reserved, _, found := strings.Cut(reserved, "])")
	if !found {
		t.Fatal("the CRD of Environments reserves no names")
	}
	_, described, _ := strings.Cut(status, "name of the gate: ")
	described, _, found = strings.Cut(described, "or that of spec.promotionPolicy.gates")
	if !found {
		t.Fatal("docs/reference/api.md does not describe status.gates")
	}
	_, policy, _ := strings.Cut(page(t, "docs/spec/v1alpha1/promotion.md"), "| gates | ")
	policy, _, found = strings.Cut(policy, " |")
	if !found {
		t.Fatal("docs/spec/v1alpha1/promotion.md has no row about gates")
	}
	for _, g := range Gates {
		if !strings.Contains(strings.ReplaceAll(reserved, "''", "'"), "'"+g.Name+"'") {
			t.Errorf("the CRD does not reserve %s: %s", g.Name, reserved)
		}
		if !strings.Contains(described, "`"+g.Name+"`") {
			t.Errorf("the description of status.gates does not name %s: %s", g.Name, described)
		}
		if !strings.Contains(policy, g.Name) {
			t.Errorf("docs/spec/v1alpha1/promotion.md does not name %s: %s", g.Name, policy)
		}
	}
}

// A Promotion waits as long as a gate is closed, lets others go first, and is listed in the reference.
func TestReasonsOfGatesHaveAFate(t *testing.T) {
	t.Parallel()
	reasons, waiting := slices.Clone(OwnReasons), page(t, "docs/reference/waiting.md")
	for _, g := range Gates {
		if len(g.Reasons) == 0 {
			t.Errorf("gate %s is closed for no reason", g.Name)
		}
		reasons = append(reasons, g.Reasons...)
	}
	for _, reason := range reasons {
		at := slices.IndexFunc(promotion.Fates, func(f promotion.Fate) bool { return f.Reason == reason })
		if at < 0 || promotion.Fates[at].Promotion != promotion.Waits || !promotion.Fates[at].Aside {
			t.Errorf("a Promotion does not wait for %s, or holds up others", reason)
		}
		if !strings.Contains(waiting, "| `"+reason+"` |") {
			t.Errorf("docs/reference/waiting.md does not list %s", reason)
		}
	}
}

// What the gates of the table say is what the table says.
func TestGatesAreClosedForTheirReasons(t *testing.T) {
	t.Parallel()
	closed := Check(t.Context(), everyGate())
	for i, g := range Gates {
		if closed[i].Name != g.Name || closed[i].Open || !slices.Contains(g.Reasons, closed[i].Reason) {
			t.Errorf("gate %s, which is closed for %v, says %+v", g.Name, g.Reasons, closed[i])
		}
	}
	for _, own := range closed[len(Gates):] {
		if own.Open || !slices.Contains(OwnReasons, own.Reason) {
			t.Errorf("a gate of spec, which is closed for %v, says %+v", OwnReasons, own)
		}
	}
}
