// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package printable

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	for _, tc := range []struct{ name, in, text, value string }{
		{"ASCII", "plain text", "plain text", "plain text"},
		{"letters and emoji", "Grüße 漢字 👍", "Grüße 漢字 👍", "Grüße 漢字 👍"},
		{"lines", "one\r\ntwo\tthree", "one  two three", `one\r\ntwo\tthree`},
		{"C0", "a\x00b\x07c", "abc", `a\x00b\ac`},
		{"delete", "a\x7fb", "ab", `a\x7fb`},
		{"C1", "a\u0084b\u0085c", "ab c", `a\u0084b\u0085c`},
		{"separators", "a\u2028b\u2029c", "a b c", `a\u2028b\u2029c`},
		{"overrides", "user\u202egnp.exe\u202c", "usergnp.exe", `user\u202egnp.exe\u202c`},
		{"embeddings", "\u202aa\u202bb\u202dc", "abc", `\u202aa\u202bb\u202dc`},
		{"isolates", "\u2066a\u2067b\u2068c\u2069", "abc", `\u2066a\u2067b\u2068c\u2069`},
		{"bidi marks", "\u200ea\u200fb\u061c", "ab", `\u200ea\u200fb\u061c`},
		{"zero width", "a\u200bb\u200cc\u200dd\u2060e\ufefff", "abcdef", `a\u200bb\u200cc\u200dd\u2060e\ufefff`},
		{"soft hyphen", "a\u00adb", "ab", `a\u00adb`},
		{"tags", "a\U000E0041b", "ab", `a\U000e0041b`},
		{"fillers", "a\u3164b\u115fc", "abc", `a\u3164b\u115fc`},
		{"private use", "a\ue000b", "ab", `a\ue000b`},
		{"invalid UTF-8", "a\xffb\xc3", "a?b?", "a?b?"},
		{"colour", "\x1b[1;31mred\x1b[0m", "red", `\x1b[1;31mred\x1b[0m`},
		{"title", "\x1b]0;owned\x07text\x1b]2;x\x1b\\", "text", `\x1b]0;owned\atext\x1b]2;x\x1b\`},
		{"title without an end", "\x1b]0;text", "0;text", `\x1b]0;text`},
		{"colour in C1", "\u009b31mred", "red", `\u009b31mred`},
		{"sequence cut off", "red\x1b[3", "red", `red\x1b[3`},
		{"escape at the end", "red\x1b", "red", `red\x1b`},
		{"escape and a letter", "a\x1bcb", "ab", `a\x1bcb`},
		{"sequence in a sequence", "\x1b[\x1b[31mred", "red", `\x1b[\x1b[31mred`},
		{"empty", "", "", ""},
	} {
		if got := Text(tc.in); got != tc.text {
			t.Errorf("%s: text %q, want %q", tc.name, got, tc.text)
		}
		if got := Value(tc.in); got != tc.value {
			t.Errorf("%s: value %q, want %q", tc.name, got, tc.value)
		}
		if Clean(tc.in) != (tc.in == tc.value) {
			t.Errorf("%s: clean %v", tc.name, Clean(tc.in))
		}
	}
}

func TestTree(t *testing.T) {
	got := Tree(map[string]any{
		"message": "two\nlines",
		"list":    []any{map[string]any{"from": "a\nb"}, "c\u202e", int64(3), true, nil},
		"a\u202e": "name",
	}).(map[string]any)
	list := got["list"].([]any)
	if got["message"] != "two lines" || list[0].(map[string]any)["from"] != `a\nb` || list[1] != `c\u202e` || list[2] != int64(3) {
		t.Errorf("got %v", got)
	}
	if got[`a\u202e`] != "name" || len(got) != 3 {
		t.Errorf("got %v", got)
	}
}

func TestWriter(t *testing.T) {
	var b bytes.Buffer
	const line = "info\t\u202emessage\x1b[31m\n\tat\n"
	n, err := Writer(&b).Write([]byte(line))
	if err != nil || n != len(line) || b.String() != "info\t\\u202emessage\\x1b[31m\n\tat\n" {
		t.Errorf("%d, %v: %q", n, err, b.String())
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b[31m\u202e\xff\u2028\x1b]0;\x1b[\u009b")
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{Text(s), Value(s)} {
			if !Clean(got) || !utf8.ValidString(got) {
				t.Fatalf("%q became %q", s, got)
			}
		}
		if again := Text(Text(s)); again != Text(s) {
			t.Fatalf("%q, then %q", Text(s), again)
		}
		if strings.ContainsRune(Text(s), '\x1b') {
			t.Fatalf("%q became %q", s, Text(s))
		}
	})
}

func TestTruncate(t *testing.T) {
	for _, tt := range []struct {
		give  string
		limit int
		want  string
	}{
		{"abcdef", 6, "abcdef"},
		{"abcdefg", 6, "abc…"},
		{"aäöü", 6, "aä…"}, // not within a character
		{"ääää", 7, "ää…"},
	} {
		if got := Truncate(tt.give, tt.limit); got != tt.want || len(got) > max(tt.limit, 0) {
			t.Errorf("%q at %d: %q, want %q", tt.give, tt.limit, got, tt.want)
		}
	}
}
