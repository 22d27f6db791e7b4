// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import "fmt"

// node is a parsed output or tag with what it holds.
type node struct {
	token    *token
	value    *expression // of an output
	branches []branch    // of if, unless, case; of a loop or a capture there is one
	fallback []*node     // else
}

type branch struct {
	first  *operand // first operand of an if's condition
	values []operand
	nodes  []*node
}

// parseTemplate reads a template. Of several mistakes the first one is reported: the others would be reported under
// the same name, and Novu keeps one of a name.
func parseTemplate(text string) ([]*node, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return nil, err
	}
	nodes, errs := (&parser{tokens: tokens}).all()
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return nodes, nil
}

type parser struct{ tokens []*token }

// all parses whatever is left, going on behind mistakes.
func (p *parser) all() (nodes []*node, errs []error) {
	for len(p.tokens) > 0 {
		switch n, err := p.next(); {
		case err != nil:
			errs = append(errs, err)
		case n != nil:
			nodes = append(nodes, n)
		}
	}
	return nodes, errs
}

// compilationProblem is what the parser says of a template as a whole, "" if there is nothing to say.
func compilationProblem(text string) string {
	tokens, err := tokenize(text)
	if err != nil {
		return err.Error()
	}
	_, errs := (&parser{tokens: tokens}).all()
	return summary(errs)
}

func summary(errs []error) string {
	switch len(errs) {
	case 0:
		return ""
	case 1:
		return "1 error found"
	}
	return fmt.Sprintf("%d errors found", len(errs))
}

// inner parses what a layout or liquid tag holds. All its mistakes make one.
func (p *parser) inner(t *token) (*node, error) {
	_, errs := p.all()
	if problem := summary(errs); problem != "" {
		return nil, syntaxErrorf("%s", problem)
	}
	return &node{token: t}, nil
}

func (p *parser) shift() *token {
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

// next parses one piece; text gives no node.
func (p *parser) next() (*node, error) {
	t := p.shift()
	n, err := p.piece(t)
	return n, placed(err, t.at)
}

func (p *parser) piece(t *token) (*node, error) {
	switch t.kind {
	case outputToken:
		e, err := t.args.filteredValue()
		if err != nil {
			return nil, err
		}
		return &node{token: t, value: e}, knownFilters(e)
	case tagToken:
		return p.tag(t)
	}
	return nil, nil
}

func knownFilters(e *expression) error {
	for _, f := range e.filters {
		if !filterNames[f.name] {
			return syntaxErrorf("undefined filter: %s", f.name)
		}
	}
	return nil
}

func (p *parser) tag(t *token) (*node, error) {
	switch t.name {
	case "if", "unless":
		return p.conditional(t)
	case "case":
		return p.switchCase(t)
	case "for", "tablerow":
		return p.loop(t)
	case "capture":
		return p.block(t, "endcapture", t.args.identifier() != "" || t.args.simple(quotedValue), "invalid capture name")
	case "block":
		return p.block(t, "endblock", true, "")
	case "comment", "raw":
		return p.skip(t)
	case "assign":
		return assignment(t)
	case "echo":
		return echo(t)
	case "break", "continue", "increment", "decrement":
		return &node{token: t}, nil
	case "cycle", "include", "render", "layout", "liquid", "#":
		return p.single(t)
	}
	return nil, syntaxErrorf("tag %q not found", t.name)
}

func (r *reader) simple(kind valueKind) bool {
	v, err := r.simpleValue()
	return err == nil && v != nil && v.kind == kind
}

func (t *token) notClosed() error { return syntaxErrorf("tag %s not closed", t.text) }

func condition(r *reader) (branch, error) {
	e, err := r.filteredValue()
	if err != nil {
		return branch{}, err
	}
	b := branch{}
	if len(e.operands) > 0 {
		b.first = &e.operands[0]
	}
	return b, knownFilters(e)
}

// noArguments is for the tags of an if or for that take none. (Those of unless and case are not asked.)
func (t *token) noArguments() error {
	if rest := t.args.rest(); rest != "" {
		return syntaxErrorf("unexpected %s", jsonText(rest))
	}
	return nil
}

func (p *parser) conditional(t *token) (*node, error) {
	n := &node{token: t}
	b, err := condition(t.args)
	if err != nil {
		return nil, err
	}
	n.branches = append(n.branches, b)
	strict, elses, dropping := t.name == "if", 0, false
	for len(p.tokens) > 0 && err == nil {
		head := p.tokens[0]
		switch {
		case head.isTag("end" + t.name):
			p.shift()
			if strict {
				err = head.noArguments()
			}
			return n, err
		case head.isTag("elsif"):
			p.shift()
			dropping = elses > 0
			err = n.elsif(head, strict, elses)
		case head.isTag("else"):
			p.shift()
			elses++
			dropping = elses > 1
			if strict {
				err = head.soleElse(elses)
			}
		default:
			err = p.into(n, elses > 0, dropping)
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, t.notClosed()
}

func (t *token) isTag(name string) bool { return t.kind == tagToken && t.name == name }

// elsif adds a branch. Behind an else it is a mistake in an if, and left out of an unless.
func (n *node) elsif(head *token, strict bool, elses int) error {
	if elses > 0 {
		if strict {
			return syntaxErrorf("unexpected elsif after else")
		}
		return nil
	}
	b, err := condition(head.args)
	if err == nil {
		n.branches = append(n.branches, b)
	}
	return err
}

func (t *token) soleElse(elses int) error {
	if err := t.noArguments(); err != nil {
		return err
	}
	if elses > 1 {
		return syntaxErrorf("duplicated else")
	}
	return nil
}

// into parses the next piece into the node's last branch or its else part, or for its mistakes only.
func (p *parser) into(n *node, inElse, dropping bool) error {
	child, err := p.next()
	if err != nil || child == nil || dropping {
		return err
	}
	if inElse {
		n.fallback = append(n.fallback, child)
		return nil
	}
	last := &n.branches[len(n.branches)-1]
	last.nodes = append(last.nodes, child)
	return nil
}

// switchCase parses a case. What comes before its first when, or behind a second else, is not looked into.
func (p *parser) switchCase(t *token) (*node, error) {
	n := &node{token: t}
	if _, err := condition(t.args); err != nil {
		return nil, err
	}
	elses := 0
	for len(p.tokens) > 0 {
		head := p.tokens[0]
		switch {
		case head.isTag("endcase"):
			p.shift()
			return n, nil
		case head.isTag("when"):
			p.shift()
			if elses > 0 {
				break
			}
			values, err := whenValues(head.args)
			if err != nil {
				return nil, err
			}
			n.branches = append(n.branches, branch{values: values})
		case head.isTag("else"):
			p.shift()
			elses++
		default:
			dropping := elses > 1 || (elses == 0 && len(n.branches) == 0)
			if err := p.into(n, elses > 0, dropping); err != nil {
				return nil, err
			}
		}
	}
	return nil, t.notClosed()
}

func whenValues(r *reader) ([]operand, error) {
	var out []operand
	for !r.end() {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		if v == nil {
			return nil, syntaxErrorf("unexpected token %s, value expected", r.snapshot(r.p))
		}
		out = append(out, *v)
		r.skipBlank()
		if r.peek(0) == ',' {
			r.readTo(",")
		} else {
			r.readTo("or")
		}
	}
	return out, nil
}

func (p *parser) loop(t *token) (*node, error) {
	variable, in := t.args.identifier(), t.args.identifier()
	collection, err := t.args.value()
	if err != nil {
		return nil, err
	}
	if in != "in" || collection == nil || (variable == "" && t.name == "for") {
		return nil, syntaxErrorf("illegal tag: %s", t.text)
	}
	if err := t.args.hashes(); err != nil {
		return nil, err
	}
	n := &node{token: t, branches: []branch{{}}}
	isFor, inElse := t.name == "for", false
	for len(p.tokens) > 0 && err == nil {
		head := p.tokens[0]
		switch {
		case head.isTag("end" + t.name):
			p.shift()
			if isFor {
				err = head.noArguments()
			}
			return n, err
		case isFor && head.isTag("else"):
			p.shift()
			inElse = true
			err = head.noArguments()
		default:
			err = p.into(n, inElse, false)
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, t.notClosed()
}

func (p *parser) block(t *token, end string, ok bool, problem string) (*node, error) {
	if !ok {
		return nil, syntaxErrorf("%s", problem)
	}
	n := &node{token: t, branches: []branch{{}}}
	for len(p.tokens) > 0 {
		if head := p.tokens[0]; head.kind == tagToken && head.name == end {
			p.shift()
			return n, nil
		}
		if err := p.into(n, false, false); err != nil {
			return nil, err
		}
	}
	return nil, t.notClosed()
}

func (p *parser) skip(t *token) (*node, error) {
	for len(p.tokens) > 0 {
		if head := p.shift(); head.kind == tagToken && head.name == "end"+t.name {
			return &node{token: t}, nil
		}
	}
	return nil, t.notClosed()
}

func assignment(t *token) (*node, error) {
	if t.args.identifier() == "" {
		return nil, syntaxErrorf("expected variable name")
	}
	t.args.skipBlank()
	if t.args.peek(0) != '=' {
		return nil, syntaxErrorf(`expected "="`)
	}
	t.args.p++
	e, err := t.args.filteredValue()
	if err != nil {
		return nil, err
	}
	return &node{token: t}, knownFilters(e)
}

func echo(t *token) (*node, error) {
	t.args.skipBlank()
	if t.args.end() {
		return &node{token: t}, nil
	}
	e, err := t.args.filteredValue()
	if err != nil {
		return nil, err
	}
	return &node{token: t}, knownFilters(e)
}
