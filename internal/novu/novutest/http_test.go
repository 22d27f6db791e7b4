// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/javascript"
)

func TestRouting(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
	}{
		{"GET", "/v2/workflows", 200}, {"GET", "/v2/workflows/", 200}, {"GET", "/V2/Workflows", 200},
		{"GET", "/v2/workflows//", 404}, {"GET", "/v2//workflows", 404}, {"GET", "/", 404}, {"GET", "/v2", 404},
		{"GET", "/v2/workflows/welcome/", 200}, {"GET", "/v2/workflows/WELCOME", 404}, {"GET", "/v2/workflows/wel%63ome", 200},
		{"HEAD", "/v2/workflows/welcome", 200}, {"HEAD", "/v2/workflows/nope", 404},
		{"OPTIONS", "/v2/workflows", 204}, {"OPTIONS", "/nope", 204}, {"TRACE", "/v2/workflows", 404},
		{"POST", "/v2/workflows/welcome", 404}, {"PUT", "/v2/workflows", 404}, {"DELETE", "/v2/layouts", 404},
		{"GET", "/v1/integrations/65f0aaaaaaaaaaaaaaaaaaaa", 404},
	}
	api := dev(t, Options{})
	api.create(newWorkflow("welcome"))
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			res := api.do(tt.method, tt.path, nil).want(tt.status)
			if tt.method == "HEAD" && len(res.raw) > 0 {
				t.Errorf("HEAD with a body: %s", res.raw)
			}
		})
	}
	res := api.do("GET", "/v2/nope?a=b", nil).is("message", "Cannot GET /v2/nope?a=b").is("path", "/v2/nope?a=b")
	res.is("error", "Not Found").is("ctx", object{"error": "Not Found", "statusCode": 404})
}

// TestBrokenEscape: a path parameter that cannot be unescaped is a 400. (Go's own client would not send one.)
func TestBrokenEscape(t *testing.T) {
	rt := route{segments: []string{"v2", ":id"}}
	_, err := rt.params([]string{"v2", "%zz"})
	if err == nil || err.Error() != "Failed to decode param '%zz'" {
		t.Errorf("error %v", err)
	}
}

func TestBodies(t *testing.T) {
	api := dev(t, Options{})
	large := `{"name":"x","layoutId":"` + strings.Repeat("a", 100<<10) + `"}`
	tests := []struct {
		name, path, contentType, body string

		status  int
		message string // "" is not looked at
	}{
		{"JSON", "/v2/workflows", "application/json", `{"name":"n","workflowId":"a","steps":[]}`, 201, ""},
		{"with a charset", "/v2/workflows", "application/json; charset=utf-8", `{"name":"n","workflowId":"b","steps":[]}`, 201, ""},
		{"other type", "/v2/workflows", "text/plain", `{"name":"n","workflowId":"c","steps":[]}`, 422, "Validation Error"},
		{"empty", "/v2/workflows", "application/json", ``, 422, "Validation Error"},
		{"array", "/v2/workflows", "application/json", `[]`, 422, "Validation Error"},
		{"no value", "/v2/workflows", "application/json", `{"a":}`, 400, ""},
		{"cut off", "/v2/workflows", "application/json", `{"a":1`, 400, "Unexpected end of JSON input"},
		{"text", "/v2/workflows", "application/json", `"x"`, 400, ""},
		{"behind it", "/v2/workflows", "application/json", `{} x`, 400, ""},
		{"too large", "/v2/layouts", "application/json", large, 413, "Payload Too Large"},
		{"large where that is fine", "/v2/workflows", "application/json",
			`{"name":"n","workflowId":"d","steps":[],"x":"` + strings.Repeat("a", 200<<10) + `"}`, 201, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(*testing.T) {
			res := api.withHeader("Content-Type", tt.contentType).do("POST", tt.path, tt.body).want(tt.status)
			if tt.message != "" && res.text("message") != tt.message {
				res.is("message", tt.message)
			}
		})
	}
}

// TestParserBeforeAuthorization: a body is read before anybody asks who sent it.
func TestParserBeforeAuthorization(t *testing.T) {
	api := dev(t, Options{})
	api.key = ""
	api.do("POST", "/v2/workflows", "{").want(http.StatusBadRequest)
	api.do("POST", "/v2/workflows", "{}").want(http.StatusUnauthorized)
}

func TestErrorShape(t *testing.T) {
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	api := dev(t, Options{Now: func() time.Time { return now }})
	res := api.do("GET", "/v2/workflows/nope?x=1", nil).want(http.StatusNotFound)
	want := object{"statusCode": 404, "timestamp": "2026-05-04T03:02:01.000Z", "path": "/v2/workflows/nope?x=1",
		"message": "Workflow cannot be found", "ctx": object{"workflowId": "nope"}, "workflowId": "nope"}
	if got := string(javascript.JSON(res.body)); got != string(javascript.JSON(want)) {
		t.Errorf("got  %s\nwant %s", got, javascript.JSON(want))
	}
	failed := api.do("PUT", "/v1/integrations/nope", object{"name": "x"}).want(http.StatusInternalServerError)
	if len(failed.text("errorId")) != 36 || failed.get("ctx") != nil {
		t.Errorf("a 500 looks like %s", failed.raw)
	}
}

// TestETag: Express answers 304 to the ETag of the same body. A workflow has a new one on every read, for its example
// payload is made up again.
func TestETag(t *testing.T) {
	api := dev(t, Options{})
	api.create(newWorkflow("welcome"))
	first := api.do("GET", "/v1/environments/me", nil).want(http.StatusOK)
	again := api.withHeader("If-None-Match", first.header.Get("Etag"))
	if res := again.do("GET", "/v1/environments/me", nil).want(http.StatusNotModified); len(res.raw) > 0 {
		t.Errorf("304 with a body: %s", res.raw)
	}
	again.do("GET", "/v2/workflows", nil).want(http.StatusOK)
	stale := api.withHeader("If-None-Match", `W/"2-stale"`)
	stale.do("GET", "/v1/environments/me", nil).want(http.StatusOK)
}

func TestBasePath(t *testing.T) {
	api := dev(t, Options{BasePath: "/novu"})
	api.do("GET", "/novu/v2/workflows", nil).want(http.StatusOK)
	api.do("GET", "/v2/workflows", nil).want(http.StatusNotFound)
	api.do("GET", "/novuv2/workflows", nil).want(http.StatusNotFound)
	api.do("GET", "/novu", nil).want(http.StatusNotFound)
	if n := api.server.Count("GET", "/v2/workflows"); n != 2 {
		t.Errorf("%d requests counted", n) // the log has paths without the prefix, and what had none
	}
	s := Start(t, Options{BasePath: "/novu"})
	if !strings.HasSuffix(s.URL, "/novu") {
		t.Errorf("URL %s", s.URL)
	}
}

func TestLatency(t *testing.T) {
	api := dev(t, Options{Latency: 30 * time.Millisecond})
	start := time.Now()
	api.do("GET", "/v1/environments/me", nil).want(http.StatusOK)
	if d := time.Since(start); d < 30*time.Millisecond {
		t.Errorf("answered after %v", d)
	}
}
