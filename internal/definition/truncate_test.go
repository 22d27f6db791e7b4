// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"novu-operator.dev/api/v1alpha1"
)

func TestTruncateCount(t *testing.T) {
	for _, test := range []struct{ in, kept, more int }{{0, 0, 0}, {1, 1, 0}, {20, 20, 0}, {21, 20, 1}, {500, 20, 480}} {
		kept, more := Truncate(make([]v1alpha1.Difference, test.in))
		if len(kept) != test.kept || more != test.more {
			t.Errorf("Truncate of %d: %d kept, %d more", test.in, len(kept), more)
		}
	}
}

func TestTruncateValues(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for _, test := range []struct {
		name     string
		in, want v1alpha1.Difference
	}{
		{
			"short values stay",
			v1alpha1.Difference{Path: "a", From: strings.Repeat("y", 256), To: "2"},
			v1alpha1.Difference{Path: "a", From: strings.Repeat("y", 256), To: "2"},
		},
		{
			"long values end with a mark",
			v1alpha1.Difference{Path: "a", From: "", To: long},
			v1alpha1.Difference{Path: "a", From: "", To: strings.Repeat("x", 253) + "…"},
		},
		{
			"the part that differs is shown",
			v1alpha1.Difference{Path: "a", From: long + "old", To: long + "new" + long},
			v1alpha1.Difference{
				Path: "a", From: "…" + strings.Repeat("x", 64) + "old",
				To: "…" + strings.Repeat("x", 64) + "new" + strings.Repeat("x", 256-3-64-3-3) + "…",
			},
		},
		{
			"a cut never splits a character",
			v1alpha1.Difference{Path: "a", From: strings.Repeat("é", 200), To: "1"},
			v1alpha1.Difference{Path: "a", From: strings.Repeat("é", 126) + "…", To: "1"},
		},
		{
			"long paths are cut, too",
			v1alpha1.Difference{Path: long}, v1alpha1.Difference{Path: strings.Repeat("x", 253) + "…"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			kept, _ := Truncate([]v1alpha1.Difference{test.in})
			if !reflect.DeepEqual(kept, []v1alpha1.Difference{test.want}) {
				t.Errorf("got  %+v\nwant %+v", kept[0], test.want)
			}
		})
	}
}

func TestTruncateLeavesItsInputAlone(t *testing.T) {
	in := []v1alpha1.Difference{{Path: "a", From: strings.Repeat("x", 300)}}
	Truncate(in)
	if len(in[0].From) != 300 {
		t.Error("the full list was cut")
	}
}

func FuzzTruncate(f *testing.F) {
	f.Add(strings.Repeat("日本", 100), strings.Repeat("日本", 99)+"語"+strings.Repeat("x", 300))
	f.Add("", strings.Repeat("\xff", 600))
	f.Fuzz(func(t *testing.T, from, to string) {
		kept, _ := Truncate([]v1alpha1.Difference{{From: from, To: to}})
		got := kept[0]
		if len(got.From) > maxValueBytes || len(got.To) > maxValueBytes {
			t.Fatalf("%d and %d bytes are left", len(got.From), len(got.To))
		}
		if utf8.ValidString(from+to) && !utf8.ValidString(got.From+got.To) {
			t.Fatalf("a character was split: %q, %q", got.From, got.To)
		}
		if from != to && utf8.ValidString(from+to) && from != "" && to != "" && got.From == got.To {
			t.Fatalf("%q and %q look the same: %q", from, to, got.From)
		}
	})
}
