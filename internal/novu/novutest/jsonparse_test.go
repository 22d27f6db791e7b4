package novutest

import "testing"

// TestJSONErrors: Novu passes on what V8 says of a body that is no JSON. The answers are those of Node 22.
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
		{`{"a":1,"b" 2}`, "Expected ':' after property name in JSON at position 11 (line 1 column 12)"},
		{`{"a" x}`, "Expected ':' after property name in JSON at position 5 (line 1 column 6)"},
		{`[1,fals]`, `Unexpected token ']', "[1,fals]" is not valid JSON`},
		{`[tru`, "Unexpected end of JSON input"},
		{`[nul1]`, "Unexpected number in JSON at position 4 (line 1 column 5)"},
		{`[t"`, "Unexpected string in JSON at position 2 (line 1 column 3)"},
		{`[-]`, "No number after minus sign in JSON at position 2 (line 1 column 3)"},
		{`[-`, "No number after minus sign in JSON at position 2 (line 1 column 3)"},
		{`[1.]`, "Unterminated fractional number in JSON at position 3 (line 1 column 4)"},
		{`[1.e3]`, "Unterminated fractional number in JSON at position 3 (line 1 column 4)"},
		{`[1ex]`, "Exponent part is missing a number in JSON at position 3 (line 1 column 4)"},
		{`[1e+`, "Exponent part is missing a number in JSON at position 4 (line 1 column 5)"},
		{`[01]`, "Unexpected number in JSON at position 2 (line 1 column 3)"},
		{`[-01]`, "Unexpected number in JSON at position 3 (line 1 column 4)"},
		{`[1,x`, `Unexpected token 'x', "[1,x" is not valid JSON`},
		{`[1,-x]`, "No number after minus sign in JSON at position 4 (line 1 column 5)"},
		{`[.5]`, `Unexpected token '.', "[.5]" is not valid JSON`},
		{`[+1]`, `Unexpected token '+', "[+1]" is not valid JSON`},
		{`["a`, "Unterminated string in JSON at position 3 (line 1 column 4)"},
		{`["\u12G4"]`, "Bad Unicode escape in JSON at position 6 (line 1 column 7)"},
		{`["\`, "Unexpected end of JSON input"},
		{`["\u1`, "Bad Unicode escape in JSON at position 5 (line 1 column 6)"},
		{"[\"\t\"]", "Bad control character in string literal in JSON at position 2 (line 1 column 3)"},
		{`{"a":"b"`, "Expected ',' or '}' after property value in JSON at position 8 (line 1 column 9)"},
		{`{"a":1,2:3}`, "Expected double-quoted property name in JSON at position 7 (line 1 column 8)"},
		{`{"a":1,"b"`, "Expected ':' after property name in JSON at position 10 (line 1 column 11)"},
		{`{"a"`, "Expected ':' after property name in JSON at position 4 (line 1 column 5)"},
		{`{,}`, "Expected property name or '}' in JSON at position 1 (line 1 column 2)"},
		{`[,1]`, `Unexpected token ',', "[,1]" is not valid JSON`},
		{`[1,,2]`, `Unexpected token ',', "[1,,2]" is not valid JSON`},
		{`[[[`, "Unexpected end of JSON input"},
		{`{"a":[1,{"b":}]}`, `Unexpected token '}', "{"a":[1,{"b":}]}" is not valid JSON`},
		{`{"é😀":]}`, `Unexpected token ']', "{"é😀":]}" is not valid JSON`},
		{`["😀",x]`, `Unexpected token 'x', "["😀",x]" is not valid JSON`},
		{"[1]\r\n\r\nx", "Unexpected non-whitespace character after JSON at position 7 (line 3 column 1)"},
		{`{"abcdefghij":1,"klmnopqrst":x,"uvwxyz0123":2}`, `Unexpected token 'x', ..."mnopqrst":x,"uvwxyz0"... is not valid JSON`},
		{`{"abcdefghij":1,"klmnopqrst":2,"u":x}`, `Unexpected token 'x', ..."st":2,"u":x}" is not valid JSON`},
		{`{x:"abcdefghijklmnopqrstuvwxyz"}`, "Expected property name or '}' in JSON at position 1 (line 1 column 2)"},
		{`[x,"abcdefghijklmnopqrstuvwxyz"]`, `Unexpected token 'x', "[x,"abcdefg"... is not valid JSON`},
		{`[1 "b"]`, "Expected ',' or ']' after array element in JSON at position 3 (line 1 column 4)"},
		{`{"a":1 "b":2}`, "Expected ',' or '}' after property value in JSON at position 7 (line 1 column 8)"},
		{`{'a':1}`, "Expected property name or '}' in JSON at position 1 (line 1 column 2)"},
		{`[1}`, "Expected ',' or ']' after array element in JSON at position 2 (line 1 column 3)"},
		{"\u00a0[]", "Unexpected token '\u00a0', \"\u00a0[]\" is not valid JSON"},
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
