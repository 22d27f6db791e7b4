package novutest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// parseJSON decodes a body whose top must be an object or an array. Its errors have the words of the JavaScript
// engine, because Novu passes them on.
func parseJSON(raw []byte) (any, error) {
	trimmed := bytes.TrimLeft(raw, " \t\r\n")
	if len(trimmed) > 0 && trimmed[0] != '{' && trimmed[0] != '[' {
		return nil, unexpectedToken(raw, len(raw)-len(trimmed))
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, jsError(raw, err)
	}
	end := int(dec.InputOffset())
	if rest := bytes.TrimLeft(raw[end:], " \t\r\n"); len(rest) > 0 {
		return nil, fmt.Errorf("Unexpected non-whitespace character after JSON at position %s", position(raw, len(raw)-len(rest)))
	}
	return v, nil
}

// jsError words a decoding error as V8 does.
func jsError(raw []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || !errors.As(err, &syntax) {
		return endOfInput(raw)
	}
	at := max(int(syntax.Offset)-1, 0)
	if at >= len(raw) {
		return endOfInput(raw)
	}
	before := bytes.TrimRight(raw[:at], " \t\r\n")
	switch last := lastByte(before); {
	case raw[at] < ' ' && insideString(raw[:at]):
		return fmt.Errorf("Bad control character in string literal in JSON at position %s", position(raw, at))
	case insideString(raw[:at]):
		return fmt.Errorf("Bad escaped character in JSON at position %s", position(raw, at))
	case last == '{':
		return fmt.Errorf("Expected property name or '}' in JSON at position %s", position(raw, at))
	case last == ',' && openBracket(before) == '{':
		return fmt.Errorf("Expected double-quoted property name in JSON at position %s", position(raw, at))
	case last == ':' || last == '[' || last == ',':
		return unexpectedToken(raw, at)
	case isKey(before):
		return fmt.Errorf("Expected ':' after property name in JSON at position %s", position(raw, at))
	case openBracket(before) == '{':
		return fmt.Errorf("Expected ',' or '}' after property value in JSON at position %s", position(raw, at))
	case openBracket(before) == '[':
		return fmt.Errorf("Expected ',' or ']' after array element in JSON at position %s", position(raw, at))
	}
	return unexpectedToken(raw, at)
}

func endOfInput(raw []byte) error {
	if insideString(raw) {
		return fmt.Errorf("Unterminated string in JSON at position %s", position(raw, len(raw)))
	}
	trimmed := bytes.TrimRight(raw, " \t\r\n")
	switch last := lastByte(trimmed); {
	case last == '{':
		return fmt.Errorf("Expected property name or '}' in JSON at position %s", position(raw, len(raw)))
	case last == ',' && openBracket(trimmed) == '{':
		return fmt.Errorf("Expected double-quoted property name in JSON at position %s", position(raw, len(raw)))
	case last == ':' || last == ',' || last == '[' || last == 0:
		return errors.New("Unexpected end of JSON input")
	case isKey(trimmed):
		return fmt.Errorf("Expected ':' after property name in JSON at position %s", position(raw, len(raw)))
	case openBracket(trimmed) == '{':
		return fmt.Errorf("Expected ',' or '}' after property value in JSON at position %s", position(raw, len(raw)))
	case openBracket(trimmed) == '[':
		return fmt.Errorf("Expected ',' or ']' after array element in JSON at position %s", position(raw, len(raw)))
	}
	return errors.New("Unexpected end of JSON input")
}

// unexpectedToken quotes the token and up to ten characters on either side of it.
func unexpectedToken(raw []byte, at int) error {
	const around = 10
	text := string(raw)
	from, to, open, shut := 0, len(text), `"`, `"`
	if len(text) > 2*around {
		if at >= around {
			from, open = at-around, `..."`
		}
		if at+around < len(text) {
			to, shut = at+around, `"...`
		}
	}
	return fmt.Errorf("Unexpected token '%c', %s%s%s is not valid JSON", text[at], open, text[from:to], shut)
}

func position(raw []byte, at int) string {
	line := bytes.Count(raw[:at], []byte("\n")) + 1
	column := at - bytes.LastIndexByte(raw[:at], '\n')
	return fmt.Sprintf("%d (line %d column %d)", at, line, column)
}

func lastByte(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[len(b)-1]
}

// scan walks JSON text and reports the open brackets and whether it ends inside a string.
func scan(b []byte) (open []byte, inString bool) {
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			open = append(open, c)
		case (c == '}' || c == ']') && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	return open, inString
}

func insideString(b []byte) bool {
	_, in := scan(b)
	return in
}

func openBracket(b []byte) byte {
	open, _ := scan(b)
	return lastByte(open)
}

// isKey tells whether the text ends with a string that stands where a property name does.
func isKey(b []byte) bool {
	if lastByte(b) != '"' || openBracket(b) != '{' {
		return false
	}
	for i := len(b) - 2; i >= 0; i-- {
		if b[i] == '"' && !insideString(b[:i]) {
			last := lastByte(bytes.TrimRight(b[:i], " \t\r\n"))
			return last == '{' || last == ','
		}
	}
	return false
}
