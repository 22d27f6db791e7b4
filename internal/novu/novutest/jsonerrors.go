package novutest

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// jsonErrors reads a text that is no JSON as V8 12 does (Node 22), for the words and the place of its complaint. It counts
// UTF-16 units, as JavaScript does.
type jsonErrors struct {
	text []uint16
	at   int
}

func newJSONErrors(raw []byte) *jsonErrors {
	return &jsonErrors{text: utf16.Encode([]rune(string(raw)))}
}

// find returns V8's complaint, or otherwise if V8 has none.
func (p *jsonErrors) find(otherwise error) error {
	if err := p.value(); err != nil {
		return err
	}
	if p.space(); p.at < len(p.text) {
		return errors.New("Unexpected non-whitespace character after JSON" + p.place())
	}
	return otherwise
}

// end stands for the character after the last.
const end = 0

func (p *jsonErrors) peek() rune {
	if p.at < len(p.text) {
		return rune(p.text[p.at])
	}
	return end
}

func (p *jsonErrors) space() {
	for p.at < len(p.text) && strings.ContainsRune(" \t\r\n", rune(p.text[p.at])) {
		p.at++
	}
}

// next goes to the next token and takes it if it is c.
func (p *jsonErrors) next(c rune) bool {
	if p.space(); p.peek() != c {
		return false
	}
	p.at++
	return true
}

func (p *jsonErrors) value() error {
	p.space()
	switch c := p.peek(); {
	case c == '{':
		p.at++
		return p.object()
	case c == '[':
		p.at++
		return p.array()
	case c == '"':
		p.at++
		return p.string()
	case c == '-' || isDigit(c):
		return p.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if p.peek() == rune(word[0]) {
			return p.literal(word)
		}
	}
	return p.unexpected()
}

func (p *jsonErrors) object() error {
	if p.next('}') {
		return nil
	}
	for expected := "Expected property name or '}'"; ; expected = "Expected double-quoted property name" {
		if !p.next('"') {
			return p.complain(expected)
		}
		if err := p.string(); err != nil {
			return err
		}
		if !p.next(':') {
			return p.complain("Expected ':' after property name")
		}
		if err := p.value(); err != nil {
			return err
		}
		if !p.next(',') {
			break
		}
	}
	if !p.next('}') {
		return p.complain("Expected ',' or '}' after property value")
	}
	return nil
}

func (p *jsonErrors) array() error {
	if p.next(']') {
		return nil
	}
	for {
		if err := p.value(); err != nil {
			return err
		}
		if !p.next(',') {
			break
		}
	}
	if !p.next(']') {
		return p.complain("Expected ',' or ']' after array element")
	}
	return nil
}

// string reads on after the opening quote.
func (p *jsonErrors) string() error {
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return nil
		case c < ' ':
			return p.complain("Bad control character in string literal")
		case c == '\\':
			p.at++
			if err := p.escape(); err != nil {
				return err
			}
		}
	}
	return p.complain("Unterminated string")
}

// escape stops at the last character of an escape sequence.
func (p *jsonErrors) escape() error {
	switch c := p.peek(); {
	case p.at >= len(p.text):
		return p.unexpected()
	case c == 'u':
		for range 4 {
			p.at++
			if !isDigit(p.peek()) && !strings.ContainsRune("abcdefABCDEF", p.peek()) {
				return p.complain("Bad Unicode escape")
			}
		}
	case !strings.ContainsRune(`"\/bfnrt`, c):
		return p.complain("Bad escaped character")
	}
	return nil
}

func (p *jsonErrors) number() error {
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		if p.at++; isDigit(p.peek()) {
			return p.unexpected()
		}
	} else if !p.digits() {
		return p.complain("No number after minus sign")
	}
	if p.peek() == '.' {
		if p.at++; !p.digits() {
			return p.complain("Unterminated fractional number")
		}
	}
	if p.peek() == 'e' || p.peek() == 'E' {
		if p.at++; p.peek() == '+' || p.peek() == '-' {
			p.at++
		}
		if !p.digits() {
			return p.complain("Exponent part is missing a number")
		}
	}
	return nil
}

// digits says whether there is at least one.
func (p *jsonErrors) digits() bool {
	from := p.at
	for isDigit(p.peek()) {
		p.at++
	}
	return p.at > from
}

func (p *jsonErrors) literal(word string) error {
	for i := range len(word) {
		if p.peek() != rune(word[i]) {
			return p.unexpected()
		}
		p.at++
	}
	return nil
}

func (p *jsonErrors) complain(what string) error { return errors.New(what + " in JSON" + p.place()) }

// place is where the text goes wrong.
func (p *jsonErrors) place() string {
	line, begins := 1, 0
	for i, c := range p.text[:p.at] {
		isBreak := c == '\n' || c == '\r' && (i+1 >= len(p.text) || p.text[i+1] != '\n')
		if isBreak {
			line, begins = line+1, i+1
		}
	}
	return fmt.Sprintf(" at position %d (line %d column %d)", p.at, line, p.at-begins+1)
}

// unexpected is the complaint about something that nothing in particular was expected of.
func (p *jsonErrors) unexpected() error {
	switch c := p.peek(); {
	case p.at >= len(p.text):
		return errors.New("Unexpected end of JSON input")
	case c == '-' || isDigit(c):
		return p.complain("Unexpected number")
	case c == '"':
		return p.complain("Unexpected string")
	}
	return p.unexpectedToken()
}

// unexpectedToken quotes the character and up to ten characters on either side of it.
func (p *jsonErrors) unexpectedToken() error {
	const around = 10
	from, to, open, shut := 0, len(p.text), `"`, `"`
	if len(p.text) > 2*around {
		if p.at >= around {
			from, open = p.at-around, `..."`
		}
		if p.at+around < len(p.text) {
			to, shut = p.at+around, `"...`
		}
	}
	text := func(from, to int) string { return string(utf16.Decode(p.text[from:to])) }
	return fmt.Errorf("Unexpected token '%s', %s%s%s is not valid JSON", text(p.at, p.at+1), open, text(from, to), shut)
}
