// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import "strings"

// value reads one operand; nil means that there is none.
func (r *reader) value() (*operand, error) {
	r.skipBlank()
	from := r.p
	v, err := r.simpleValue()
	if err != nil {
		return nil, err
	}
	path, err := r.properties(v == nil)
	if err != nil {
		return nil, err
	}
	if len(path) > 0 {
		v = &operand{kind: propertyValue, path: path}
	}
	if v != nil {
		v.text = string(r.in[from:r.p])
	}
	return v, nil
}

var literals = []string{"true", "false", "nil", "null", "empty", "blank"}

func (r *reader) simpleValue() (*operand, error) {
	switch c := r.peek(0); {
	case r.keyword(literals):
		return &operand{kind: literalValue}, nil
	case c == '"' || c == '\'':
		return &operand{kind: quotedValue, quote: r.quoted()}, nil
	case c == '(':
		return r.rangeOf()
	case r.number():
		return &operand{kind: numberValue}, nil
	}
	return nil, nil
}

// quoted reads a string; one that is not closed ends with the text.
func (r *reader) quoted() string {
	quote := r.in[r.p]
	r.p++
	var out []rune
	for !r.end() {
		c := r.in[r.p]
		r.p++
		if c == quote {
			break
		}
		if c == '\\' && !r.end() {
			c = r.in[r.p]
			r.p++
		}
		out = append(out, c)
	}
	return string(out)
}

func (r *reader) rangeOf() (*operand, error) {
	r.p++
	for i, want := range []string{"..", ")"} {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		if v == nil {
			return nil, syntaxErrorf("unexpected token %s, value expected", r.snapshot(r.p))
		}
		r.skipBlank()
		if r.p+len(want) > r.n || string(r.in[r.p:r.p+len(want)]) != want {
			return nil, syntaxErrorf("invalid range syntax")
		}
		r.p += len(want)
		if i == 1 {
			break
		}
	}
	return &operand{kind: rangeValue}, nil
}

func (r *reader) number() bool {
	k, digits, point := 0, false, false
	if c := r.peek(0); c == '-' || c == '+' {
		k++
	}
	for ; ; k++ {
		if isDigit(r.peek(k)) {
			digits = true
			continue
		}
		if r.peek(k) != '.' || r.peek(k+1) == '.' {
			break
		}
		if point || !digits {
			return false
		}
		point = true
	}
	if !digits || isWord(r.peek(k)) {
		return false
	}
	r.p += k
	return true
}

// properties reads a path such as a.b[0]["c"]. first tells that it may begin with a name.
func (r *reader) properties(first bool) ([]string, error) {
	var path []string
	for {
		switch {
		case r.peek(0) == '[':
			p, err := r.index()
			if err != nil {
				return nil, err
			}
			path = append(path, p)
		case first && len(path) == 0 && isWord(r.peek(0)):
			path = append(path, r.identifier())
		case r.peek(0) == '.' && r.peek(1) != '.':
			r.p++
			name := r.identifier()
			if name == "" {
				return path, nil
			}
			path = append(path, name)
		default:
			return path, nil
		}
	}
}

// index reads one pair of brackets. A variable in there has no name that anybody could know.
func (r *reader) index() (string, error) {
	r.p++
	v, err := r.value()
	if err != nil {
		return "", err
	}
	for !r.end() && r.in[r.p] != ']' {
		r.p++
	}
	if r.end() {
		return "", syntaxErrorf("[ not closed")
	}
	r.p++
	switch {
	case v == nil:
		return "", nil
	case v.kind == numberValue:
		return "[" + strings.TrimSpace(v.text) + "]", nil
	case v.kind == quotedValue:
		return v.quote, nil
	}
	return "undefined", nil
}

// name joins a path as Novu writes variables: a.b[0].c.
func (o *operand) name() string {
	var b strings.Builder
	for i, p := range o.path {
		if i > 0 && !strings.HasPrefix(p, "[") {
			b.WriteByte('.')
		}
		b.WriteString(p)
	}
	return b.String()
}
