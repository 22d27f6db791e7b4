// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"novu-operator.dev/internal/novu/javascript"
)

type requestCase struct {
	Route, Name string
	Body        json.RawMessage

	Messages any    // of the request pipe
	Command  string // that refused the request, with Errors
	Errors   any
}

// target is the method and path of a route, with what it needs to exist.
func (c *requestCase) target(api *client) (method, path string) {
	switch c.Route {
	case "postWorkflow":
		return "POST", "/v2/workflows"
	case "putWorkflow":
		return "PUT", "/v2/workflows/w"
	case "patchWorkflow":
		return "PATCH", "/v2/workflows/w"
	case "syncWorkflow":
		return "PUT", "/v2/workflows/w/sync"
	case "postLayout":
		return "POST", "/v2/layouts"
	case "putLayout":
		return "PUT", "/v2/layouts/l"
	case "postIntegration":
		return "POST", "/v1/integrations"
	case "putIntegration":
		made := api.do("POST", "/v1/integrations", object{"providerId": "sendgrid", "channel": "email"})
		return "PUT", "/v1/integrations/" + made.text("data._id")
	case "postEnvironment":
		return "POST", "/v1/environments"
	case "listWorkflows":
		return "GET", "/v2/workflows" + c.query(api)
	case "listLayouts":
		return "GET", "/v2/layouts" + c.query(api)
	}
	api.t.Fatalf("unknown route %q", c.Route)
	return "", ""
}

func (c *requestCase) query(api *client) string {
	var members map[string]string
	if err := json.Unmarshal(c.Body, &members); err != nil {
		api.t.Fatal(err)
	}
	values := url.Values{}
	for k, v := range members {
		values.Set(k, v)
	}
	return "?" + values.Encode()
}

func TestRequests(t *testing.T) {
	for _, c := range readCases[requestCase](t, "testdata/requests.jsonl") {
		t.Run(c.Route+"/"+c.Name, func(t *testing.T) {
			api := dev(t, Options{PaidTier: true})
			if !strings.HasPrefix(c.Route, "post") {
				api.create(newWorkflow("w"))
				api.do("POST", "/v2/layouts", object{"name": "n", "layoutId": "l"}).want(http.StatusCreated)
			}
			method, path := c.target(api)
			body := any(string(c.Body))
			if method == "GET" {
				body = nil
			}
			c.judge(api.do(method, path, body))
		})
	}
}

func (c *requestCase) judge(a *answer) {
	t := a.t
	t.Helper()
	message := a.text("message")
	switch {
	case c.Messages != nil:
		a.want(http.StatusUnprocessableEntity).is("message", "Validation Error").is("errors.general.messages", c.Messages)
	case c.Command != "":
		a.want(http.StatusUnprocessableEntity)
		if !strings.HasPrefix(message, "Validation failed for "+c.Command+": ") || !reflect.DeepEqual(a.get("errors"), c.Errors) {
			t.Errorf("got %s\nwant %s refusing with %s", a.raw, c.Command, javascript.JSON(c.Errors))
		}
	case message == "Validation Error", strings.HasPrefix(message, "Validation failed for UpsertWorkflowCommand"),
		strings.HasPrefix(message, "Validation failed for UpsertLayoutCommand"):
		t.Errorf("refused: %s", a.raw)
	}
}
