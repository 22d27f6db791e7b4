// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// integrate makes an integration and returns its answer.
func (c *client) integrate(provider, channel, identifier string, more object) *answer {
	c.t.Helper()
	body := object{"providerId": provider, "channel": channel, "identifier": identifier}
	maps.Copy(body, more)
	return c.do("POST", "/v1/integrations", body).want(http.StatusCreated)
}

var on = object{"active": true}

func TestCreateIntegration(t *testing.T) {
	tests := []struct {
		name string
		give object
		want map[string]any // below data
	}{
		{"least", object{"providerId": "sendgrid", "channel": "email"}, map[string]any{"active": false, "primary": false,
			"priority": 0, "name": "SendGrid", "credentials": object{}, "conditions": []any{}, "configurations": nil}},
		{"active", object{"providerId": "sendgrid", "channel": "email", "active": true},
			map[string]any{"active": true, "primary": true, "priority": 1}},
		{"active without primary", object{"providerId": "slack", "channel": "chat", "active": true},
			map[string]any{"active": true, "primary": false, "priority": 0}},
		{"unknown provider", object{"providerId": "nope", "channel": "email"}, map[string]any{"name": "Nope", "providerId": "nope"}},
		{"wrong channel", object{"providerId": "twilio", "channel": "email"}, map[string]any{"channel": "email"}},
		{"credentials", object{"providerId": "sendgrid", "channel": "email", "credentials": object{"apiKey": "k", "nope": "x", "from": "a"}},
			map[string]any{"credentials": object{"apiKey": "k", "from": "a"}}},
		{"words for flags", object{"providerId": "nodemailer", "channel": "email",
			"credentials": object{"secure": "true", "ignoreTls": "false", "requireTls": "", "tlsOptions": `{"a":1}`}},
			map[string]any{"credentials": object{"secure": true, "ignoreTls": false, "tlsOptions": object{"a": 1}}}},
		{"configurations", object{"providerId": "sendgrid", "channel": "email",
			"configurations": object{"inboundWebhookEnabled": true, "nope": 1}},
			map[string]any{"configurations": object{"inboundWebhookEnabled": true}}},
		{"name", object{"providerId": "sendgrid", "channel": "email", "name": "Main"}, map[string]any{"name": "Main"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			res := api.do("POST", "/v1/integrations", tt.give).want(http.StatusCreated)
			for path, want := range tt.want {
				res.is("data."+path, want)
			}
		})
	}
}

func TestIntegrationIdentifiers(t *testing.T) {
	api := dev(t, Options{})
	made := api.do("POST", "/v1/integrations", object{"providerId": "sendgrid", "channel": "email", "name": "Main Mail"})
	if id := made.text("data.identifier"); !strings.HasPrefix(id, "main-mail-") || len(id) != len("main-mail-")+9 {
		t.Errorf("made-up identifier %q", id)
	}
	api.integrate("sendgrid", "email", "mail", nil)
	taken := "Integration with identifier already exists"
	api.do("POST", "/v1/integrations", object{"providerId": "twilio", "channel": "sms", "identifier": "mail"}).
		want(http.StatusConflict).is("message", taken)
	elsewhere := api.in("Production").integrate("sendgrid", "email", "other", nil)
	api.integrate("sendgrid", "email", "other", nil) // creations look at one environment only
	// Updates look at the whole organization.
	api.do("PUT", "/v1/integrations/"+made.text("data._id"), object{"identifier": "other"}).want(http.StatusConflict).is("message", taken)
	api.do("PUT", "/v1/integrations/"+elsewhere.text("data._id"), object{"identifier": "other"}).want(http.StatusBadRequest)
	api.do("PUT", "/v1/integrations/"+made.text("data._id"), object{"identifier": "mine"}).is("data.identifier", "mine")
}

func TestUpdateIntegration(t *testing.T) {
	tests := []struct {
		name   string
		give   object
		status int
		want   map[string]any // below data, or the whole body of an error
	}{
		{"nothing", object{}, 400, map[string]any{"message": "No properties found for update"}},
		{"check alone", object{"check": false}, 400, map[string]any{"message": "No properties found for update"}},
		{"empty name", object{"name": ""}, 400, map[string]any{"message": "No properties found for update"}},
		{"name", object{"name": "New"}, 200, map[string]any{"data.name": "New", "data.credentials": object{"apiKey": "k", "from": "a"}}},
		{"credentials are replaced", object{"credentials": object{"apiKey": "z"}}, 200,
			map[string]any{"data.credentials": object{"apiKey": "z"}}},
		{"credentials are emptied", object{"credentials": object{}}, 200, map[string]any{"data.credentials": object{}}},
		{"provider and channel stay", object{"providerId": "mailgun", "channel": "sms", "name": "x"}, 200,
			map[string]any{"data.providerId": "sendgrid", "data.channel": "email"}},
		{"configurations are replaced", object{"configurations": object{"inboxCount": 3}}, 200,
			map[string]any{"data.configurations": object{"inboxCount": 3}}},
		{"conditions take primary away", object{"conditions": []any{object{"isNegated": false, "type": "GROUP", "value": "AND",
			"children": []any{object{"field": "identifier", "value": "x", "operator": "EQUAL", "on": "tenant"}}}}}, 200,
			map[string]any{"data.primary": false, "data.conditions.0.value": "AND", "data.conditions.0.children.0.on": "tenant"}},
		{"no conditions", object{"conditions": []any{}}, 200, map[string]any{"data.primary": true, "data.conditions": []any{}}},
		{"check reaches nobody", object{"check": true, "name": "x"}, 400, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			made := api.integrate("sendgrid", "email", "mail", object{"active": true, "credentials": object{"apiKey": "k", "from": "a"},
				"configurations": object{"inboundWebhookEnabled": true}})
			res := api.do("PUT", "/v1/integrations/"+made.text("data._id"), tt.give).want(tt.status)
			for path, want := range tt.want {
				res.is(path, want)
			}
		})
	}
}

// ranks are the active integrations of a channel as "identifier:priority", with a star on the primary one.
func ranks(s *Server, channel string) string {
	var out []string
	for _, i := range s.Integrations("Development") {
		if i.Channel != channel {
			continue
		}
		star := ""
		if i.Primary {
			star = "*"
		}
		out = append(out, fmt.Sprintf("%s:%d%s", i.Identifier, i.Priority, star))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestPrimary walks through everything that moves priority and primary.
func TestPrimary(t *testing.T) {
	api := dev(t, Options{})
	ids := map[string]string{}
	add := func(name string, more object) {
		ids[name] = api.integrate("sendgrid", "email", name, more).text("data._id")
	}
	put := func(name string, body object) {
		t.Helper()
		api.do("PUT", "/v1/integrations/"+ids[name], body).want(http.StatusOK)
	}
	steps := []struct {
		what string
		do   func()
		want string
	}{
		{"the first active one leads", func() { add("a", on) }, "a:1*"},
		{"an inactive one has no rank", func() { add("b", nil) }, "a:1* b:0"},
		{"the next one goes below the leader", func() { add("c", on) }, "a:2* b:0 c:1"},
		{"switched on, without becoming primary", func() { put("b", on) }, "a:3* b:2 c:1"},
		{"an identical update", func() { put("b", on) }, "a:3* b:2 c:1"},
		{"set as primary", func() {
			api.do("POST", "/v1/integrations/"+ids["c"]+"/set-primary", nil).want(http.StatusCreated).is("data.primary", true)
		}, "a:2 b:1 c:3*"},
		{"set as primary again", func() {
			api.do("POST", "/v1/integrations/"+ids["c"]+"/set-primary", nil).want(http.StatusCreated)
		}, "a:2 b:1 c:3*"},
		{"the leader is switched off, nobody follows", func() { put("c", object{"active": false}) }, "a:2 b:1 c:0"},
		{"the next active one leads again", func() { add("d", on) }, "a:2 b:1 c:0 d:3*"},
		{"the leader is deleted, nobody follows", func() {
			api.do("DELETE", "/v1/integrations/"+ids["d"], nil).want(http.StatusOK)
		}, "a:2 b:1 c:0"},
		{"an inactive one is set as primary", func() {
			api.do("POST", "/v1/integrations/"+ids["c"]+"/set-primary", nil).want(http.StatusCreated).is("data.active", true)
		}, "a:2 b:1 c:3*"},
	}
	for _, step := range steps {
		step.do()
		if got := ranks(api.server, "email"); got != step.want {
			t.Errorf("%s: %s, want %s", step.what, got, step.want)
		}
	}
}

func TestSetPrimary(t *testing.T) {
	api := dev(t, Options{})
	chat := api.integrate("slack", "chat", "chat", on).text("data._id")
	api.do("POST", "/v1/integrations/"+chat+"/set-primary", nil).want(http.StatusBadRequest).
		is("message", "Channel chat does not support primary")
	api.do("POST", "/v1/integrations/65f0aaaaaaaaaaaaaaaaaaaa/set-primary", nil).want(http.StatusNotFound)
	conditions := object{"conditions": []any{object{"value": "AND", "children": []any{}}}}
	mail := api.integrate("sendgrid", "email", "mail", conditions).text("data._id")
	api.do("POST", "/v1/integrations/"+mail+"/set-primary", nil).is("data.conditions", []any{})
}

func TestIntegrationPaths(t *testing.T) {
	for _, tt := range []struct {
		method, id string
		status     int
	}{
		{"PUT", "nope", 500}, {"DELETE", "nope", 500}, {"PUT", "mail", 500}, {"DELETE", "mail", 500},
		{"PUT", "65f0aaaaaaaaaaaaaaaaaaaa", 404}, {"DELETE", "65f0aaaaaaaaaaaaaaaaaaaa", 404},
	} {
		t.Run(tt.method+" "+tt.id, func(t *testing.T) {
			api := dev(t, Options{})
			api.integrate("sendgrid", "email", "mail", nil)
			api.do(tt.method, "/v1/integrations/"+tt.id, object{"name": "x"}).want(tt.status)
		})
	}
}

func TestForbiddenIntegrations(t *testing.T) {
	for _, tt := range []struct{ provider, channel, message string }{
		{"novu", "in_app", "One environment can only have one In app provider"},
		{"novu-email", "email", "Creating Novu integration for novu-email provider is not allowed"},
		{"novu-sms", "sms", "Creating Novu integration for novu-sms provider is not allowed"},
	} {
		t.Run(tt.provider, func(t *testing.T) {
			dev(t, Options{}).do("POST", "/v1/integrations", object{"providerId": tt.provider, "channel": tt.channel}).
				want(http.StatusBadRequest).is("message", tt.message)
		})
	}
}

// TestIntegrationLists: lists show the whole organization, and a deletion answers what is left in the environment.
func TestIntegrationLists(t *testing.T) {
	api := dev(t, Options{})
	mail := api.integrate("sendgrid", "email", "mail", object{"credentials": object{"apiKey": "k"}})
	api.in("Production").integrate("twilio", "sms", "text", on)
	if got := api.do("GET", "/v1/integrations", nil).values("data", "providerId"); !slices.Equal(got, []string{"novu", "novu", "sendgrid", "twilio"}) {
		t.Errorf("all: %v", got)
	}
	if got := api.do("GET", "/v1/integrations/active", nil).values("data", "providerId"); !slices.Equal(got, []string{"novu", "novu", "twilio"}) {
		t.Errorf("active: %v", got)
	}
	api.integrate("mailgun", "email", "more", object{"credentials": object{"apiKey": "k", "user": "u"}})
	left := api.do("DELETE", "/v1/integrations/"+mail.text("data._id"), nil).want(http.StatusOK)
	if got := left.values("data", "providerId"); !slices.Equal(got, []string{"novu", "mailgun"}) {
		t.Errorf("left: %v", got)
	}
	if secret := left.text("data.1.credentials.apiKey"); !strings.HasPrefix(secret, "nvsk.") {
		t.Errorf("the answer to a deletion shows %q in clear text", secret)
	}
	left.is("data.1.credentials.user", "u")
}

func TestHideCredentials(t *testing.T) {
	api := dev(t, Options{HideCredentials: true})
	made := api.integrate("sendgrid", "email", "mail", object{"credentials": object{"apiKey": "k"}}).is("data.credentials", nil)
	api.do("GET", "/v1/integrations", nil).is("data.2.credentials", object{})
	api.do("PUT", "/v1/integrations/"+made.text("data._id"), object{"credentials": object{"apiKey": "z"}}).is("data.credentials", nil)
	if got := api.server.Integrations("Development")[1].Credentials["apiKey"]; got != "z" {
		t.Errorf("stored is %v", got)
	}
}

// TestOtherEnvironment: a request can put an integration into any environment, or move it there.
func TestOtherEnvironment(t *testing.T) {
	api := dev(t, Options{})
	prod := api.server.Environment("Production").ID
	made := api.integrate("sendgrid", "email", "mail", object{"_environmentId": prod})
	if n := len(api.server.Integrations("Production")); n != 2 {
		t.Errorf("%d integrations in Production", n)
	}
	home := api.server.Environment("Development").ID
	api.do("PUT", "/v1/integrations/"+made.text("data._id"), object{"_environmentId": home}).is("data._environmentId", home)
	if n, m := len(api.server.Integrations("Production")), len(api.server.Integrations("Development")); n != 1 || m != 2 {
		t.Errorf("%d integrations in Production and %d in Development", n, m)
	}
}

// TestMissingIntegrations: what a step lacks is found out when it is read, and makes no workflow an error.
func TestMissingIntegrations(t *testing.T) {
	missing := func(message string) any { return []any{object{"issueType": "MISSING_INTEGRATION", "message": message}} }
	tests := []struct {
		kind  string
		given func(*client)
		want  any
	}{
		{"email", func(*client) {}, missing("Missing active primary integration provider")},
		{"email", func(c *client) { c.integrate("sendgrid", "email", "mail", nil) }, missing("Missing active primary integration provider")},
		{"email", func(c *client) { c.integrate("sendgrid", "email", "mail", on) }, nil},
		{"sms", func(c *client) { c.in("Production").integrate("twilio", "sms", "text", on) }, missing("Missing active primary integration provider")},
		{"chat", func(*client) {}, missing("Missing active integration provider")},
		{"push", func(c *client) { c.integrate("fcm", "push", "push", on) }, nil},
		{"in_app", func(*client) {}, missing("Inbox is not connected. Please connect your Inbox integration.")},
		{"in_app", func(c *client) { c.server.ConnectInbox("Development") }, nil},
		{"digest", func(*client) {}, nil},
	}
	values := map[string]object{"email": {"subject": "s", "body": "b"}, "digest": {"amount": 5.0, "unit": "minutes"},
		"push": {"subject": "s", "body": "b"}}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			api := dev(t, Options{})
			v := values[tt.kind]
			if v == nil {
				v = object{"body": "b"}
			}
			api.create(newWorkflow("welcome", newStep("step", tt.kind, v)))
			tt.given(api)
			api.do("GET", "/v2/workflows/welcome", nil).is("data.status", "ACTIVE").is("data.steps.0.issues.integration."+tt.kind, tt.want)
		})
	}
}
