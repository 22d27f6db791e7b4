// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import "testing"

func TestFirstFew(t *testing.T) {
	t.Parallel()
	for want, texts := range map[string][]string{
		"":                         nil,
		"a, b, c, d, e":            {"a", "b", "c", "d", "e"},
		"a, b, c, d, e and 2 more": {"a", "b", "c", "d", "e", "f", "g"},
	} {
		if got := FirstFew(texts); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	if got := Notes("", "one", "", "two"); got != "one; two" {
		t.Errorf("%q", got)
	}
}
