// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/chart"
)

// TestCommunitySamples writes every sample workflow to a server with the limits of the free plan, as they were recorded:
// those of config/community have no errors there, and those that it leaves out have.
func TestCommunitySamples(t *testing.T) {
	t.Parallel()
	kept := chart.Kustomize(t, "config/community")
	for _, name := range kept.Names() {
		if strings.Contains(name, "staging") {
			t.Errorf("a community Novu has no staging, but there is %s", name)
		}
	}
	var left []string
	for name, errors := range storedSamples(t) {
		there := slices.Contains(kept.Names(), "Workflow/"+name)
		if there != (errors == "") {
			t.Errorf("%s is in config/community: %t, and Novu says of it: %s", name, there, errors)
		}
		if !there {
			left = append(left, name)
		}
	}
	if len(left) != 5 {
		t.Errorf("left out are %v", left)
	}
}

// storedSamples are the errors that Novu reports of each sample workflow.
func storedSamples(t *testing.T) map[string]string {
	t.Helper()
	server := novutest.Start(t, novutest.Options{})
	client, err := novu.New(novu.Config{BaseURL: server.URL, SecretKey: server.Environment("Development").SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	layouts := map[string]string{}
	for name, l := range decode[v1alpha1.Layout](t, v1alpha1.LayoutKind) {
		layouts[name] = l.EffectiveID()
		if _, err := client.CreateLayout(t.Context(), &novu.LayoutRequest{LayoutID: l.EffectiveID(), Name: l.Spec.Name}); err != nil {
			t.Fatal(err)
		}
	}
	errors := map[string]string{}
	for name, w := range decode[v1alpha1.Workflow](t, v1alpha1.WorkflowKind) {
		want, err := definition.Workflow(&w, definition.WorkflowInputs{LayoutIDs: layouts})
		if err != nil {
			t.Fatal(err)
		}
		have, err := client.CreateWorkflow(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		errors[name] = ""
		if definition.HasErrors(have) {
			errors[name] = definition.IssueSummary(definition.StepStatuses(have), false)
		}
	}
	return errors
}
