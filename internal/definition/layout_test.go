// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"reflect"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

const page = `<html><body>{{content}}</body></html>`

func layoutOf(t *testing.T, spec string) *v1alpha1.Layout {
	l := &v1alpha1.Layout{Spec: *decode[v1alpha1.LayoutSpec](t, spec)}
	l.Name = "from-metadata"
	return l
}

func TestLayout(t *testing.T) {
	for _, test := range []struct {
		name, spec, body string
		want             novu.LayoutRequest
	}{
		{
			"HTML", `{` + environment + `,"name":"N","body":"` + page + `"}`, "",
			novu.LayoutRequest{LayoutID: "from-metadata", Name: "N", Email: &novu.LayoutEmail{Body: page, EditorType: "html"}},
		},
		{
			"block editor", `{` + environment + `,"name":"N","layoutID":"l","body":"` + document + `","translationEnabled":true}`, "",
			novu.LayoutRequest{
				LayoutID: "l", Name: "N", IsTranslationEnabled: true,
				Email: &novu.LayoutEmail{Body: `{"type":"doc","content":[{"type":"paragraph"}]}`, EditorType: "block"},
			},
		},
		{
			"from a ConfigMap", `{` + environment + `,"name":"N","bodyFrom":{"configMapKeyRef":{"name":"c","key":"k"}}}`, page + "\n",
			novu.LayoutRequest{LayoutID: "from-metadata", Name: "N", Email: &novu.LayoutEmail{Body: page + "\n", EditorType: "html"}},
		},
		{
			"with an editor type", `{` + environment + `,"name":"N","body":"x","editorType":"block"}`, "",
			novu.LayoutRequest{LayoutID: "from-metadata", Name: "N", Email: &novu.LayoutEmail{Body: "x", EditorType: "block"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Layout(layoutOf(t, test.spec), test.body)
			if err != nil || !reflect.DeepEqual(*got, test.want) {
				t.Errorf("got %+v %+v, %v", got, got.Email, err)
			}
		})
	}
	_, err := Layout(layoutOf(t, `{`+environment+`,"name":"N","bodyFrom":{"configMapKeyRef":{"name":"c","key":"k"}}}`), "")
	wantInvalid(t, err, "spec.body", "the layout is empty: set body, or bodyFrom to a ConfigMap key that holds one")
}

const storedLayout = `{"_id":"1","layoutId":"l","slug":"l_lt_x","name":"N","isDefault":true,"isTranslationEnabled":false,"type":"BRIDGE",
	"variables":{"x":1},"controls":{"values":{"email":{"body":"` + page + `","editorType":"html"}}},"updatedAt":"2026-01-01T00:00:00.000Z"}`

func TestCompareLayout(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*novu.LayoutRequest, *novu.Layout)
		want   []v1alpha1.Difference
	}{
		{"nothing", func(*novu.LayoutRequest, *novu.Layout) {}, nil},
		{"what a definition cannot say", func(_ *novu.LayoutRequest, h *novu.Layout) {
			h.ID, h.Slug, h.IsDefault, h.UpdatedAt, h.Origin = "9", "x", false, "later", "external"
		}, nil},
		{"translations that Novu ignores", func(w *novu.LayoutRequest, _ *novu.Layout) { w.IsTranslationEnabled = true }, nil},
		{"content that is not wanted to be touched", func(w *novu.LayoutRequest, _ *novu.Layout) { w.Email = nil }, nil},
		{"everything", func(_ *novu.LayoutRequest, h *novu.Layout) {
			h.Name, h.IsTranslationEnabled = "M", true
			h.Email().Body, h.Email().EditorType = "x", "block"
		}, []v1alpha1.Difference{
			{Path: "name", From: `"M"`, To: `"N"`}, {Path: "translationEnabled", From: "true", To: "false"},
			{Path: "body", From: `"x"`, To: `"` + page + `"`},
			{Path: "editorType", From: `"Block"`, To: `"HTML"`},
		}},
		{"no content", func(_ *novu.LayoutRequest, h *novu.Layout) { h.Controls.Values.Email = nil }, []v1alpha1.Difference{
			{Path: "body", To: `{"body":"` + page + `","editorType":"html"}`},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			have := answer[novu.Layout](t, storedLayout)
			want := LayoutFrom(have)
			test.change(want, have)
			sameDifferences(t, CompareLayout(want, have), test.want)
		})
	}
}

func TestLayoutFrom(t *testing.T) {
	have := answer[novu.Layout](t, storedLayout)
	got := LayoutFrom(have)
	want := &novu.LayoutRequest{LayoutID: "l", Name: "N", Email: &novu.LayoutEmail{Body: page, EditorType: "html"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	got.Email.Body = "changed"
	if have.Email().Body != page {
		t.Error("the answer changed")
	}
	if empty := LayoutFrom(&novu.Layout{LayoutID: "l", Name: "N"}); empty.Email != nil {
		t.Errorf("got %+v", empty.Email)
	}
}

func TestLayoutFingerprint(t *testing.T) {
	first := LayoutFingerprint(answer[novu.Layout](t, storedLayout))
	for name, test := range map[string]struct {
		change func(*novu.Layout)
		same   bool
	}{
		"volatile":     {func(l *novu.Layout) { l.UpdatedAt, l.Slug, l.IsDefault = "later", "x", false }, true},
		"name":         {func(l *novu.Layout) { l.Name = "M" }, false},
		"body":         {func(l *novu.Layout) { l.Email().Body += " " }, false},
		"editor":       {func(l *novu.Layout) { l.Email().EditorType = "block" }, false},
		"no content":   {func(l *novu.Layout) { l.Controls.Values.Email = nil }, false},
		"translations": {func(l *novu.Layout) { l.IsTranslationEnabled = true }, false},
	} {
		l := answer[novu.Layout](t, storedLayout)
		test.change(l)
		if got := LayoutFingerprint(l); (got == first) != test.same {
			t.Errorf("%s: %s, before %s", name, got, first)
		}
	}
}
