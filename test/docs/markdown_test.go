// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBlocks(t *testing.T) {
	tests := []struct {
		name, source string
		want         []Block
	}{
		{"none", "# Title\n\nText with `code`.\n", nil},
		{"plain", "Text\n\n```yaml\na: b\nc: d\n```\n", []Block{{4, "yaml", "a: b\nc: d\n"}}},
		{"two", "```sh\nls\n```\n\n```yaml skip: no cluster\na: b\n```\n", []Block{{2, "sh", "ls\n"}, {6, "yaml skip: no cluster", "a: b\n"}}},
		{"no info", "```\na\n```\n", []Block{{2, "", "a\n"}}},
		{"in a list", "1. First:\n\n   ```yaml\n   a:\n     b: c\n   ```\n", []Block{{4, "yaml", "a:\n  b: c\n"}}},
		{"in a quotation", "> ```yaml\n> a: b\n> ```\n", []Block{{2, "yaml", "a: b\n"}}},
		{"tildes and backquotes inside", "~~~yaml\na: \"```\"\n~~~\n", []Block{{2, "yaml", "a: \"```\"\n"}}},
		{"never closed", "```yaml\na: b\n", []Block{{2, "yaml", "a: b\n"}}},
		{"empty", "```yaml\n```\n", nil},
		{"several documents", "```yaml\na: b\n---\nc: d\n```\n", []Block{{2, "yaml", "a: b\n---\nc: d\n"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Blocks([]byte(test.source))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestUse(t *testing.T) {
	const manifest = "kubectl apply -f - <<EOF\napiVersion: novu-operator.dev/v1alpha1\nEOF\n"
	tests := []struct {
		info, text string
		want       Use
		err        string
	}{
		{info: "yaml", want: UseManifest},
		{info: "YAML", want: UseManifest},
		{info: "yaml values", want: UseValues},
		{info: "yaml skip: shortened", want: UseNone},
		{info: "yaml skip:", err: "yaml skip: the reason"},
		{info: "yaml skip", err: "yaml skip: the reason"},
		{info: "yaml title=x", err: "yaml skip: the reason"},
		{info: "yml", err: "write yaml instead"},
		{info: "sh", text: "ls\n", want: UseNone},
		{info: "sh", text: manifest, err: "block of its own"},
		{info: "", text: manifest, err: "block of its own"},
		{info: "yaml skip: shown as printed", text: manifest, want: UseNone},
	}
	for _, test := range tests {
		t.Run(test.info, func(t *testing.T) {
			got, err := Block{Info: test.info, Text: test.text}.Use()
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Fatalf("error %v, want %q", err, test.err)
			}
			if got != test.want {
				t.Errorf("use %d, want %d", got, test.want)
			}
		})
	}
}
