// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"novu-operator.dev/internal/novu/javascript"
)

// TestSnapshot: two servers that were asked the same have the same state, whatever their ids and clocks.
func TestSnapshot(t *testing.T) {
	state := func(change func(*client)) any {
		api := dev(t, Options{})
		api.layout("base")
		api.integrate("sendgrid", "email", "mail", object{"active": true, "credentials": object{"apiKey": "k"}})
		api.create(full("welcome"))
		change(api)
		return api.server.Snapshot("Development")
	}
	same := state(func(*client) {})
	tests := []struct {
		name   string
		change func(*client)
		equal  bool
	}{
		{"nothing", func(*client) {}, true},
		{"an identical update", func(c *client) {
			made := c.do("GET", "/v2/workflows/welcome", nil)
			c.do("PUT", "/v2/workflows/welcome", made.update(nil)).want(http.StatusOK)
		}, true},
		{"another environment", func(c *client) { c.in("Production").create(newWorkflow("x")) }, true},
		{"a name", func(c *client) { c.do("PATCH", "/v2/workflows/welcome", object{"name": "x"}) }, false},
		{"a second copy", func(c *client) { c.create(newWorkflow("welcome")) }, false},
		{"a layout", func(c *client) { c.layout("more") }, false},
		{"an integration", func(c *client) { c.integrate("twilio", "sms", "text", nil) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := state(tt.change); reflect.DeepEqual(got, same) != tt.equal {
				t.Errorf("equal: %v, want %v\n%s\n%s", !tt.equal, tt.equal, javascript.JSON(got), javascript.JSON(same))
			}
		})
	}
}

// TestSnapshotWithStepIDs shows what Snapshot does not: that a step was made again.
func TestSnapshotWithStepIDs(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(newWorkflow("welcome", mail("mail")))
	plainBefore, before := api.server.Snapshot("Development"), api.server.SnapshotWithStepIDs("Development")
	api.do("PUT", "/v2/workflows/welcome", made.update(object{"steps": []any{mail("mail")}})).want(http.StatusOK)
	if got := api.server.Snapshot("Development"); len(javascript.JSON(got)) != len(javascript.JSON(plainBefore)) {
		t.Errorf("from %s\nto   %s", javascript.JSON(plainBefore), javascript.JSON(got))
	}
	if reflect.DeepEqual(before, api.server.SnapshotWithStepIDs("Development")) {
		t.Error("the new _id does not show")
	}
}

func TestRequestLog(t *testing.T) {
	api := dev(t, Options{RecordBodies: true})
	api.create(newWorkflow("welcome"))
	api.in("Production").do("GET", "/v2/workflows/nope?x=1", nil).want(http.StatusNotFound)
	log := api.server.Requests()
	if len(log) != 2 {
		t.Fatalf("%d requests", len(log))
	}
	first, second := log[0], log[1]
	if first.N != 1 || first.Method != http.MethodPost || first.Path != "/v2/workflows" || first.Environment != "Development" || first.Status != 201 {
		t.Errorf("first %+v", first)
	}
	if !strings.Contains(string(first.Body), `"workflowId":"welcome"`) || first.BodySHA == second.BodySHA {
		t.Errorf("bodies %q and %q", first.Body, second.Body)
	}
	if second.Query != "x=1" || second.Environment != "Production" || second.Status != 404 {
		t.Errorf("second %+v", second)
	}
	for _, tt := range []struct {
		method, prefix string
		want           int
	}{{"", "", 2}, {"GET", "", 1}, {"", "/v2/workflows/", 1}, {"POST", "/v2/workflows", 1}, {"PUT", "", 0}} {
		if got := api.server.Count(tt.method, tt.prefix); got != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.prefix, got, tt.want)
		}
	}
	api.server.ClearRequests()
	if n := len(api.server.Requests()); n != 0 {
		t.Errorf("%d requests after clearing", n)
	}
}

func TestRotateKey(t *testing.T) {
	api := dev(t, Options{})
	fresh := api.server.RotateKey("Development")
	api.do("GET", "/v2/workflows", nil).want(http.StatusUnauthorized).is("message", "API Key not found")
	api.key = fresh
	api.do("GET", "/v2/workflows", nil).want(http.StatusOK)
	if got := api.server.Environment("Development").SecretKey; got != fresh {
		t.Errorf("the environment has %q", got)
	}
}

func TestUnknownEnvironment(t *testing.T) {
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), `"nope"`) {
			t.Errorf("panic %v", r)
		}
	}()
	New(Options{}).Environment("nope")
}

// TestReset: each scenario gets a server of its own, with the switches that it requires.
func TestReset(t *testing.T) {
	api := dev(t, Options{})
	reset := func(requires ...string) map[string]string {
		t.Helper()
		res := api.do("POST", resetPath, object{"scenario": "x", "requires": requires}).want(http.StatusOK)
		seed := map[string]string{}
		if err := json.Unmarshal(res.raw, &seed); err != nil {
			t.Fatal(err)
		}
		return seed
	}
	limit := func(seed map[string]string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, seed["BASE_URL"]+"/v2/workflows", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "ApiKey "+seed["DEV_API_KEY"])
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return fmt.Sprint(res.StatusCode, " ", res.Header.Get("RateLimit-Limit"))
	}
	first := reset()
	if got := limit(first); got != "200 " {
		t.Errorf("a plain server answers %s", got)
	}
	second := reset("rate-limits")
	if got := limit(second); got != "200 100" {
		t.Errorf("a limited server answers %s", got)
	}
	if first["DEV_API_KEY"] == second["DEV_API_KEY"] || first["ORG_ID"] == second["ORG_ID"] {
		t.Error("two servers share keys or ids")
	}
	for _, name := range []string{"PROD_API_KEY", "PROD_ENV_ID", "DEV_ENV_IDENTIFIER", "USER_ID", "USER_JWT"} {
		if second[name] == "" {
			t.Errorf("no %s", name)
		}
	}
	api.do("POST", resetPath, "nope").want(http.StatusBadRequest)
}
