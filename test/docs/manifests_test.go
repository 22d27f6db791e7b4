// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	const object = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n"
	tests := []struct {
		name, content string
		want          []string
		err           string
	}{
		{name: "one", content: object, want: []string{"Secret/a"}},
		{name: "two", content: object + "---\n" + object, want: []string{"Secret/a", "Secret/a"}},
		{name: "separators and comments around", content: "---\n# one\n---\n" + object + "---\n", want: []string{"Secret/a"}},
		{name: "a fragment", content: "spec:\n  a: b\n", err: "here.md:7 describes no object"},
		{name: "a list of values", content: "- a\n- b\n", err: "here.md:7 describes no object"},
		{name: "no name", content: "apiVersion: v1\nkind: Secret\n", err: "describes no object"},
		{name: "a key twice", content: object + "type: a\ntype: b\n", err: "already set in map"},
		{name: "no YAML", content: "a: [b\n", err: "here.md:7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			manifests, err := Parse("here.md:7", []byte(test.content))
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Fatalf("error %v, want %q", err, test.err)
			}
			var got []string
			for _, m := range manifests {
				got = append(got, m.Name())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestDocuments(t *testing.T) {
	root := t.TempDir()
	want := []string{"README.md", "charts/c/README.md", "docs/a.md", "docs/deep/er/b.MD"}
	for _, path := range append(want, "docs/picture.svg", "internal/notes.md") {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Documents(root)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i] = relative(root, got[i])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if empty, err := Documents(t.TempDir()); err != nil || len(empty) > 0 {
		t.Errorf("without any documents: %v, error %v", empty, err)
	}
}
