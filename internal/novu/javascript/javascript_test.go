// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package javascript

import "testing"

// TestFormatNumber: messages and templates show numbers as JavaScript writes them.
func TestFormatNumber(t *testing.T) {
	negativeZero := 0.0
	negativeZero *= -1
	for want, give := range map[string]float64{
		"0": negativeZero, "1": 1, "-1.25": -1.25, "100000": 1e5, "1000000": 1e6, "100000000000000000000": 1e20, "1e+21": 1e21,
		"123456789012345680000": 123456789012345680000, "0.000001": 1e-6, "1e-7": 1e-7, "1.5e-7": 1.5e-7, "0.3333333333333333": 1.0 / 3,
		"5e-324": 5e-324, "1e+300": 1e300, "123456.789": 123456.789,
	} {
		if got := FormatNumber(give); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestNumber: an amount may be anything that JavaScript makes a number of.
func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		give any
		want float64
		ok   bool
	}{
		{"", 0, true}, {" 12 ", 12, true}, {"1e3", 1000, true}, {"+5", 5, true}, {"-5", -5, true}, {".5", .5, true}, {"5.", 5, true},
		{"0x1F", 31, true}, {"0b101", 5, true}, {"0o17", 15, true}, {"017", 17, true}, {"\u00a01\u00a0", 1, true}, {"1e-400", 0, true},
		{true, 1, true}, {false, 0, true}, {2.5, 2.5, true},
		{[]any{}, 0, true}, {[]any{1.0}, 1, true}, {[]any{"2"}, 2, true}, {[]any{nil}, 0, true}, {[]any{[]any{3.0}}, 3, true},
		{"x", 0, false}, {"- 5", 0, false}, {".", 0, false}, {"1e", 0, false}, {"0x", 0, false}, {"0xg", 0, false}, {"-0x10", 0, false},
		{"1_000", 0, false}, {"0x1_f", 0, false}, {"1 2", 0, false}, {"infinity", 0, false}, {"NaN", 0, false}, {"true", 0, false},
		{[]any{1.0, 2.0}, 0, false}, {[]any{true}, 0, false}, {Object{}, 0, false},
	} {
		if got, ok := Number(tt.give); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%#v: got %v %v, want %v %v", tt.give, got, ok, tt.want, tt.ok)
		}
	}
}

func TestString(t *testing.T) {
	for want, give := range map[string]any{
		"a": "a", "1.5": 1.5, "true": true, "null": nil, "": []any{}, "1,,x,[object Object]": []any{1.0, nil, "x", Object{}}, "1,2": []any{1.0, []any{2.0}},
	} {
		if got := String(give); got != want {
			t.Errorf("%#v: got %q, want %q", give, got, want)
		}
	}
}
