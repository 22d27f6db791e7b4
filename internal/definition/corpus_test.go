// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"os"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

// body is a workflow in the form of a request to Novu, as a tree.
type body = map[string]any

// corpus is 20 realistic workflows in Novu's form, with every type of step.
func corpus(t *testing.T) []body {
	t.Helper()
	raw, err := os.ReadFile("testdata/workflows.json")
	if err != nil {
		t.Fatal(err)
	}
	list, _ := tree(raw).([]any)
	if len(list) != 20 {
		t.Fatalf("%d workflows", len(list))
	}
	var out []body
	for _, item := range list {
		out = append(out, item.(body))
	}
	return out
}

// object writes a body as an author of the object would.
func object(t *testing.T, b body) (*v1alpha1.Workflow, WorkflowInputs) {
	t.Helper()
	spec, in := body{"environmentRef": body{"name": "dev"}}, WorkflowInputs{LayoutIDs: map[string]string{}, Bodies: map[string]string{}}
	for name, value := range b {
		spec[orDefault(fieldNames[name], name)] = value
	}
	spec["severity"] = spelledBy(severities).ours(b["severity"])
	spec["preferences"] = objectPreferences(b["preferences"].(body))
	steps := []any{}
	for _, s := range b["steps"].([]any) {
		steps = append(steps, objectStep(s.(body), in))
	}
	spec["steps"] = steps
	return &v1alpha1.Workflow{Spec: *decode[v1alpha1.WorkflowSpec](t, render(spec))}, in
}

func objectPreferences(p body) body {
	out := body{}
	for name, record := range p {
		if record == nil {
			continue
		}
		channels := body{}
		for channel, setting := range record.(body)["channels"].(body) {
			if channel == "in_app" {
				channel = "inApp"
			}
			channels[channel] = setting
		}
		out[name] = body{"all": record.(body)["all"], "channels": channels}
	}
	return out
}

// objectStep moves the control values into the block of the type. Layouts are given as Layout objects, long bodies
// by ConfigMap.
func objectStep(s body, in WorkflowInputs) body {
	theirs, kind := s["type"].(string), blockName(s["type"].(string))
	block, open, id := body{}, body{}, s["stepId"].(string)
	out := body{"stepID": id, "name": s["name"], "type": stepTypes.ours(theirs), kind: block}
	for key, value := range inManifest(theirs, s["controlValues"]).(body) {
		text, isText := value.(string)
		switch {
		case key == "skip":
			out["skip"] = value
		case key == "type" && kind != "delay":
			open["type"] = value
		case key == "type":
		case key == "layoutId":
			block["layout"] = body{"type": "Ref", "ref": body{"name": "object-" + text}}
			in.LayoutIDs["object-"+text] = text
		case key == "body" && isText && len(text) > 400:
			block["bodyFrom"] = body{"configMapKeyRef": body{"name": "bodies", "key": id}}
			in.Bodies[id] = text
		default:
			block[key] = value
		}
	}
	if kind == "custom" { // it has no block
		delete(out, kind)
		open = block
	}
	if len(open) > 0 {
		out["controls"] = open
	}
	return out
}

func TestCorpusBecomesTheSameRequests(t *testing.T) {
	for _, b := range corpus(t) {
		t.Run(b["workflowId"].(string), func(t *testing.T) {
			w, in := object(t, b)
			got := mustWorkflow(t, w, in)
			asked := fields(got)
			asked["workflowId"] = got.WorkflowID
			for key, value := range b {
				if key == "steps" {
					continue
				}
				if key == "tags" {
					asked[key] = listOf(got.Tags)
				}
				var d differences
				d.compare(key, asked[key], value)
				sameDifferences(t, d, nil)
			}
			var steps []any
			for _, s := range got.Steps {
				steps = append(steps, stepTree(s))
			}
			var d differences
			d.compare("steps", steps, b["steps"])
			sameDifferences(t, d, nil)
		})
	}
}

// server is a Novu with the layouts that the corpus uses.
func server(t *testing.T, o novutest.Options) (*novutest.Server, *novu.Client) {
	t.Helper()
	s := novutest.Start(t, o)
	c, err := novu.New(novu.Config{BaseURL: s.URL, SecretKey: s.Environment("Development").SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"default-layout", "billing-layout", "digest-layout"} {
		if _, err := c.CreateLayout(t.Context(), &novu.LayoutRequest{LayoutID: id, Name: id}); err != nil {
			t.Fatal(err)
		}
	}
	return s, c
}

// Each workflow of the corpus is what is wanted after one write, and a second write, with ids from an answer or from
// status, changes nothing at all.
func TestCorpusConvergesInOneWrite(t *testing.T) {
	s, c := server(t, novutest.Options{})
	for _, b := range corpus(t) {
		w, in := object(t, b)
		want := mustWorkflow(t, w, in)
		got, err := c.CreateWorkflow(t.Context(), want)
		if err != nil {
			t.Fatalf("%s: %v", want.WorkflowID, err)
		}
		sameDifferences(t, CompareWorkflow(want, got), nil)
		before := s.SnapshotWithStepIDs("Development")
		for _, bound := range []*novu.WorkflowRequest{BindSteps(want, got.Steps), BindStepIDs(want, StepStatuses(got))} {
			again, err := c.UpdateWorkflow(t.Context(), want.WorkflowID, bound)
			if err != nil {
				t.Fatalf("%s: %v", want.WorkflowID, err)
			}
			sameDifferences(t, CompareWorkflow(want, again), nil)
			if a, b := WorkflowFingerprint(got), WorkflowFingerprint(again); a != b {
				t.Errorf("%s: fingerprint was %s, is %s", want.WorkflowID, a, b)
			}
		}
		if after := s.SnapshotWithStepIDs("Development"); !same(treeOf(before), treeOf(after)) {
			t.Errorf("%s: the second write changed something", want.WorkflowID)
		}
	}
}

// What one environment holds, written to another, is the same there.
func TestCorpusPromotesByApply(t *testing.T) {
	s, dev := server(t, novutest.Options{})
	prod, err := novu.New(novu.Config{BaseURL: s.URL, SecretKey: s.Environment("Production").SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"default-layout", "billing-layout", "digest-layout"} {
		if _, err := prod.CreateLayout(t.Context(), &novu.LayoutRequest{LayoutID: id, Name: id}); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range corpus(t) {
		w, in := object(t, b)
		source, err := dev.CreateWorkflow(t.Context(), mustWorkflow(t, w, in))
		if err != nil {
			t.Fatal(err)
		}
		target, err := prod.CreateWorkflow(t.Context(), WorkflowFrom(source))
		if err != nil {
			t.Fatal(err)
		}
		sameDifferences(t, CompareWorkflow(WorkflowFrom(source), target), nil)
		if WorkflowFingerprint(source) != WorkflowFingerprint(target) {
			t.Errorf("%s: the fingerprints differ", source.WorkflowID)
		}
	}
}

// An edit of one step is one difference, and writing it leaves the ids of the other steps alone.
func TestCorpusEditOfOneStep(t *testing.T) {
	_, c := server(t, novutest.Options{})
	for _, b := range corpus(t) {
		w, in := object(t, b)
		want := mustWorkflow(t, w, in)
		got, err := c.CreateWorkflow(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		last := &want.Steps[len(want.Steps)-1]
		values := tree(last.ControlValues).(body)
		values["edited"] = true
		last.ControlValues = json.RawMessage(render(values))
		sameDifferences(t, CompareWorkflow(want, got), []v1alpha1.Difference{
			{Path: stepPath(last.StepID) + ".controls.edited", To: "true"},
		})
		again, err := c.UpdateWorkflow(t.Context(), want.WorkflowID, BindSteps(want, got.Steps))
		if err != nil {
			t.Fatal(err)
		}
		sameDifferences(t, CompareWorkflow(want, again), nil)
		for i := range got.Steps {
			if got.Steps[i].ID != again.Steps[i].ID {
				t.Errorf("%s: step %s got a new id", want.WorkflowID, got.Steps[i].StepID)
			}
		}
	}
}
