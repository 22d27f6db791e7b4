// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
)

// finding is a variable that a template may not use, or a mistake that makes the whole template unusable.
type finding struct {
	name    string
	message string
	at      int  // position in the template of the piece that names it
	filter  bool // message is about the arguments of a filter
}

// invalidVariables checks the variables of a template against a schema. Each name is reported once.
func invalidVariables(template string, schema object) []finding {
	if template == "" {
		return nil
	}
	nodes, err := parseTemplate(template)
	if err != nil {
		name := plainVariable(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(template), "{{"), "}}"))
		return []finding{{name: cmp.Or(name, "unknown"), message: err.Error() + ",", at: placeOf(err)}}
	}
	c := &collector{schema: schema, seen: map[string]bool{}}
	c.walk(nodes, map[string]bool{})
	// Novu names what is valid first, so a name that is both is no finding.
	return slices.DeleteFunc(c.findings, func(f finding) bool { return c.valid[f.name] })
}

type collector struct {
	schema   object
	valid    map[string]bool
	seen     map[string]bool
	findings []finding
	at       int // position of the piece that is looked into
}

func (c *collector) report(f finding) {
	if !c.seen[f.name] {
		c.seen[f.name] = true
		f.at = c.at
		c.findings = append(c.findings, f)
	}
}

func (c *collector) walk(nodes []*node, locals map[string]bool) {
	for _, n := range nodes {
		c.at = n.token.at
		if n.value != nil {
			c.output(n, locals)
		} else {
			c.tag(n, locals)
		}
	}
}

// output checks {{…}}. A literal counts as a variable without a name; more than one operand is refused.
func (c *collector) output(n *node, locals map[string]bool) {
	e, name := n.value, ""
	if first := e.firstPath(); first != nil {
		if e.size > 1 {
			c.report(finding{name: n.token.text, message: "contains whitespaces"})
			return
		}
		name = first.name()
	}
	if problem := filterProblem(e.filters, name); problem != "" {
		c.report(finding{name: name, message: problem, filter: true})
		return
	}
	for _, f := range e.filters {
		c.keyPath(name, f)
	}
	c.use(name, locals)
}

var (
	dynamicPath = regexp.MustCompile(`^(?:subscriber\.data\.|payload\.|context\.|env\.|steps\.[^.]+\.events\[\d+\]\.payload\.)`)
	stepEvents  = regexp.MustCompile(`^steps\.[^.]+\.events$`)
)

// keyPath checks the path that toSentence takes from each element: by itself, as if it were a variable.
func (c *collector) keyPath(variable string, f filterCall) {
	if f.name != "toSentence" || len(f.args) == 0 || f.args[0].kind != quotedValue {
		return
	}
	path := f.args[0].quote
	full := variable + "." + path
	inElement := dynamicPath.MatchString(variable) && isAllowed(c.schema, full)
	if !inElement && (!strings.HasPrefix(path, "payload.") || !stepEvents.MatchString(variable)) {
		return
	}
	if isAllowed(c.schema, path) {
		c.accept(full)
	} else {
		c.report(finding{name: full, message: "is not supported"})
	}
}

func (c *collector) accept(name string) {
	if c.valid == nil {
		c.valid = map[string]bool{}
	}
	c.valid[name] = true
}

// firstPath is the variable that an expression begins with, nil if it begins with anything else.
func (e *expression) firstPath() *operand {
	if len(e.operands) > 0 && e.operands[0].kind == propertyValue {
		return &e.operands[0]
	}
	return nil
}

// use checks one variable. Names without a namespace are refused, except the slot of a layout.
func (c *collector) use(name string, locals map[string]bool) {
	for local := range locals {
		if name == local || strings.HasPrefix(name, local+".") {
			return
		}
	}
	allowed := isAllowed(c.schema, name)
	isSlot := name == "content" && allowed
	switch {
	case !strings.Contains(name, ".") && !isSlot:
		c.report(finding{name: name, message: "invalid or missing namespace"})
	case allowed || strings.HasPrefix(name, "t."):
		c.accept(name)
	default:
		c.report(finding{name: name, message: "is not supported"})
	}
}

// The expressions below are how Novu looks into tags: a tag that does not match, for example for its trim marks, is
// not looked into.
var (
	loopForm    = regexp.MustCompile(`^\s*{%\s*(?:for|tablerow)\s+(\w+)\s+in\s+(.+?)\s*%}`)
	ifForm      = regexp.MustCompile(`^\s*{%\s*(?:if|unless)\s+(.+?)\s*%}`)
	caseForm    = regexp.MustCompile(`^\s*{%\s*case\s+(.+?)\s*%}`)
	assignForm  = regexp.MustCompile(`^\s*{%-?\s*assign\s+(\w+)\s*=\s*(.+?)\s*-?%}`)
	captureForm = regexp.MustCompile(`^\s*{%\s*capture\s+(\w+)\s*%}`)
	rangeForm   = regexp.MustCompile(`^\((.+?)\.\.(.+?)\)$`)
	plainForm   = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)*(?:\[\d+\])*)$`)
	filterForm  = regexp.MustCompile(`\|\s*[a-zA-Z_][a-zA-Z0-9_]*(?:\s*:[^|%}]*)?`)
	wordForm    = regexp.MustCompile(`[a-zA-Z_][a-zA-Z0-9_\[\].-]+`)
	numberForm  = regexp.MustCompile(`^\d+$`)
	keywords    = names("true false null nil and or not contains eq ne lt le gt ge")
)

func (c *collector) tag(n *node, locals map[string]bool) {
	switch n.token.name {
	case "if", "unless":
		c.conditional(n, locals)
	case "case":
		c.switchCase(n, locals)
	case "for", "tablerow":
		c.loop(n, locals)
	case "capture":
		if m := captureForm.FindStringSubmatch(n.token.text); m != nil {
			c.walk(n.branches[0].nodes, with(locals, m[1]))
			locals[m[1]] = true
		}
	case "assign":
		if m := assignForm.FindStringSubmatch(n.token.text); m != nil {
			locals[m[1]] = true
			c.uses(conditionVariables(m[2]), locals)
		}
	}
}

func with(locals map[string]bool, names ...string) map[string]bool {
	out := map[string]bool{}
	for n := range locals {
		out[n] = true
	}
	for _, n := range names {
		out[n] = true
	}
	return out
}

func (c *collector) uses(names []string, locals map[string]bool) {
	for _, n := range names {
		c.use(n, locals)
	}
}

func (c *collector) conditional(n *node, locals map[string]bool) {
	if m := ifForm.FindStringSubmatch(n.token.text); m != nil {
		c.uses(conditionVariables(m[1]), locals)
	}
	for _, b := range n.branches {
		c.at = n.token.at
		if b.first != nil && b.first.kind == propertyValue {
			c.use(b.first.name(), locals)
		}
		c.walk(b.nodes, locals)
	}
	c.walk(n.fallback, locals)
}

func (c *collector) switchCase(n *node, locals map[string]bool) {
	if m := caseForm.FindStringSubmatch(n.token.text); m != nil {
		c.uses(conditionVariables(m[1]), locals)
	}
	for _, b := range n.branches {
		c.at = n.token.at
		for _, v := range b.values {
			if v.kind == propertyValue && isLetter(v.text) {
				c.use(strings.TrimSpace(v.text), locals)
			}
		}
		c.walk(b.nodes, locals)
	}
	c.walk(n.fallback, locals)
}

func isLetter(s string) bool {
	return s != "" && (s[0] == '_' || (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z'))
}

func (c *collector) loop(n *node, locals map[string]bool) {
	m := loopForm.FindStringSubmatch(n.token.text)
	if m == nil {
		return
	}
	if r := rangeForm.FindStringSubmatch(strings.TrimSpace(m[2])); r != nil {
		for _, bound := range r[1:] {
			if !numberForm.MatchString(strings.TrimSpace(bound)) {
				c.uses(conditionVariables(bound), locals)
			}
		}
	} else if v := plainVariable(m[2]); v != "" {
		c.use(v, locals)
	}
	c.walk(n.branches[0].nodes, with(locals, m[1], n.token.name+"loop"))
}

// plainVariable is the variable that an expression consists of, "" if it is anything more.
func plainVariable(expression string) string {
	head, _, _ := strings.Cut(expression, "|")
	return plainForm.FindString(strings.TrimSpace(head))
}

// conditionVariables finds everything in a condition that looks like a variable, each once.
func conditionVariables(condition string) []string {
	text := filterForm.ReplaceAllString(withoutStrings(condition), "")
	var out []string
	for _, w := range wordForm.FindAllString(text, -1) {
		if !keywords[strings.ToLower(w)] && !strings.HasPrefix(w, stringMark) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

const stringMark = "__STRING_LITERAL_"

// withoutStrings puts a mark where a condition has a quoted string.
func withoutStrings(s string) string {
	var b strings.Builder
	n := 0
	for i := 0; i < len(s); i++ {
		end := stringEnd(s, i)
		if end < 0 {
			b.WriteByte(s[i])
			continue
		}
		b.WriteString(stringMark + strconv.Itoa(n) + "__")
		n++
		i = end
	}
	return b.String()
}

// stringEnd is the position of the quote that closes the string beginning at i, -1 if there is no string.
func stringEnd(s string, i int) int {
	if s[i] != '"' && s[i] != '\'' {
		return -1
	}
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case s[i]:
			return j
		case '\n':
			return -1
		case '\\':
			j++
		}
	}
	return -1
}

// isAllowed tells whether a schema has a property path. Additional properties count, a missing word about them does
// not.
func isAllowed(schema object, path string) bool {
	var current any = schema
	for _, part := range splitPath(path) {
		s, _ := current.(object)
		properties, _ := s["properties"].(object)
		items, _ := s["items"].(object)
		itemProperties, _ := items["properties"].(object)
		switch p := properties[part]; {
		case !javascript.Falsy(p):
			current = p
		case s["type"] == "array" && numberForm.MatchString(part):
			current = s["items"]
		case s["type"] == "array" && !javascript.Falsy(itemProperties[part]):
			current = itemProperties[part]
		case s["additionalProperties"] == true:
			return true
		default:
			below, ok := s["additionalProperties"].(object)
			if !ok {
				return false
			}
			current = below
		}
	}
	return true
}

var indexForm = regexp.MustCompile(`^(.+?)\[(\d+)\]$`)

func splitPath(path string) []string {
	var out []string
	for part := range strings.SplitSeq(path, ".") {
		if m := indexForm.FindStringSubmatch(part); m != nil {
			out = append(out, m[1], m[2])
			continue
		}
		out = append(out, part)
	}
	return out
}

var digestEvents = regexp.MustCompile(`^steps\..+\.events$`)

// filterProblem checks the arguments of toSentence, the only filter that Novu checks.
func filterProblem(filters []filterCall, variable string) string {
	for _, f := range filters {
		if f.name != "toSentence" {
			continue
		}
		if len(f.args) == 0 {
			return "Expected at least 1 argument"
		}
		if p := sentenceProblem(f.args, digestEvents.MatchString(variable)); p != "" {
			return p
		}
	}
	return ""
}

var sentenceArguments = []string{
	"keyPath", "limit", "overflowSuffix", "wordsConnector", "twoWordsConnector", "lastWordConnector",
}

func sentenceProblem(args []operand, needsPath bool) string {
	for i, name := range sentenceArguments {
		if i >= len(args) {
			return ""
		}
		isNumber := args[i].kind == numberValue
		switch {
		case args[i].kind == namedValue:
		case name == "limit" && !isNumber:
			return `"toSentence" expects a string that Expected number, received string for argument "limit"`
		case name == "limit" && strings.HasPrefix(strings.TrimSpace(args[i].text), "-"):
			return `"toSentence" expects a string that must be greater than or equal to 0 for argument "limit"`
		case name != "limit" && isNumber:
			return `"toSentence" expects a string that Expected string, received number for argument "` + name + `"`
		case name == "keyPath" && needsPath && args[i].kind == quotedValue && args[i].quote == "":
			return `"toSentence" expects a string that must be non-empty for argument "keyPath"`
		}
	}
	return ""
}
