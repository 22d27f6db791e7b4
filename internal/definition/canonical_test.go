// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestCanonicalNumber(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"0", "0"}, {"-0", "0"}, {"0.000", "0"}, {"0e99", "0"}, {"-0.0E-3", "0"},
		{"1", "1"}, {"1.0", "1"}, {"1e0", "1"}, {"10e-1", "1"}, {"0.1e1", "1"}, {"1E+0", "1"},
		{"-12.50", "-125e-1"}, {"0.00125", "125e-5"}, {"1200", "12e2"}, {"12e2", "12e2"},
		{"12345678901234567890", "1234567890123456789e1"},
		{"0.1000000000000000055511151231257827", "1000000000000000055511151231257827e-34"},
		{"1e999999999999999999999", "1e999999999999999999999"},
		{"10e-1000000000000000000000", "1e-999999999999999999999"},
	} {
		if got := canonicalNumber(json.Number(test.in)); got != test.want {
			t.Errorf("canonicalNumber(%s) = %s, want %s", test.in, got, test.want)
		}
	}
}

func TestSameNumber(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"1", "1.0", true}, {"100", "1e2", true}, {"-0", "0", true}, {"1", "2", false}, {"1", "-1", false},
		{"0.1", "0.10", true}, {"0.1", "0.11", false},
		// JavaScript holds the second for the first.
		{"12345678901234567890", "12345678901234567000", true},
		{"9007199254740993", "9007199254740992", true}, {"9007199254740991", "9007199254740992", false},
		{"1e400", "1e401", false}, {"1e400", "10e399", true},
	} {
		if got := sameNumber(json.Number(test.a), json.Number(test.b)); got != test.want {
			t.Errorf("sameNumber(%s, %s) = %t", test.a, test.b, got)
		}
		if got := sameNumber(json.Number(test.b), json.Number(test.a)); got != test.want {
			t.Errorf("sameNumber(%s, %s) = %t", test.b, test.a, got)
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"keys are sorted", `{"b":1,"a":{"d":2,"c":3}}`, `{"a":{"c":3,"d":2},"b":1}`},
		{"white space goes", " [ 1 ,\n2 ] ", `[1,2]`},
		{"order of lists stays", `[3,1,2]`, `[3,1,2]`},
		{"numbers by value", `[1.0,1e0,100,-0]`, `[1,1,1e2,0]`},
		{"large integers keep every digit", `12345678901234567891`, `12345678901234567891`},
		{"escapes go", `"\u0041\/\u00e9<>&"`, `"A/é<>&"`},
		{"null is a value", `{"a":null}`, `{"a":null}`},
		{"the last of two equal keys counts", `{"a":1,"a":2}`, `{"a":2}`},
		{"empty containers", `[{},[],""]`, `[{},[],""]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := string(canonical(json.RawMessage(test.in))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestRevisionOfValues(t *testing.T) {
	a := Revision(map[string]any{"x": 1, "y": []string{"ü"}})
	if len(a) != 64 || strings.Trim(a, "0123456789abcdef") != "" {
		t.Errorf("revision %q is not 64 hex digits", a)
	}
	if b := Revision(json.RawMessage(`{"y":["\u00fc"],"x":1.0}`)); a != b {
		t.Errorf("equal values have revisions %s and %s", a, b)
	}
	if c := Revision(map[string]any{"x": 2, "y": []string{"ü"}}); a == c {
		t.Error("different values share a revision")
	}
	// Pinned to the plain SHA-256: status of existing objects holds revisions, and another spelling would look like an
	// edit of every object.
	if got, want := Revision(map[string]any{}), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"; got != want {
		t.Errorf("revision of {} is %s, want %s", got, want)
	}
}

func TestParse(t *testing.T) {
	for _, bad := range []string{`{`, `{"a"}`, `1 2`, `nul`, `[1,]`, `"a`, `01`, `{} x`} {
		if _, err := parse([]byte(bad)); err == nil {
			t.Errorf("parse(%s) succeeds", bad)
		}
	}
	for _, empty := range []string{"", " \n"} {
		if got, err := parse([]byte(empty)); err != nil || got != any(absent{}) {
			t.Errorf("parse(%q) = %v, %v", empty, got, err)
		}
	}
	if got := tree([]byte(`{`)); got != "{" {
		t.Errorf("tree of broken JSON is %v", got)
	}
}

// FuzzCanonical checks that the canonical form of any JSON says the same as the JSON
// and is its own canonical form.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		`{"b":[1,2.50,-0e5,null],"a":{"":true,"é\u2028":"<&>\ud800"}}`, `1e-99999999999999999999`, `""`, `[[[[]]]]`,
		`{"a":1,"a":2}`, `12345678901234567890.0`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before, err := parse(raw)
		if err != nil || before == any(absent{}) {
			return
		}
		first := canonical(json.RawMessage(raw))
		after, err := parse(first)
		if err != nil {
			t.Fatalf("%s is not JSON: %v", first, err)
		}
		if !same(before, after) {
			t.Fatalf("%s says something else than %s", first, raw)
		}
		if second := canonical(json.RawMessage(first)); !bytes.Equal(first, second) {
			t.Fatalf("%s becomes %s", first, second)
		}
		var indented bytes.Buffer
		if json.Indent(&indented, raw, " ", "\t") == nil && !bytes.Equal(first, canonical(json.RawMessage(indented.Bytes()))) {
			t.Fatalf("white space changes %s", first)
		}
	})
}
