// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReferenceIsCurrent(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	want, err := render(source)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what %s says: run make docs", target, source)
	}
}

func TestRender(t *testing.T) {
	for name, test := range map[string]struct {
		source string
		want   []string
		err    string
	}{
		"a condition and a reason": {
			source: "package p\nconst (\n\t// ConditionReady is True when\n\t// all is well.\n\tConditionReady = \"Ready\"\n)\n" +
				"const (\n\t// ReasonSynced: done.\n\tReasonSynced = \"Synced\"\n)\n",
			want: []string{"| `Ready` | True when all is well. |\n", "| `Synced` | Done. |\n"},
		},
		"a reason that begins with the name of a field": {
			source: "package p\nconst (\n\t// ReasonAborted: spec.abort was set.\n\tReasonAborted = \"Aborted\"\n" +
				"\t// ReasonInvalid: caBundle is empty.\n\tReasonInvalid = \"Invalid\"\n)\n",
			want: []string{"| `Aborted` | spec.abort was set. |\n", "| `Invalid` | caBundle is empty. |\n"},
		},
		"a reason without a comment": {
			source: "package p\nconst ReasonSynced = \"Synced\"\n",
			err:    "ReasonSynced has no comment",
		},
		"no Go at all": {source: "condition: ready", err: "expected 'package'"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "conditions.go")
			if err := os.WriteFile(path, []byte(test.source), 0o600); err != nil {
				t.Fatal(err)
			}
			page, err := render(path)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want %q", err, test.err)
				}
				return
			}
			for _, want := range test.want {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q:\n%s", want, page)
				}
			}
		})
	}
}
