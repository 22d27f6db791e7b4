// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
)

// text is the workflow of one step that says so.
func text(id, body string) *Definition {
	return OfWorkflow(&novu.WorkflowRequest{
		WorkflowID: id, Name: id, Tags: []string{}, Severity: "none",
		Preferences: novu.PreferencesRequest{Workflow: novu.DefaultPreference()},
		Steps: []novu.StepRequest{
			{StepID: "text", Name: "Text", Type: "sms", ControlValues: json.RawMessage(fmt.Sprintf(`{"body":%q}`, body))},
		},
	})
}

// frame is the layout that says so.
func frame(id, body string) *Definition {
	return OfLayout(&novu.LayoutRequest{LayoutID: id, Name: id, Email: &novu.LayoutEmail{Body: body, EditorType: "html"}})
}

// Previous is no name of a Promotion: back to the previous state.
const Previous = ""

// BackTo is the rollback to the Promotion of this name, or to [Previous].
func BackTo(name string) *v1alpha1.PromotionRollback {
	if name == Previous {
		return &v1alpha1.PromotionRollback{To: v1alpha1.RollbackToPrevious}
	}
	return &v1alpha1.PromotionRollback{To: v1alpha1.RollbackToPromotion, PromotionRef: &v1alpha1.RollbackPromotionReference{Name: name}}
}

// goBack is what a rollback of the target's namespace that is created now makes of the target.
func goBack(records []*Record, to string) (restores string, restorations []Restoration, err error) {
	rollback, target := &v1alpha1.Promotion{}, &v1alpha1.Environment{}
	rollback.Namespace, target.Namespace = "shop", "shop"
	rollback.Spec.Rollback = BackTo(to)
	rollback.CreationTimestamp = metav1.Now()
	point, err := Locate(records, rollback, target)
	if err != nil {
		return "", nil, err
	}
	restorations, err = point.Restore(records)
	return point.Name, restorations, err
}

// says is what a definition of text or frame says, and "-" for none.
func says(d *Definition) string {
	switch {
	case d == nil:
		return "-"
	case d.Layout != nil:
		return d.Layout.Email.Body
	}
	var values struct{ Body string }
	_ = json.Unmarshal(d.Workflow.Steps[0].ControlValues, &values)
	return values.Body
}

// entries reads lines like "w order: v1 -> v2". The action follows from what is on both sides, "-" being nothing; the
// revision of v1 is rev-v1. A layout begins with l.
func entries(lines ...string) (list []Entry) {
	for _, line := range lines {
		kindAndID, change, _ := strings.Cut(line, ": ")
		kind, id, _ := strings.Cut(kindAndID, " ")
		before, after, _ := strings.Cut(change, " -> ")
		e := Entry{Kind: v1alpha1.PromotionItemWorkflow, ID: id, Namespace: "dev", Name: "object-" + id, Action: action(before, after)}
		made := text
		if kind == "l" {
			e.Kind, made = v1alpha1.PromotionItemLayout, frame
		}
		if before != "-" {
			e.Before, e.BeforeRevision = made(id, before), "rev-"+before
		}
		if after != "-" {
			e.After, e.Revision = made(id, after), "rev-"+after
		}
		list = append(list, e)
	}
	return list
}

func action(before, after string) v1alpha1.PlanAction {
	switch {
	case before == after:
		return v1alpha1.PlanActionUnchanged
	case before == "-":
		return v1alpha1.PlanActionCreate
	case after == "-":
		return v1alpha1.PlanActionDelete
	}
	return v1alpha1.PlanActionUpdate
}

// lines is the reverse of entries. Skipped ones are in parentheses.
func lines(list []Entry) string {
	var out []string
	for i := range list {
		e := &list[i]
		line := fmt.Sprintf("%s %s: %s -> %s", strings.ToLower(string(e.Kind[:1])), e.ID, says(e.Before), says(e.After))
		if e.Skipped {
			line = "(" + line + ")"
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s\ngot\n%s\nwant\n%s", what, got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// corpus is what environments may hold: 20 workflows of every type of step, those that a real Novu answered with, and two
// layouts.
func corpus(t *testing.T) (definitions []*Definition) {
	t.Helper()
	var list []struct {
		novu.Workflow
		Preferences novu.PreferencesRequest `json:"preferences"`
	}
	readJSON(t, "workflows.json", &list)
	for i := range list {
		r := definition.WorkflowFrom(&list[i].Workflow)
		r.Preferences = list[i].Preferences
		definitions = append(definitions, OfWorkflow(r))
	}
	var recorded struct{ Answers []*novu.Workflow }
	readJSON(t, "recorded-workflow.json", &recorded)
	for _, answer := range recorded.Answers {
		definitions = append(definitions, OfWorkflow(definition.WorkflowFrom(answer)))
	}
	if len(definitions) < 22 {
		t.Fatalf("%d definitions", len(definitions))
	}
	return append(definitions, frame("plain", "<p>{{content}}</p> & \u2028"), OfLayout(&novu.LayoutRequest{LayoutID: "empty", Name: "Empty"}))
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile("../../definition/testdata/" + file)
	must(t, err)
	must(t, json.Unmarshal(raw, into))
}

// target is an Environment as the API server returns it.
func target() *v1alpha1.Environment {
	e := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "production", UID: "0a1b2c3d-0000-4000-8000-000000000001",
	}}
	e.Status.EnvironmentID = "6650a0000000000000000001"
	return e
}

func promotion(name string) *v1alpha1.Promotion {
	return &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: name, UID: types.UID("00000000-0000-4000-8000-" + name),
	}}
}
