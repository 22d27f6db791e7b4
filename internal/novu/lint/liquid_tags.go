// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import "regexp"

// loneLine is a line of an inline comment that does not go on with it.
var loneLine = regexp.MustCompile(`\n\s*[^#\s]`)

// single parses the tags without an end tag that take arguments of their own.
func (p *parser) single(t *token) (*node, error) {
	n := &node{token: t}
	switch t.name {
	case "#":
		if loneLine.MatchString(t.args.rest()) {
			return nil, syntaxErrorf("every line of an inline comment must start with a '#' character")
		}
		return n, nil
	case "cycle":
		return n, cycle(t)
	case "liquid":
		lines, err := liquidLines(t.args)
		if err != nil {
			return nil, err
		}
		return (&parser{tokens: lines}).inner(t)
	}
	if err := partial(t.args); err != nil {
		return nil, err
	}
	if t.name == "layout" {
		return p.inner(t)
	}
	return n, nil
}

func cycle(t *token) error {
	first, err := t.args.value()
	if err != nil {
		return err
	}
	t.args.skipBlank()
	some := first != nil
	if first != nil && t.args.peek(0) == ':' { // the name of a group
		t.args.p++
		some = false
	}
	for !t.args.end() {
		v, err := t.args.value()
		if err != nil {
			return err
		}
		some = some || v != nil
		t.args.readTo(",")
	}
	if !some {
		return syntaxErrorf(`empty candidates: "%s"`, t.text)
	}
	return nil
}

// partial reads the name of another template, which may be a template itself, and what is handed to it.
func partial(r *reader) error {
	file, err := r.value()
	if err != nil {
		return err
	}
	if file == nil {
		return syntaxErrorf("illegal file path")
	}
	if file.kind == quotedValue {
		if problem := compilationProblem(file.quote); problem != "" {
			return syntaxErrorf("%s", problem)
		}
	}
	return r.hashes()
}

// hashes reads arguments such as "limit: 2, reversed".
func (r *reader) hashes() error {
	for {
		r.skipBlank()
		if r.peek(0) == ',' {
			r.p++
		}
		if r.identifier() == "" {
			return nil
		}
		r.skipBlank()
		if r.peek(0) == ':' {
			r.p++
			if _, err := r.value(); err != nil {
				return err
			}
		}
	}
}

// liquidLines are the tags of a liquid tag, one a line.
func liquidLines(r *reader) ([]*token, error) {
	var out []*token
	for {
		r.skipBlank()
		if r.end() {
			return out, nil
		}
		from := r.p
		for !r.end() && r.in[r.p] != '\n' {
			r.p++
		}
		t := &token{kind: tagToken, args: &reader{in: r.in, p: from, n: r.p}}
		if !r.end() {
			r.p++
		}
		t.text = string(r.in[from:r.p])
		if !t.takeName() {
			return nil, syntaxErrorf("illegal liquid tag syntax")
		}
		out = append(out, t)
	}
}
