// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import "testing"

func TestSecretValue(t *testing.T) {
	const mark = "\ufeff"
	for _, test := range []struct{ name, data, want string }{
		{"as it is", "SG.abc", "SG.abc"},
		{"empty", "", ""},
		{"line break at the end", "SG.abc\n", "SG.abc"},
		{"several line breaks at the end", "SG.abc\n\n", "SG.abc"},
		{"line break of Windows", "SG.abc\r\n", "SG.abc"},
		{"line break of old Macs", "SG.abc\r", "SG.abc"},
		{"blanks at the end", "SG.abc \t ", "SG.abc"},
		{"blanks before the line break", "SG.abc \r\n ", "SG.abc"},
		{"blank line in front", "\r\nSG.abc\n", "SG.abc"},
		{"blanks in front and between", "  pass word\n", "  pass word"},
		{"byte order mark", mark + "SG.abc", "SG.abc"},
		{"byte order mark and line break", mark + "SG.abc\r\n", "SG.abc"},
		{"nothing but a byte order mark", mark + "\n", ""},
		{"JSON on one line", "{\"a\": 1}\n", `{"a": 1}`},
		{"two lines", "first\nsecond", "first\nsecond"},
		{"PEM", "-----BEGIN X-----\nAA==\n-----END X-----\n", "-----BEGIN X-----\nAA==\n-----END X-----\n"},
		{"PEM of Windows", "-----BEGIN X-----\r\nAA==\r\n-----END X-----\r\n ", "-----BEGIN X-----\r\nAA==\r\n-----END X-----\r\n "},
		{"JSON on several lines", "{\n  \"a\": 1\n}\n\n", "{\n  \"a\": 1\n}\n\n"},
		{"several lines with a byte order mark", mark + "{\n}\n", "{\n}\n"},
		{"several lines after a blank one", "\n{\n}\n", "\n{\n}\n"},
	} {
		if got := SecretValue([]byte(test.data)); got != test.want {
			t.Errorf("%s: %q is taken as %q, want %q", test.name, test.data, got, test.want)
		}
	}
}
