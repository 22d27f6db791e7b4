// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"strings"
	"testing"

	"novu-operator.dev/internal/novu/novutest"
)

const layoutHTML = `<html><body><h1>Lab</h1>{{content}}</body></html>`

func TestLayoutRoundTrip(t *testing.T) {
	_, c := startNovu(t, novutest.Options{})
	created := must(c.CreateLayout(t.Context(), &LayoutRequest{LayoutID: "base", Name: "Base", Email: &LayoutEmail{Body: layoutHTML, EditorType: "html"}}))(t)
	if !created.IsDefault || created.Email() == nil || created.Email().EditorType != "block" {
		t.Errorf("a new layout is the default and empty: %+v", created)
	}
	request := &LayoutRequest{Name: "Base", Email: &LayoutEmail{Body: layoutHTML, EditorType: "html"}}
	must(c.UpdateLayout(t.Context(), "base", request))(t)
	must(c.UpdateLayout(t.Context(), created.ID, &LayoutRequest{Name: "Renamed"}))(t)
	got := must(c.GetLayout(t.Context(), "base"))(t)
	if got.Name != "Renamed" || got.Email() == nil || *got.Email() != *request.Email || got.ID != created.ID || got.UpdatedBy.ID == "" {
		t.Errorf("got %+v", got)
	}
}

func TestLayoutRefusals(t *testing.T) {
	_, c := startNovu(t, novutest.Options{})
	must(c.CreateLayout(t.Context(), &LayoutRequest{LayoutID: "base", Name: "Base"}))(t)
	_, taken := c.CreateLayout(t.Context(), &LayoutRequest{LayoutID: "base", Name: "Again"})
	_, noContent := c.UpdateLayout(t.Context(), "base", &LayoutRequest{Name: "Base", Email: &LayoutEmail{Body: "<html><body></body></html>", EditorType: "html"}})
	_, unknown := c.UpdateLayout(t.Context(), "base", &LayoutRequest{Name: "Base", Email: &LayoutEmail{Body: "<html><body>{{bogus.x}}{{content}}</body></html>", EditorType: "html"}})
	for _, tc := range []struct {
		name   string
		err    error
		status int
		text   string
	}{
		{"taken", taken, 409, `create layout "base": Novu answered 409: Layout with identifier: base already exists`},
		{"default", c.DeleteLayout(t.Context(), "base"), 409, "being used as a default layout"},
		{"no content variable", noContent, 400, `email.body: The layout body should contain the "content" variable`},
		{"unknown variable", unknown, 400, `email.body: Variable "bogus.x" is not supported`},
	} {
		var e *Error
		if !asError(tc.err, &e) || e.StatusCode != tc.status || !IsTerminal(tc.err) || IsConflict(tc.err) != (tc.status == 409) || !strings.Contains(tc.err.Error(), tc.text) {
			t.Errorf("%s: %v", tc.name, tc.err)
		}
	}
}

func TestLayoutBodiesOnTheWire(t *testing.T) {
	s := newScripted(t, answerJSON(200, `{"data":{"_id":"1","layoutId":"l","controls":{"values":{}}}}`))
	c := newTestClient(t, s, nil)
	full := &LayoutRequest{LayoutID: "l", Name: "L", IsTranslationEnabled: true, Email: &LayoutEmail{Body: "<html>", EditorType: "html"}}
	must(c.CreateLayout(t.Context(), full))(t)
	must(c.UpdateLayout(t.Context(), "l", full))(t)
	got := must(c.UpdateLayout(t.Context(), "l", &LayoutRequest{Name: "L"}))(t)
	if got.Email() != nil {
		t.Errorf("no content in the answer, got %+v", got.Email())
	}
	for i, want := range []string{
		`{"layoutId":"l","name":"L","isTranslationEnabled":true}`,
		`{"name":"L","isTranslationEnabled":true,"controlValues":{"email":{"body":"<html>","editorType":"html"}}}`,
		`{"name":"L","isTranslationEnabled":false}`,
	} {
		if s.bodies[i] != want {
			t.Errorf("body %d\n got %s\nwant %s", i, s.bodies[i], want)
		}
	}
}
