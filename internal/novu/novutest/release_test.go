// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	scopeRefusal = "This authentication scheme is scoped to a single environment and cannot target a different `_environmentId`. " +
		"Use credentials from the target environment, or authenticate with a session token."
	foreignRefusal = "API key authentication is scoped to a single environment and cannot %s an integration that belongs to a different " +
		"environment. Use an API key from the integration's environment, or authenticate with a session token."
)

// newer makes a server of the newest release and a client of its first environment.
func newer(t *testing.T) *client { return dev(t, Options{Release: Release319}) }

// TestSetRelease moves a server with a workflow to another release and back. Nothing that is stored moves, and each release shows
// what it knows.
func TestSetRelease(t *testing.T) {
	api := dev(t, Options{Release: Release315})
	made := api.create(newWorkflow("welcome", mail("mail")))
	before := api.server.SnapshotWithStepIDs("Development")
	show := func() *answer { return api.do("GET", "/v2/workflows/welcome", nil).want(http.StatusOK) }
	made.is("data.preferences.default.channels.tool", nil)
	api.server.SetRelease(Release319)
	now := show().is("data.preferences.default.channels.tool", object{"enabled": true}).is("data.updatedAt", made.get("data.updatedAt"))
	if _, given := now.get("data").(map[string]any)["agent"]; !given {
		t.Error("the newer release tells of no agent")
	}
	changed := made.update(object{"origin": absent})
	api.do("PUT", "/v2/workflows/welcome", changed).want(http.StatusOK).is("data.steps.0._id", made.get("data.steps.0._id"))
	api.server.SetRelease(Release315)
	if api.server.Release() != Release315 {
		t.Errorf("it plays %s", api.server.Release())
	}
	show().is("data.preferences.default.channels.tool", nil)
	api.do("PUT", "/v2/workflows/welcome", changed).want(http.StatusUnprocessableEntity)
	api.do("PUT", "/v2/workflows/welcome", made.update(nil)).want(http.StatusOK)
	if after := api.server.SnapshotWithStepIDs("Development"); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("what is stored was\n%v, now it is\n%v", before, after)
	}
}

func TestUnknownRelease(t *testing.T) {
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, `no release "2.0"`) {
			t.Errorf("it says %s", said)
		}
	}()
	New(Options{Release: "2.0"})
}

// TestPartialPreferences: a channel that a request leaves out is as all of them together are.
func TestPartialPreferences(t *testing.T) {
	for _, all := range []bool{true, false} {
		api := newer(t)
		body := newWorkflow("welcome")
		body["preferences"] = object{"workflow": object{"all": object{"enabled": all}, "channels": object{"email": object{"enabled": !all}}}}
		made := api.create(body)
		for _, channel := range []string{"sms", "in_app", "push", "chat", "tool"} {
			made.is("data.preferences.default.channels."+channel, object{"enabled": all})
		}
		made.is("data.preferences.default.channels.email", object{"enabled": !all}).is("data.preferences.default.all.readOnly", false)
		dev(t, Options{}).do("POST", "/v2/workflows", body).want(http.StatusUnprocessableEntity)
	}
}

// TestAgent: an agent that is left out stays, null removes it, and one that the environment does not have is a 404 that
// changes nothing.
func TestAgent(t *testing.T) {
	api := newer(t)
	api.server.AddAgent("Development", "helper")
	helper := object{"identifier": "helper"}
	made := api.create(newWorkflow("welcome")).is("data.agent", nil)
	put := func(changes object) *answer { return api.do("PUT", "/v2/workflows/welcome", made.update(changes)) }
	put(object{"agent": helper}).want(http.StatusOK).is("data.agent", helper)
	put(object{"name": "Other"}).want(http.StatusOK).is("data.agent", helper)
	put(object{"name": "Third", "agent": object{"identifier": "nope"}}).want(http.StatusNotFound).
		is("message", `Agent with identifier "nope" was not found.`)
	api.do("GET", "/v2/workflows/welcome", nil).is("data.name", "Other").is("data.agent", helper)
	target := object{"targetEnvironmentId": api.server.Environment("Production").ID}
	api.do("PUT", "/v2/workflows/welcome/sync", target).want(http.StatusNotFound)
	api.server.AddAgent("Production", "helper")
	api.do("PUT", "/v2/workflows/welcome/sync", target).want(http.StatusOK).is("data.agent", helper)
	put(object{"agent": nil}).want(http.StatusOK).is("data.agent", nil)
	api.do("PUT", "/v2/workflows/welcome/sync", target).want(http.StatusOK).is("data.agent", nil)
	api.do("POST", "/v2/workflows", object{"workflowId": "w", "name": "w", "steps": []any{}, "agent": object{}}).
		want(http.StatusUnprocessableEntity).is("errors.general.messages", []any{"agent.identifier must be a string"})
}

// TestProviderOverrides: what no provider can use is complained about, and kept only if Novu knows the provider at all.
func TestProviderOverrides(t *testing.T) {
	slack := object{"slack": object{"text": "x"}}
	tests := []struct {
		name, kind  string
		give        any
		kept        any
		complaintAt string // below issues.controls, with its property after a space
	}{
		{"of the channel", "chat", slack, slack, ""},
		{"any member", "chat", object{"discord": object{"anything": 1}}, object{"discord": object{"anything": 1}}, ""},
		{"of another channel", "tool", slack, slack, ""},
		{"of a step without", "sms", slack, slack, "providerOverrides.slack slack"},
		{"unknown provider", "chat", object{"carrier-pigeon": object{}}, nil, "providerOverrides.carrier-pigeon carrier-pigeon"},
		{"unknown member", "tool", object{"pagerduty": object{"colour": "red"}}, object{"pagerduty": object{"colour": "red"}},
			"providerOverrides.pagerduty.colour colour"},
		{"none", "chat", object{}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := newer(t)
			st := newStep("talk", tt.kind, object{"body": "b"})
			st["providerOverrides"] = tt.give
			made := api.create(newWorkflow("welcome", st)).is("data.steps.0.providerOverrides", tt.kept)
			at, property, complains := strings.Cut(tt.complaintAt, " ")
			issues, _ := made.get("data.steps.0.issues.controls").(map[string]any)
			want := []any{object{"issueType": "UNSUPPORTED_PROPERTY", "variableName": at, "message": `"` + property + `" is not a supported property`}}
			if complains && fmt.Sprint(issues[at]) != fmt.Sprint(want) || !complains && len(issues) > 0 {
				t.Errorf("complaints: %v", issues)
			}
			made.is("data.status", map[bool]string{true: "ERROR", false: "ACTIVE"}[complains])
		})
	}
}

// TestOverridesWithoutValues: without control values, a step loses its overrides, too.
func TestOverridesWithoutValues(t *testing.T) {
	api := newer(t)
	st := newStep("talk", "chat", object{"body": "b"})
	st["providerOverrides"] = object{"slack": object{"text": "x"}}
	made := api.create(newWorkflow("welcome", st))
	steps := made.update(nil)["steps"].([]any)
	api.do("PUT", "/v2/workflows/welcome", made.update(nil)).want(http.StatusOK).is("data.steps.0.providerOverrides.slack.text", "x")
	steps[0].(object)["controlValues"] = nil
	api.do("PUT", "/v2/workflows/welcome", made.update(object{"steps": steps})).want(http.StatusOK).is("data.steps.0.providerOverrides", nil)
	st["providerOverrides"] = "text"
	api.do("POST", "/v2/workflows", newWorkflow("other", st)).want(http.StatusUnprocessableEntity).
		is("errors.general.messages", []any{"steps.0.providerOverrides must be an object"})
}

// TestStoredOrigin: a code-first workflow stays one, and nothing protects its steps.
func TestStoredOrigin(t *testing.T) {
	api := newer(t)
	made := api.create(newWorkflow("welcome", newStep("mail", "email", object{"subject": "s", "mine": "x"})))
	api.server.MakeExternal("Development", "welcome", true)
	body := made.update(object{"origin": "novu-cloud"})
	api.do("PUT", "/v2/workflows/welcome", body).want(http.StatusOK).is("data.origin", "external").
		is("data.steps.0.issues.controls.mine.0.issueType", "UNSUPPORTED_PROPERTY")
	body["steps"] = []any{}
	api.do("PUT", "/v2/workflows/welcome", body).want(http.StatusOK).is("data.steps", []any{})
}

// TestKeyScope: what an API key of the newest release may reach of another environment, and with which words it may not.
func TestKeyScope(t *testing.T) {
	api := newer(t)
	prod := api.server.Environment("Production")
	theirs := "/v1/integrations/" + api.server.Integrations("Production")[0].ID
	tests := []struct {
		method, path string
		body         any
		status       int
		message      any
	}{
		{"GET", "/v2/workflows/x?environmentId=" + prod.ID, nil, 403, scopeRefusal},
		{"GET", "/v2/workflows/x?environmentId=nope", nil, 403, scopeRefusal},
		{"POST", "/v1/integrations", object{"providerId": "sendgrid", "channel": "email", "_environmentId": prod.ID}, 403, scopeRefusal},
		{"PUT", theirs, object{"name": "x"}, 403, fmt.Sprintf(foreignRefusal, "update")},
		{"PUT", theirs, object{"_environmentId": prod.ID}, 403, scopeRefusal},
		{"DELETE", theirs, nil, 403, fmt.Sprintf(foreignRefusal, "delete")},
		{"POST", theirs + "/set-primary", nil, 403, fmt.Sprintf(foreignRefusal, "set as primary")},
		{"PUT", "/v1/integrations/nope", object{"name": "x"}, 422,
			"Validation failed for UpdateIntegrationCommand: integrationId: integrationId must be a mongodb id"},
		{"POST", "/v2/environments/" + prod.ID + "/diff", object{}, 403, scopeRefusal},
		{"POST", "/v2/environments/" + prod.ID + "/publish", object{}, 403, scopeRefusal},
		{"PUT", "/v1/environments/" + prod.ID, object{"color": "#ffffff"}, 200, nil},
		{"POST", "/v1/environments/api-keys", nil, 401, "API endpoint not accessible"},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			c := *api
			c.t = t
			c.do(tt.method, tt.path, tt.body).want(tt.status).is("message", tt.message)
		})
	}
}

// TestMailHost: the newest release sends no mail to addresses that are not public.
func TestMailHost(t *testing.T) {
	private := "Requests to private or reserved IP addresses are not allowed (resolved: %s)."
	tests := []struct {
		host, port, message string // no message: it is accepted
	}{
		{"mail.example.test", "25", ""},
		{"192.0.2.1", "25", ""},
		{"", "25", "SMTP host is required."},
		{"a b", "25", "SMTP host contains invalid characters."},
		{"LocalHost", "25", `Requests to "localhost" are not allowed.`},
		{"10.1.2.3", "25", fmt.Sprintf(private, "10.1.2.3")},
		{"169.254.1.1", "25", fmt.Sprintf(private, "169.254.1.1")},
		{"100.64.0.1", "25", fmt.Sprintf(private, "100.64.0.1")},
		{"mail.example.test", "0", "SMTP port must be an integer between 1 and 65535."},
	}
	for _, tt := range tests {
		t.Run(tt.host+":"+tt.port, func(t *testing.T) {
			body := object{"providerId": "nodemailer", "channel": "email", "credentials": object{"host": tt.host, "port": tt.port}}
			got := newer(t).do("POST", "/v1/integrations", body)
			if tt.message == "" {
				got.want(http.StatusCreated)
				return
			}
			got.want(http.StatusBadRequest).is("message", tt.message)
			dev(t, Options{}).do("POST", "/v1/integrations", body).want(http.StatusCreated)
		})
	}
}

// TestOrderOfOneMoment: of what changed in one millisecond, what changed last comes last.
func TestOrderOfOneMoment(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	api := dev(t, Options{Now: func() time.Time { return at }})
	for _, id := range []string{"a", "b"} {
		api.create(newWorkflow(id))
	}
	at = at.Add(time.Millisecond)
	api.create(newWorkflow("c"))
	api.do("PATCH", "/v2/workflows/a", object{"active": false}).want(http.StatusOK)
	api.do("GET", "/v2/workflows?orderBy=updatedAt&orderDirection=DESC&limit=1", nil).want(http.StatusOK).is("data.workflows.0.workflowId", "a")
}
