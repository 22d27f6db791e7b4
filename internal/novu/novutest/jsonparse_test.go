package novutest

import "testing"

// TestJSONErrors: Novu passes on what V8 says of a body that is no JSON.
func TestJSONErrors(t *testing.T) {
	tests := []struct{ give, want string }{
		{`{`, "Expected property name or '}' in JSON at position 1 (line 1 column 2)"},
		{`[`, "Unexpected end of JSON input"},
		{`{"a":}`, `Unexpected token '}', "{"a":}" is not valid JSON`},
		{`{"a":1`, "Expected ',' or '}' after property value in JSON at position 6 (line 1 column 7)"},
		{`{"a":1,}`, "Expected double-quoted property name in JSON at position 7 (line 1 column 8)"},
		{`[1,]`, `Unexpected token ']', "[1,]" is not valid JSON`},
		{`{a:1}`, "Expected property name or '}' in JSON at position 1 (line 1 column 2)"},
		{`{"a" 1}`, "Expected ':' after property name in JSON at position 5 (line 1 column 6)"},
		{`{} x`, "Unexpected non-whitespace character after JSON at position 3 (line 1 column 4)"},
		{`[1 2]`, "Expected ',' or ']' after array element in JSON at position 3 (line 1 column 4)"},
		{"{\"a\":\"b\nc\"}", "Bad control character in string literal in JSON at position 7 (line 1 column 8)"},
		{`{"a":1]`, "Expected ',' or '}' after property value in JSON at position 6 (line 1 column 7)"},
		{`{"a":"\x"}`, "Bad escaped character in JSON at position 7 (line 1 column 8)"},
		{"{\n \"a\": 1,\n}", "Expected double-quoted property name in JSON at position 11 (line 3 column 1)"},
		{`"x"`, `Unexpected token '"', ""x"" is not valid JSON`},
		{`5`, `Unexpected token '5', "5" is not valid JSON`},
	}
	for _, tt := range tests {
		t.Run(tt.give, func(t *testing.T) {
			v, err := parseJSON([]byte(tt.give))
			if err == nil || err.Error() != tt.want {
				t.Errorf("%v, error %v, want %s", v, err, tt.want)
			}
		})
	}
	for _, good := range []string{"{}", " [] ", "{\"a\":[1,{\"b\":null}]}\n"} {
		if _, err := parseJSON([]byte(good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}
