package novutest

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
	p := &parser{tokens: tokens}
	var nodes []*node
	for len(p.tokens) > 0 {
		n, err := p.next()
		if err != nil {
			return nil, err
		}
		if n != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes, nil
}

type parser struct{ tokens []*token }

func (p *parser) shift() *token {
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

// next parses one piece; text gives no node.
func (p *parser) next() (*node, error) {
	t := p.shift()
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
	case "break", "continue", "increment", "decrement", "cycle", "include", "render", "layout", "liquid", "#":
		return &node{token: t}, nil
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

func (p *parser) conditional(t *token) (*node, error) {
	n := &node{token: t}
	b, err := condition(t.args)
	if err != nil {
		return nil, err
	}
	n.branches = append(n.branches, b)
	inElse := false
	for len(p.tokens) > 0 {
		switch head := p.tokens[0]; {
		case head.kind == tagToken && head.name == "end"+t.name:
			p.shift()
			return n, nil
		case head.kind == tagToken && head.name == "elsif":
			p.shift()
			if b, err = condition(head.args); err != nil {
				return nil, err
			}
			n.branches = append(n.branches, b)
		case head.kind == tagToken && head.name == "else":
			p.shift()
			inElse = true
		default:
			if err := p.into(n, inElse); err != nil {
				return nil, err
			}
		}
	}
	return nil, t.notClosed()
}

// into parses the next piece into the node's last branch or its else part.
func (p *parser) into(n *node, inElse bool) error {
	child, err := p.next()
	if err != nil || child == nil {
		return err
	}
	if inElse || len(n.branches) == 0 {
		n.fallback = append(n.fallback, child)
		return nil
	}
	last := &n.branches[len(n.branches)-1]
	last.nodes = append(last.nodes, child)
	return nil
}

func (p *parser) switchCase(t *token) (*node, error) {
	n := &node{token: t}
	if _, err := condition(t.args); err != nil {
		return nil, err
	}
	inElse := false
	for len(p.tokens) > 0 {
		switch head := p.tokens[0]; {
		case head.kind == tagToken && head.name == "endcase":
			p.shift()
			return n, nil
		case head.kind == tagToken && head.name == "when":
			p.shift()
			values, err := whenValues(head.args)
			if err != nil {
				return nil, err
			}
			n.branches = append(n.branches, branch{values: values})
		case head.kind == tagToken && head.name == "else":
			p.shift()
			inElse = true
		default:
			if err := p.into(n, inElse); err != nil {
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
		separator := "or"
		if r.peek(0) == ',' {
			separator = ","
		}
		for !r.end() && !at(r.in[:r.n], r.p, separator) {
			r.p++
		}
		r.p += len(separator)
	}
	return out, nil
}

func (p *parser) loop(t *token) (*node, error) {
	variable, in := t.args.identifier(), t.args.identifier()
	collection, err := t.args.value()
	if err != nil {
		return nil, err
	}
	if in != "in" || collection == nil || variable == "" {
		return nil, syntaxErrorf("illegal tag: %s", t.text)
	}
	n := &node{token: t, branches: []branch{{}}}
	inElse := false
	for len(p.tokens) > 0 {
		switch head := p.tokens[0]; {
		case head.kind == tagToken && head.name == "end"+t.name:
			p.shift()
			return n, nil
		case head.kind == tagToken && head.name == "else" && t.name == "for":
			p.shift()
			inElse = true
		default:
			if err := p.into(n, inElse); err != nil {
				return nil, err
			}
		}
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
		if err := p.into(n, false); err != nil {
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
