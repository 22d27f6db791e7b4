// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/javascript"
)

const (
	page1 = `<html><body><h1>One</h1>{{content}}</body></html>`
	page2 = `<html><body><h1>Two</h1>{{ content }}</body></html>`
)

func newLayout(id string) object { return object{"name": "Name of " + id, "layoutId": id} }

func withContent(body, editor string) object {
	email := object{"body": body}
	if editor != "" {
		email["editorType"] = editor
	}
	return object{"name": "New name", "controlValues": object{"email": email}}
}

func (c *client) layout(id string) *answer {
	c.t.Helper()
	return c.do("POST", "/v2/layouts", newLayout(id)).want(http.StatusCreated)
}

func TestCreateLayout(t *testing.T) {
	api := dev(t, Options{})
	body := newLayout("base")
	body["controlValues"] = withContent(page1, "html")["controlValues"]
	first := api.do("POST", "/v2/layouts", body).want(http.StatusCreated).is("data.isDefault", true).is("data.layoutId", "base")
	if strings.Contains(first.text("data.controls.values.email.body"), "One") {
		t.Error("content of a creation is kept")
	}
	first.is("data.controls.values.email.editorType", "block").is("data.updatedBy", nil)
	second := api.layout("second").is("data.isDefault", false)
	api.do("POST", "/v2/layouts", newLayout("second")).want(http.StatusConflict).
		is("message", "Layout with identifier: second already exists under environment "+api.server.Environment("Development").ID)
	api.in("Production").layout("base").is("data.isDefault", true)
	for _, id := range []string{"second", second.text("data._id"), second.text("data.slug")} {
		api.do("GET", "/v2/layouts/"+id, nil).want(http.StatusOK).is("data.name", "Name of second")
	}
	api.do("GET", "/v2/layouts/nope", nil).want(http.StatusNotFound)
}

func TestLayoutContent(t *testing.T) {
	block := `{"type":"doc","content":[{"type":"paragraph","content":[{"type":"variable","attrs":{"id":"content"}}]}]}`
	noSlot := `{"type":"doc","content":[{"type":"paragraph"}]}`
	missing := `The layout body should contain the \"content\" variable`
	tests := []struct {
		name string
		give any // controlValues
		path string
		want string // within what is at path; "" is a success
	}{
		{"page", withContent(page1, "html")["controlValues"], "", ""},
		{"page without an editor", withContent(page1, "")["controlValues"], "", ""},
		{"document", withContent(block, "block")["controlValues"], "", ""},
		{"document without an editor", withContent(block, "")["controlValues"], "", ""},
		{"nothing", object{}, "controls", missing},
		{"fragment", withContent("<p>{{content}}</p>", "html")["controlValues"], "message", "Content must be a valid HTML content"},
		{"page as a document", withContent(page1, "block")["controlValues"], "message", "Content must be a valid Maily JSON content"},
		{"text", withContent("{{content}}", "")["controlValues"], "message", "Content must be a valid Maily JSON content"},
		{"no slot", withContent("<html><body></body></html>", "html")["controlValues"], "controls", missing},
		{"document without a slot", withContent(noSlot, "block")["controlValues"], "controls", missing},
		{"unknown variable", withContent(`<html><body>{{content}}{{payload.a}}</body></html>`, "html")["controlValues"],
			"controls", `"variableName":"payload.a"`},
		{"subscriber", withContent(`<html><body>{{content}}{{subscriber.email}}</body></html>`, "html")["controlValues"], "", ""},
		{"broken", withContent(`<html><body>{{content}}{% if %}</body></html>`, "html")["controlValues"],
			"controls", `{"email.body":[{"issueType":"ILLEGAL_VARIABLE_IN_CONTROL_VALUE"`},
		{"other editor", withContent(page1, "nope")["controlValues"], "controls", `{"email.editorType":[{"issueType":"MISSING_VALUE"`},
		{"body a number", object{"email": object{"body": 5}}, "message", internalError().message},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			made := api.layout("base")
			res := api.do("PUT", "/v2/layouts/base", object{"name": "New name", "controlValues": tt.give})
			if tt.want == "" {
				res.want(http.StatusOK).is("data.name", "New name").is("data.controls.values", tt.give)
				return
			}
			if res.status < 400 {
				t.Fatalf("accepted: %s", res.raw)
			}
			if got := string(javascript.JSON(res.get(tt.path))); !strings.Contains(got, tt.want) {
				t.Errorf("%s is %s, want %s", tt.path, got, tt.want)
			}
			api.do("GET", "/v2/layouts/base", nil).is("data.name", "Name of base").is("data.updatedAt", made.get("data.updatedAt"))
		})
	}
}

func TestUpdateLayout(t *testing.T) {
	api := dev(t, Options{})
	made := api.layout("base")
	api.do("PUT", "/v2/layouts/nope", withContent(page1, "html")).want(http.StatusNotFound)
	api.do("PUT", "/v2/layouts/base", withContent(page1, "html")).want(http.StatusOK).is("data.isDefault", true).
		is("data._id", made.get("data._id")).is("data.updatedBy.firstName", "lab")
	kept := api.do("PUT", "/v2/layouts/base", object{"name": "Third"}).want(http.StatusOK)
	kept.is("data.name", "Third").is("data.controls.values.email.body", page1)
	cleared := api.do("PUT", "/v2/layouts/base", object{"name": "Fourth", "controlValues": nil}).want(http.StatusOK)
	cleared.is("data.controls.values", object{})
}

func TestDeleteLayout(t *testing.T) {
	api := dev(t, Options{})
	first := api.layout("base")
	api.layout("second")
	api.create(newWorkflow("welcome", newStep("mail", "email", object{"subject": "s", "body": "b", "layoutId": "second"})))
	api.do("GET", "/v2/layouts/second/usage", nil).is("data.workflows.0.workflowId", "welcome")
	before := api.server.Workflows("Development")[0].UpdatedAt

	api.do("DELETE", "/v2/layouts/base", nil).want(http.StatusConflict).
		is("message", "Layout with id base is being used as a default layout, it can not be deleted")
	api.do("DELETE", "/v2/layouts/"+first.text("data._id"), nil).want(http.StatusConflict)
	api.do("DELETE", "/v2/layouts/second", nil).want(http.StatusNoContent)
	api.do("DELETE", "/v2/layouts/second", nil).want(http.StatusNotFound)
	w := api.server.Workflows("Development")[0]
	if _, named := w.Steps[0].ControlValues["layoutId"]; named || !w.UpdatedAt.Equal(before) {
		t.Errorf("the step still names its layout, or the workflow looks changed: %v", w)
	}
}

// TestLayoutOfAStep: a step names a layout by identifier or _id, not by slug; stored is the identifier.
func TestLayoutOfAStep(t *testing.T) {
	api := dev(t, Options{})
	made := api.layout("base")
	mailWith := func(id string) object {
		return newStep("mail", "email", object{"subject": "s", "body": "b", "editorType": "html", "layoutId": id})
	}
	for i, id := range []string{"base", made.text("data._id")} {
		step := mailWith(id)
		api.create(newWorkflow(fmt.Sprintf("w%d", i), step)).is("data.steps.0.controlValues.layoutId", "base")
	}
	api.do("POST", "/v2/workflows", newWorkflow("slug", mailWith(made.text("data.slug")))).want(http.StatusNotFound)
	none := newStep("mail", "email", object{"subject": "s", "body": "b", "layoutId": nil})
	api.create(newWorkflow("none", none)).is("data.steps.0.controlValues.layoutId", nil)
	chat := newStep("text", "sms", object{"body": "b", "layoutId": "nope"})
	api.create(newWorkflow("chat", chat)).is("data.steps.0.controlValues.layoutId", "nope") // only e-mail is looked at
}

func TestListLayouts(t *testing.T) {
	api := dev(t, Options{})
	for _, id := range []string{"b", "a", "c"} {
		api.layout(id)
	}
	time.Sleep(2 * time.Millisecond) // times have the precision of a millisecond
	api.do("PUT", "/v2/layouts/b", withContent(page2, "html")).want(http.StatusOK)
	tests := []struct {
		query string
		want  []string
		total int
	}{
		{"", []string{"c", "a", "b"}, 3}, {"?orderDirection=ASC", []string{"b", "a", "c"}, 3},
		{"?orderBy=name&orderDirection=ASC", []string{"a", "c", "b"}, 3}, {"?orderBy=updatedAt", []string{"b", "c", "a"}, 3},
		{"?limit=1&offset=1", []string{"a"}, 3}, {"?query=name%20of", []string{"c", "a"}, 2}, {"?query=nope", []string{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			res := api.do("GET", "/v2/layouts"+tt.query, nil).want(http.StatusOK).is("data.totalCount", tt.total)
			if got := res.values("data.layouts", "layoutId"); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	api.do("GET", "/v2/layouts", nil).is("data.layouts.2.controls.values", object{}).is("data.layouts.2.updatedBy", nil)
}

func TestDuplicateLayout(t *testing.T) {
	api := dev(t, Options{})
	api.layout("base")
	api.do("PUT", "/v2/layouts/base", withContent(page1, "html")).want(http.StatusOK)
	twin := api.do("POST", "/v2/layouts/base/duplicate", object{"name": "My Copy"}).want(http.StatusCreated)
	twin.is("data.layoutId", "my-copy").is("data.isDefault", false).is("data.controls.values.email.body", page1)
	api.do("POST", "/v2/layouts/base/duplicate", object{"name": "x", "layoutId": "base"}).want(http.StatusConflict)
	api.do("POST", "/v2/layouts/nope/duplicate", object{"name": "x"}).want(http.StatusNotFound)
}

func TestLayoutLimit(t *testing.T) {
	api := dev(t, Options{})
	for i := range maxLayouts {
		api.layout(fmt.Sprintf("l%d", i))
	}
	api.do("POST", "/v2/layouts", newLayout("more")).want(http.StatusBadRequest).is("limit", maxLayouts).is("currentCount", maxLayouts)
}
