// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

type tokenKind int

const (
	htmlToken tokenKind = iota
	outputToken
	tagToken
)

// token is a piece of a template. text is the whole piece with its delimiters.
type token struct {
	kind tokenKind
	text string
	at   int     // position of its first character in the template
	name string  // of a tag
	args *reader // behind a tag's name, or inside an output
}

func tokenize(text string) ([]*token, error) {
	in := []rune(text)
	var out []*token
	raw := -1
	for p := 0; p < len(in); {
		t, end, err := nextToken(in, p, raw)
		if err != nil {
			return nil, placed(err, p)
		}
		t.at = p
		switch {
		case t.kind == tagToken && t.name == "raw" && raw < 0:
			raw = p
		case t.kind == tagToken && t.name == "endraw":
			raw = -1
		}
		out = append(out, t)
		p = end
	}
	return out, nil
}

func nextToken(in []rune, p, raw int) (*token, int, error) {
	switch {
	case raw >= 0:
		return rawToken(in, p, raw)
	case at(in, p, "{%"):
		return tagAt(in, p)
	case at(in, p, "{{"):
		return outputAt(in, p)
	}
	end := p
	for end < len(in) && !at(in, end, "{%") && !at(in, end, "{{") {
		end++
	}
	return &token{kind: htmlToken, text: string(in[p:end])}, end, nil
}

func at(in []rune, p int, s string) bool {
	return p+len(s) <= len(in) && string(in[p:p+len(s)]) == s
}

// rawToken reads up to the endraw tag, or that tag itself.
func rawToken(in []rune, p, raw int) (*token, int, error) {
	for q := p; q < len(in); q++ {
		if !at(in, q, "{%") {
			continue
		}
		if q > p {
			if t, _, err := tagAt(in, q); err == nil && t.name == "endraw" {
				return &token{kind: htmlToken, text: string(in[p:q])}, q, nil
			}
			continue
		}
		if t, end, err := tagAt(in, q); err == nil && t.name == "endraw" {
			return t, end, nil
		}
	}
	r := &reader{in: in, p: p, n: len(in)}
	return nil, 0, syntaxErrorf("raw %s not closed", r.snapshot(raw))
}

func tagAt(in []rune, p int) (*token, int, error) {
	end := p + 2
	for end < len(in) && !at(in, end-1, "%}") {
		end++
	}
	r := &reader{in: in, p: p, n: len(in)}
	if end >= len(in) || !at(in, end-1, "%}") {
		return nil, 0, syntaxErrorf("tag %s not closed", r.snapshot(p))
	}
	end++
	t := &token{kind: tagToken, text: string(in[p:end]), args: content(in, p+2, end-2)}
	if !t.takeName() {
		return nil, 0, syntaxErrorf("illegal tag syntax, tag name expected")
	}
	return t, end, nil
}

// takeName moves the name of a tag out of its arguments.
func (t *token) takeName() bool {
	t.args.skipBlank()
	if t.args.peek(0) == '#' {
		t.args.p++
		t.name = "#"
	} else {
		t.name = t.args.identifier()
	}
	t.args.skipBlank()
	return t.name != ""
}

// outputAt reads {{…}}; braces inside quotes do not close it.
func outputAt(in []rune, p int) (*token, int, error) {
	r := &reader{in: in, p: p, n: len(in)}
	for !r.end() {
		if c := r.in[r.p]; c == '"' || c == '\'' {
			r.quoted()
			continue
		}
		r.p++
		if r.p >= p+4 && at(in, r.p-2, "}}") {
			return &token{kind: outputToken, text: string(in[p:r.p]), args: content(in, p+2, r.p-2)}, r.p, nil
		}
	}
	return nil, 0, syntaxErrorf("output %s not closed", r.snapshot(p))
}

// content is the inside of a tag or output without trim marks and blanks.
func content(in []rune, from, to int) *reader {
	if from < to && in[from] == '-' {
		from++
	}
	if to > from && in[to-1] == '-' {
		to--
	}
	for from < to && isBlank(in[from]) {
		from++
	}
	for to > from && isBlank(in[to-1]) {
		to--
	}
	return &reader{in: in, p: from, n: to}
}
