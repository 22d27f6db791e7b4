// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

var noon = func() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

func lines(issues []Issue) []string {
	var out []string
	for _, i := range issues {
		out = append(out, i.String())
	}
	return out
}

// TestWorkflow: steps may name what comes before them, and each problem says where it is.
func TestWorkflow(t *testing.T) {
	sms := func(body string) Step { return Step{ID: "text", Type: "sms", Controls: object{"body": body}} }
	digest := Step{ID: "digest", Type: "digest", Controls: object{"amount": 1.0, "unit": "hours"}}
	parcel := object{"type": "object", "properties": object{"city": object{"type": "string"}}}
	tests := []struct {
		name string
		give Workflow
		want []string
	}{
		{"nothing to say", Workflow{Steps: []Step{digest, sms("{{payload.any}} {{steps.digest.eventCount}}")}}, nil},
		{"a later step", Workflow{Steps: []Step{sms("{{steps.digest.eventCount}}"), digest}},
			[]string{`step text: body:1:1: error: Variable "steps.digest.eventCount" is not supported`}},
		{"a member that the schema lacks", Workflow{PayloadSchema: parcel, Steps: []Step{sms("To {{payload.city}}\nfor {{payload.who}}")}},
			[]string{`step text: body:2:5: error: Variable "payload.who" is not supported`}},
		{"no namespace", Workflow{Steps: []Step{sms("ä {% if name %}x{% endif %}")}},
			[]string{`step text: body:1:3: error: Variable "name" invalid or missing namespace`}},
		{"syntax", Workflow{Steps: []Step{sms("a\nb {% if payload.x %}")}},
			[]string{`step text: body:2:3: error: Variable "{{}}" tag {% if payload.x %} not closed,`}},
		{"missing text", Workflow{Steps: []Step{{ID: "text", Type: "sms", Controls: object{}}}},
			[]string{"step text: body: error: Body is required"}},
		{"unknown key where only known ones count", Workflow{Steps: []Step{{ID: "text", Type: "sms", Controls: object{"body": "b", "colour": "red"}}}},
			nil},
		{"unknown key elsewhere", Workflow{Origin: "external", Steps: []Step{{ID: "text", Type: "sms", Controls: object{"body": "b", "colour": "red"}}}},
			[]string{`step text: warning: Unknown control value "colour"; Novu accepts it, but does not use it`}},
		{"unknown type", Workflow{Steps: []Step{{ID: "fax", Type: "fax"}}}, []string{"step fax: type: refusal: Novu has no steps of type fax"}},
		{"type changed", Workflow{Steps: []Step{{ID: "s", Type: "push", Schema: "sms", Controls: object{"subject": "s", "body": "b"}}}},
			[]string{`step s: warning: Unknown control value "subject"; Novu accepts it, but does not use it`}},
		{"schema of the payload", Workflow{PayloadSchema: object{"type": "text"}},
			[]string{"payloadSchema: refusal: payloadSchema must be a valid JSON schema"}},
		{"too many steps", Workflow{Steps: slices.Repeat([]Step{digest}, MaxSteps+1)},
			[]string{"steps: refusal: Workflow steps limit exceeded. Maximum allowed steps is 20, but got 21 steps."}},
		{"lost body", Workflow{Steps: []Step{{ID: "mail", Type: "email", Controls: object{"subject": "s", "body": "<b>", "editorType": "block"}}}},
			[]string{"step mail: body: warning: Body is no document of the block editor; Novu stores an empty one"}},
		{"overrides", Workflow{Steps: []Step{
			{ID: "c", Type: "chat", Controls: object{"body": "b"}, Overrides: object{"slack": object{"text": "t"}, "opsgenie": object{}, "telegram": 1}},
			{ID: "t", Type: "sms", Controls: object{"body": "b"}, Overrides: object{"slack": object{"text": "t"}}},
			{ID: "d", Type: "chat", Controls: object{"body": "b"}, Overrides: object{"fax": object{}, "slack": object{"x": 1}}}}},
			[]string{"step c: providerOverrides.telegram: error: must be object",
				`step t: providerOverrides.slack: error: "slack" is not a supported property`,
				`step d: providerOverrides.fax: error: "fax" is not a supported property`,
				`step d: providerOverrides.slack.x: error: "x" is not a supported property`}},
		{"amount of a wrong type", Workflow{Steps: []Step{{ID: "wait", Type: "delay", Controls: object{"type": "regular", "amount": []any{1.0, 2.0}, "unit": "days"}}}},
			[]string{"step wait: amount: error: must be number", "step wait: cron: error: Cron is required",
				"step wait: type: error: must be equal to constant", "step wait: dynamicKey: error: DynamicKey is required",
				"step wait: type: error: must be equal to constant",
				"step wait: amount: refusal: amount must be a number conforming to the specified constraints"}},
		{"condition", Workflow{Steps: []Step{{ID: "text", Type: "sms", Controls: object{"body": "b",
			"skip": object{"and": []any{object{"==": []any{object{"var": "subscriber.shoe"}, "x"}}}}}}}},
			[]string{"step text: skip: error: Value is not valid"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := lines(Rules{Now: noon}.Workflow(tt.give)); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%q, want\n%q", got, tt.want)
			}
		})
	}
}

// TestReleases: what a newer release has more, an older one does not know, and the newer complains about what no release knows.
func TestReleases(t *testing.T) {
	tests := []struct {
		name  string
		give  Step
		older []string
		newer []string
	}{
		{"tool", Step{Type: "tool", Controls: object{"body": "b"}}, []string{"step s: type: refusal: Novu has no steps of type tool"}, nil},
		{"tool without body", Step{Type: "tool"}, []string{"step s: type: refusal: Novu has no steps of type tool"},
			[]string{"step s: body: error: Body is required"}},
		{"e-mail", Step{Type: "email", Controls: object{"subject": "s", "preheader": 5.0}}, nil,
			[]string{"step s: preheader: error: must be string"}},
		{"chat", Step{Type: "chat", Controls: object{"body": "b", "editorType": "html"}}, nil,
			[]string{"step s: editorType: error: must be equal to one of the allowed values"}},
		{"body of a request", Step{Type: "http_request", Controls: object{"method": "POST", "url": "https://example.com", "body": "{}"}},
			[]string{"step s: body: error: must be array"}, nil},
		{"unknown key", Step{Type: "throttle", Controls: object{"amount": 1.0, "unit": "hours", "colour": "red"}},
			[]string{`step s: warning: Unknown control value "colour"; Novu accepts it, but does not use it`},
			[]string{`step s: colour: error: "colour" is not a supported property`}},
		{"unknown key below", Step{Type: "email", Controls: object{"subject": "s", "from": object{"mail": "x"}}},
			[]string{"step s: from: error: must NOT have additional properties"},
			[]string{`step s: from.mail: error: "mail" is not a supported property`}},
		{"unknown key of a URL", Step{Type: "in_app", Controls: object{"subject": "s", "body": "b", "primaryAction": object{"label": "l",
			"redirect": object{"url": "/", "target": "_self"}, "x": 1.0}}}, nil, nil},
		{"schema of another type", Step{Type: "push", Schema: "sms", Controls: object{"subject": "s", "body": "b"}},
			[]string{`step s: warning: Unknown control value "subject"; Novu accepts it, but does not use it`}, nil},
		{"template in an override", Step{Type: "chat", Controls: object{"body": "b"}, Overrides: object{"slack": object{"text": "{{nope.x}}"}}},
			[]string{`step s: providerOverrides.slack.text:1:1: error: Variable "nope.x" is not supported`},
			[]string{`step s: providerOverrides.slack.text:1:1: error: Variable "nope.x" is not supported`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.give.ID = "s"
			for release, want := range map[Release][]string{"": tt.older, Release315: tt.older, Release319: tt.newer, "4.0": tt.newer} {
				if got := lines(Rules{Now: noon, Release: release}.Workflow(Workflow{Steps: []Step{tt.give}})); !slices.Equal(got, want) {
					t.Errorf("%s: got\n%q, want\n%q", release, got, want)
				}
			}
		})
	}
}

// TestEnvironmentVariables: templates may name those that there are.
func TestEnvironmentVariables(t *testing.T) {
	text := Step{ID: "text", Type: "sms", Controls: object{"body": "{{env.URL}}{{env.NOPE}}"}}
	want := []string{`step text: body:1:12: error: Variable "env.NOPE" is not supported`}
	if got := lines(Rules{}.Workflow(Workflow{Env: []string{"URL"}, Steps: []Step{text}})); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	page := Layout{Env: []string{"URL"}, Controls: object{"email": object{"body": "<html><body>{{env.URL}}{{content}}</body></html>", "editorType": "html"}}}
	if got := lines(Rules{}.Layout(page)); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

// TestIssueParts: what a message is made of is there in parts.
func TestIssueParts(t *testing.T) {
	got := Rules{}.Workflow(Workflow{Steps: []Step{{ID: "bell", Type: "in_app", Controls: object{
		"body": "Hi {{ subscriber.shoe }}", "redirect": object{"url": "mailto:x", "target": "_self"}}}}})
	want := []Issue{
		{Step: "bell", Field: "redirect.url", Check: Schema, Severity: Error, Type: InvalidURL, Variable: "redirect.url",
			Message: "Invalid URL. Must be a valid full URL, path starting with /, or {{variable}}"},
		{Step: "bell", Field: "body", Check: Liquid, Severity: Error, Type: IllegalVariable, Variable: "subscriber.shoe",
			Message: `Variable "subscriber.shoe" is not supported`, Position: Position{Line: 1, Column: 4}},
	}
	got = slices.DeleteFunc(got, func(i Issue) bool { return i.Field != "redirect.url" && i.Check == Schema })
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestLayout(t *testing.T) {
	page := func(body string) object {
		return object{"email": object{"body": "<html><body>" + body + "</body></html>", "editorType": "html"}}
	}
	tests := []struct {
		name string
		give Layout
		want []string
	}{
		{"good", Layout{Controls: page("{{content}} {{subscriber.email}}")}, nil},
		{"no slot", Layout{Controls: page("")}, []string{`email.body: error: The layout body should contain the "content" variable`}},
		{"payload", Layout{Controls: page("{{content}}{{payload.x}}")}, []string{`email.body:1:24: error: Variable "payload.x" is not supported`}},
		{"unknown member", Layout{Controls: object{"email": page("{{content}}")["email"], "sms": 1.0}},
			[]string{`warning: Unknown control value "sms"; Novu accepts it, but does not use it`}},
		{"unknown member from the dashboard", Layout{Dashboard: true, Controls: object{"email": page("{{content}}")["email"], "sms": 1.0}}, nil},
		{"no body", Layout{Controls: object{"email": object{}}}, []string{"email.body: refusal: Layout has no body"}},
		{"no HTML", Layout{Controls: object{"email": object{"body": "{{content}}", "editorType": "html"}}},
			[]string{"email.body: refusal: Content must be a valid HTML content"}},
		{"no blocks", Layout{Controls: object{"email": object{"body": "{{content}}", "editorType": "block"}}},
			[]string{"email.body: refusal: Content must be a valid Maily JSON content"}},
		{"block editor", Layout{Controls: object{"email": object{"editorType": "block",
			"body": `{"type":"doc","content":[{"type":"variable","attrs":{"id":"content"}},{"type":"variable","attrs":{"id":"payload.x"}}]}`}}},
			[]string{`email.body: error: Variable "payload.x" is not supported`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := lines(Rules{}.Layout(tt.give)); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%q, want\n%q", got, tt.want)
			}
		})
	}
}

// TestTier: what is too long for the free tier is not for the paid one, up to half a year.
func TestTier(t *testing.T) {
	tests := []struct {
		name, kind string
		values     object
		free, paid []string // fields with issues
	}{
		{"a day", "delay", object{"type": "regular", "amount": 1.0, "unit": "days"}, nil, nil},
		{"two days", "delay", object{"type": "regular", "amount": 2.0, "unit": "days"}, []string{"amount", "unit"}, nil},
		{"seven months", "delay", object{"type": "regular", "amount": 7.0, "unit": "months"}, []string{"amount", "unit"}, []string{"amount", "unit"}},
		{"digest of a week", "digest", object{"amount": 1.0, "unit": "weeks"}, []string{"amount", "unit"}, nil},
		{"digest on the first", "digest", object{"cron": "0 0 1 * *"}, []string{"cron"}, nil},
		{"digest at New Year", "digest", object{"cron": "0 0 1 1 *"}, []string{"cron"}, []string{"cron"}},
		{"throttle of two hours", "throttle", object{"amount": 2.0, "unit": "hours"}, nil, nil}, // Novu checks from a day on
		{"throttle of a day", "throttle", object{"amount": 1.0, "unit": "days"}, []string{"amount", "unit"}, nil},
	}
	for _, tt := range tests {
		for _, paid := range []bool{false, true} {
			want := tt.free
			if paid {
				want = tt.paid
			}
			var got []string
			for _, i := range (Rules{Paid: paid, Now: noon}).tierIssues(tt.kind, tt.values) {
				got = append(got, i.Field)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, paid %v: issues at %v, want %v", tt.name, paid, got, want)
			}
		}
	}
}
