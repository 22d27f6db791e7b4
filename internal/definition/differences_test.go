// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"reflect"
	"testing"

	"novu-operator.dev/api/v1alpha1"
)

func TestDifferences(t *testing.T) {
	for _, test := range []struct {
		name, from, to string
		want           []v1alpha1.Difference
	}{
		{name: "equal", from: `{"a":[1,{"b":null}],"c":"x"}`, to: `{"c":"x","a":[1.0,{"b":null}]}`},
		{
			name: "a leaf is named by its path", from: `{"a":{"b":{"c":1}}}`, to: `{"a":{"b":{"c":2}}}`,
			want: []v1alpha1.Difference{{Path: "root.a.b.c", From: "1", To: "2"}},
		},
		{
			name: "keys in order", from: `{"z":1,"b":1}`, to: `{"a":1,"z":2}`,
			want: []v1alpha1.Difference{
				{Path: "root.a", To: "1"}, {Path: "root.b", From: "1"}, {Path: "root.z", From: "1", To: "2"},
			},
		},
		{
			name: "what one side lacks is one difference", from: `{}`, to: `{"a":{"b":[1,2]}}`,
			want: []v1alpha1.Difference{{Path: "root.a", To: `{"b":[1,2]}`}},
		},
		{
			name: "null is not absence", from: `{"layoutId":null}`, to: `{}`,
			want: []v1alpha1.Difference{{Path: "root.layoutId", From: "null"}},
		},
		{
			name: "lists by position", from: `[{"k":1},2]`, to: `[{"k":2},2,3]`,
			want: []v1alpha1.Difference{{Path: "root[0].k", From: "1", To: "2"}, {Path: "root[2]", To: "3"}},
		},
		{
			name: "odd keys are quoted", from: `{}`, to: `{"a.b":1,"c]\"d":2,"":3}`,
			want: []v1alpha1.Difference{
				{Path: `root[""]`, To: "3"}, {Path: `root["a.b"]`, To: "1"}, {Path: `root["c]\"d"]`, To: "2"},
			},
		},
		{
			name: "types differ", from: `{"a":"1","b":{},"c":[],"d":true,"e":null}`, to: `{"a":1,"b":[],"c":{},"d":"true","e":false}`,
			want: []v1alpha1.Difference{
				{Path: "root.a", From: `"1"`, To: "1"}, {Path: "root.b", From: "{}", To: "[]"},
				{Path: "root.c", From: "[]", To: "{}"}, {Path: "root.d", From: "true", To: `"true"`},
				{Path: "root.e", From: "null", To: "false"},
			},
		},
		{
			name: "values are readable", from: `"<b>&é"`, to: `1.50`,
			want: []v1alpha1.Difference{{Path: "root", From: `"<b>&é"`, To: "1.50"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got differences
			got.compare("root", tree(json.RawMessage(test.from)), tree(json.RawMessage(test.to)))
			if !reflect.DeepEqual([]v1alpha1.Difference(got), test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestDifferenceAtTheRoot(t *testing.T) {
	var got differences
	got.compare("", map[string]any{"a": "x"}, map[string]any{"a": "y"})
	if len(got) != 1 || got[0].Path != "a" {
		t.Errorf("got %+v", got)
	}
}
