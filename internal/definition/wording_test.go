// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

// theirs is what no reader of a manifest can make use of: names of Novu's code, its spelling of types and paths, the
// placeholder of a variable without a name, and whom its cloud's customers may ask.
var theirs = regexp.MustCompile(`Command\b|Dto\b|controlValues|in_app|http_request|\{\{\}\}|ontact (?:us|our)|,$|^Variable |No Value Recorded|steps\.\d`)

// Every text in which Novu was seen to report an issue says where, in the manifest's words, and what to do.
func TestIssueWordings(t *testing.T) {
	type answer struct {
		Name, Type string
		Values     json.RawMessage
		Issues     novu.StepIssues
	}
	for _, a := range jsonLines[answer](t, "../novu/lint/testdata/issues.jsonl") {
		step := novu.Step{StepID: "s", Type: a.Type, ControlValues: a.Values, Issues: a.Issues}
		for _, issue := range StepStatuses(&novu.Workflow{Steps: []novu.Step{{StepID: "first"}, step}})[1].Issues {
			if theirs.MatchString(issue.Message) || issue.Message == "" {
				t.Errorf("%s: %q", a.Name, issue.Message)
			}
			if !strings.HasPrefix(issue.Path, "spec.steps[1].") || theirs.MatchString(issue.Path) {
				t.Errorf("%s: the path is %q", a.Name, issue.Path)
			}
		}
	}
}

func TestIssueTexts(t *testing.T) {
	for _, tc := range []struct{ name, kind, values, about, text, path, want string }{
		{
			"a brace", "sms", `{"body":"Hi {{payload.a}},\nyour {{payload.a"}`, "body", `Variable "{{}}" output "{{payload.a" not closed,`,
			"sms.body", `line 2, column 6: "{{payload.a" is not closed: write }} after the variable`,
		},
		{
			"a brace after umlauts", "in_app", `{"primaryAction":{"label":"ü {{x"}}`, "primaryAction.label", `Variable "{{}}" output "{{x..." not closed,`,
			"inApp.primaryAction.label", `line 1, column 3: "{{x" is not closed: write }} after the variable`,
		},
		{"a tag", "email", `{"subject":"{% if payload.a"}`, "subject", `Variable "{{}}" tag "{% if payload.a" not closed,`, "email.subject",
			`line 1, column 1: "{% if payload.a" is not closed: write %} after the tag`},
		{"a block", "email", `{}`, "body", `Variable "{{}}" tag {% if payload.a %} not closed,`, "email.body", `{% if payload.a %} has no end: add {% endif %}`},
		{"no namespace", "email", `{}`, "body", `Variable "foo" invalid or missing namespace`, "email.body",
			`"foo" is no variable of Novu: write payload., subscriber., context. or steps.<stepID>. before it`},
		{"not in the schema", "email", `{}`, "body", `Variable "payload.z" is not supported`, "email.body",
			`spec.payloadSchema has no "payload.z": declare it there, or correct the name`},
		{"a list", "http_request", `{}`, "headers.0.key", `Headers/0/key is required`, "httpRequest.headers[0].key", "it is missing: set it"},
		{"a rule", "email", `{}`, "skip", `Invalid operation structure for operator "=="`, "skip",
			`it is no rule in JSON Logic, such as {"==": [{"var": "payload.urgent"}, true]}; the step runs when the rule is true`},
		{"the form", "delay", `{}`, "type", "must be equal to constant", "delay",
			"the fields that are set belong to different forms of the step: set those of one form"},
		{"no field", "chat", `{}`, "providerOverrides.slack", "must be object", "providerOverrides.slack",
			"it must be of type object: change it; no manifest can express this field: remove or correct it in Novu's dashboard"},
		{"no block", "tool", `{}`, "body", "Body is required", "controls.body", "it is missing: set it"},
		{"the plan", "delay", `{}`, "amount", "The maximum delay allowed is 1 days. Please contact our support team to discuss extending this limit for your use case.",
			"delay.amount", "the plan of this Novu organization allows at most 1 day(s) here; a self-hosted community Novu has the free plan: shorten it, or leave this step out there"},
		{"a future text", "sms", `{}`, "body", "Something new in_app", "sms.body", "Something new inApp"},
	} {
		step := novu.Step{Type: tc.kind, ControlValues: json.RawMessage(tc.values), Issues: novu.StepIssues{
			Controls: novu.Issues{tc.about: {{Type: "X", Message: tc.text}}},
		}}
		got := StepStatuses(&novu.Workflow{Steps: []novu.Step{step}})[0].Issues[0]
		if want := (v1alpha1.Issue{Severity: "Error", Type: "X", Path: "spec.steps[0]." + tc.path, Message: tc.want}); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", tc.name, got, want)
		}
	}
}

// Novu reports one limit for amount and for unit.
func TestOneLimitIsOneIssue(t *testing.T) {
	limit := []novu.Issue{{Type: tierLimit, Message: "The maximum delay allowed is 0 days. Please contact our support team."}}
	steps := StepStatuses(&novu.Workflow{Steps: []novu.Step{{Type: "throttle", Issues: novu.StepIssues{Controls: novu.Issues{"amount": limit, "unit": limit}}}}})
	if got := steps[0].Issues; len(got) != 1 || !strings.Contains(got[0].Message, "community Novu") {
		t.Errorf("got %+v", got)
	}
}

// Every refusal that was recorded from either version of Novu.
func TestRecordedRefusals(t *testing.T) {
	s := novutest.Start(t, novutest.Options{})
	client, err := novu.New(novu.Config{BaseURL: s.URL, SecretKey: s.Environment("Development").SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	type refusal struct {
		Novu   string
		Status int
		Body   json.RawMessage
	}
	for _, r := range jsonLines[refusal](t, "testdata/refusals.jsonl") {
		if r.Status == 401 {
			continue // it would close the client; it is about the key
		}
		s.Inject(novutest.Fault{Status: r.Status, Body: r.Body, Times: 1})
		_, err := client.GetWorkflow(t.Context(), "w")
		text := Refusal(err)
		if theirs.MatchString(text) || !strings.HasPrefix(text, `get workflow "w": Novu answered `) {
			t.Errorf("%s: %q\nof %s", r.Novu, text, r.Body)
		}
	}
}

func TestRefusalTexts(t *testing.T) {
	const command = "Validation failed for UpsertWorkflowCommand: and so on"
	for name, tc := range map[string]struct {
		message string
		fields  map[string][]string
		want    string
	}{
		"an unknown type": {
			command, map[string][]string{"workflowDto.steps.2.type": {"type must be one of the following values: in_app, email, http_request"}},
			"the definition is not valid [spec.steps[2].type: this Novu has no such step type; it has InApp, Email, HTTPRequest]",
		},
		"a path in the text": {
			"Validation Error", map[string][]string{"general": {"steps.0.name must be a string"}},
			"the definition is not valid [spec.steps[0].name must be a string]",
		},
		"two texts for one fault": {
			command, map[string][]string{"workflowDto.name": {"name must be longer than or equal to 1 characters", "name should not be empty"}},
			"the definition is not valid [spec.name: it is empty: set it]",
		},
		"a channel": {
			command, map[string][]string{"defaultPreferences.channels.in_app": {"in_app must be an object"}},
			"the definition is not valid [spec.preferences.workflow.channels.inApp: inApp must be an object]",
		},
		"a layout": {
			"Layout has validation issues", map[string][]string{"email.body": {`Variable "bogus.x" is not supported`}},
			`the layout has errors [spec.body: there is no variable "bogus.x" here: ` + variableNames + "]",
		},
	} {
		err := &novu.Error{Op: "update workflow", StatusCode: 422, Message: tc.message, Fields: tc.fields}
		if got, want := Refusal(err), "update workflow: Novu answered 422: "+tc.want; got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func jsonLines[T any](t *testing.T, file string) (list []T) {
	t.Helper()
	content, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = content.Close() }()
	lines := bufio.NewScanner(content)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list = append(list, one)
	}
	if len(list) < 10 {
		t.Fatalf("%s has %d lines", file, len(list))
	}
	return list
}
