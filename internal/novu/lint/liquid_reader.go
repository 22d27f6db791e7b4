// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The files liquid_*.go read Liquid templates the way Novu's parser does, as far as to know which variables a
// template uses and what is wrong with its syntax. Nothing is rendered.

// syntaxError is a mistake in a template, in the parser's words.
type syntaxError struct {
	message string
	at      int // position in the template of the piece that holds it, -1 until that is known
}

func (e *syntaxError) Error() string { return e.message }

func syntaxErrorf(format string, args ...any) error {
	return &syntaxError{fmt.Sprintf(format, args...), -1}
}

// placed sets the position of a syntax error that has none yet.
func placed(err error, at int) error {
	if e, ok := errors.AsType[*syntaxError](err); ok && e.at < 0 {
		e.at = at
	}
	return err
}

// placeOf returns the position of a syntax error.
func placeOf(err error) int {
	if e, ok := errors.AsType[*syntaxError](err); ok {
		return max(e.at, 0)
	}
	return 0
}

// valueKind is what an operand is.
type valueKind int

const (
	propertyValue valueKind = iota // a variable, perhaps with properties
	quotedValue
	numberValue
	literalValue
	rangeValue
	namedValue // an argument with a name, of whatever kind
)

// operand is one operand of an expression.
type operand struct {
	kind  valueKind
	text  string   // as written
	quote string   // content of a quoted one
	path  []string // of a variable; an index is "[0]"
}

// filterCall is one filter of an expression with its positional arguments.
type filterCall struct {
	name string
	args []operand
}

// expression is a value with filters. operands counts operators as well, like the parser's postfix form.
type expression struct {
	operands []operand
	size     int
	filters  []filterCall
}

// reader walks the text of one tag or output.
type reader struct {
	in   []rune
	p, n int
}

func (r *reader) end() bool { return r.p >= r.n }

func (r *reader) peek(k int) rune {
	if r.p+k >= r.n {
		return 0
	}
	return r.in[r.p+k]
}

func isBlank(c rune) bool {
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
		c == 0x202f || c == 0x205f || c == 0x3000
}

func isDigit(c rune) bool { return c >= '0' && c <= '9' }

// isWord: identifiers may hold dashes, question marks and anything beyond ASCII that is no blank.
func isWord(c rune) bool {
	switch {
	case c == 0:
		return false
	case c >= 0x80:
		return !isBlank(c) && c != 0x201c && c != 0x201d
	}
	return c == '_' || c == '-' || c == '?' || isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
}

func (r *reader) skipBlank() {
	for !r.end() && isBlank(r.in[r.p]) {
		r.p++
	}
}

// snapshot quotes what follows position from, cut at 32 characters.
func (r *reader) snapshot(from int) string {
	const limit = 32
	text := r.in[min(from, r.n):r.n]
	s := string(text)
	if len(text) > limit {
		s = string(text[:limit-3]) + "..."
	}
	return jsonText(s)
}

// jsonText quotes a string as JavaScript does.
func jsonText(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.TrimSpace(b.String())
}

// rest is what has not been read.
func (r *reader) rest() string { return string(r.in[min(r.p, r.n):r.n]) }

// readTo moves behind the next occurrence of a text, or to the end.
func (r *reader) readTo(text string) {
	for !r.end() {
		r.p++
		if r.p >= len(text) && at(r.in[:r.n], r.p-len(text), text) {
			return
		}
	}
}

func (r *reader) identifier() string {
	r.skipBlank()
	from := r.p
	for !r.end() && isWord(r.in[r.p]) {
		r.p++
	}
	return string(r.in[from:r.p])
}

var operators = []string{"contains", "==", "!=", ">=", "<=", "not", "and", "or", ">", "<"}

func (r *reader) operator() bool { r.skipBlank(); return r.keyword(operators) }

// keyword consumes the longest of the words that stands here; a word of letters must end at a boundary.
func (r *reader) keyword(words []string) bool {
	best := ""
	for _, w := range words {
		if len(w) > len(best) && r.p+len(w) <= r.n && string(r.in[r.p:r.p+len(w)]) == w {
			best = w
		}
	}
	if best == "" || (isWord(rune(best[0])) && isWord(r.peek(len(best)))) {
		return false
	}
	r.p += len(best)
	return true
}

// filteredValue reads an expression with its filters.
func (r *reader) filteredValue() (*expression, error) {
	e := &expression{}
	for !r.end() {
		if r.operator() {
			e.size++
			continue
		}
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		if v == nil {
			break
		}
		e.operands = append(e.operands, *v)
		e.size++
	}
	if e.size == 0 {
		return nil, syntaxErrorf("invalid value expression: %s", r.snapshot(r.p))
	}
	for {
		f, err := r.filter()
		if f == nil || err != nil {
			return e, err
		}
		e.filters = append(e.filters, *f)
	}
}

func (r *reader) filter() (*filterCall, error) {
	r.skipBlank()
	if r.end() {
		return nil, nil
	}
	r.p++
	if r.in[r.p-1] != '|' {
		return nil, syntaxErrorf(`expected "|" before filter`)
	}
	f := &filterCall{name: r.identifier()}
	if f.name == "" {
		if !r.end() {
			return nil, syntaxErrorf("expected filter name")
		}
		return nil, nil
	}
	r.skipBlank()
	switch {
	case r.peek(0) == ':':
		return f, r.filterArgs(f)
	case r.peek(0) == '|' || r.end():
		return f, nil
	}
	return nil, syntaxErrorf(`expected ":" after filter name`)
}

func (r *reader) filterArgs(f *filterCall) error {
	for {
		r.p++ // the colon or the comma
		arg, err := r.value()
		if err != nil {
			return err
		}
		r.skipBlank()
		if arg != nil && r.peek(0) == ':' { // a named argument
			r.p++
			if _, err := r.value(); err != nil {
				return err
			}
			r.skipBlank()
			f.args = append(f.args, operand{kind: namedValue})
		} else if arg != nil {
			f.args = append(f.args, *arg)
		}
		if !r.end() && r.peek(0) != ',' && r.peek(0) != '|' {
			return syntaxErrorf("unexpected character %s", r.snapshot(r.p))
		}
		if r.peek(0) != ',' {
			return nil
		}
	}
}
