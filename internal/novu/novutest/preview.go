// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	_ "embed"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
	"novu-operator.dev/internal/novu/lint"
)

var (
	//go:embed preview/branding.html
	branding string
	// placeholder stands in a layout where the contents will be.
	//go:embed preview/content.html
	placeholder string
	// previewParts are the people of a preview, and the schemas that it comes with.
	//go:embed preview/examples.json
	previewParts []byte
)

// previewPart is a copy of a part.
func previewPart(name string) object {
	var parts map[string]object
	if err := json.Unmarshal(previewParts, &parts); err != nil {
		panic(err) // the file is in the program
	}
	return parts[name]
}

// preview is what a step or a layout is rendered with.
type preview struct {
	rules     lint.Rules
	variables object // of templates
	allowed   object // schema of the variables
	given     object // payload of the request
}

var previewFields = []field{
	{name: "controlValues", optional: true, rules: []rule{isObject}},
	{name: "previewPayload", optional: true, rules: []rule{isObject}},
}

func newPreview(c *call) preview {
	p := preview{rules: c.server.rules(), variables: object{}}
	p.given, _ = c.body["previewPayload"].(object)
	p.add("subscriber", previewPart("subscriber"))
	if c.traits().namedActor {
		p.add("actor", previewPart("actor"))
	}
	return p
}

// add makes a variable from an example. Of what the request gives only members count that the example has.
func (p *preview) add(name string, example object) {
	given, _ := p.given[name].(object)
	for k := range example {
		if v, ok := given[k]; ok {
			example[k] = v
		}
	}
	p.variables[name] = example
}

func previewStep(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, previewFields)); err != nil {
		return nil, err
	}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	w, at, err := c.stepOf()
	if err != nil {
		return nil, err
	}
	st, p := w.steps[at], newPreview(c)
	schema, shown := previewPart("schema"), object{}
	properties, _ := schema["properties"].(object)
	payload, _ := example(w.payloadSchema, c.server.opts.Now()).(object)
	p.add("payload", payload)
	p.allowed = lint.StepVariables(w.payloadSchema, known(w.steps[:at]), c.env.variableNames()...)
	p.variables["steps"] = resultsOf(p.allowed, properties["steps"])
	maps.Copy(shown, p.variables)
	p.variables["workflow"] = object{"workflowId": w.identifier, "name": w.name, "description": w.description}
	p.variables["env"] = c.env.previewVariables(properties["env"])
	properties["payload"] = w.payloadSchema
	values, ok := c.body["controlValues"].(object)
	if !ok {
		values = st.values
	}
	return object{
		"result":                object{"type": st.kind, "preview": p.outputs(c.env, st.kind, values)},
		"previewPayloadExample": shown, "schema": schema,
	}, nil
}

// resultsOf are the results of the steps before, and notes them in the schema of the answer.
func resultsOf(allowed object, schema any) object {
	out, noted := object{}, object{}
	properties, _ := allowed["properties"].(object)
	steps, _ := properties["steps"].(object)
	results, _ := steps["properties"].(object)
	for id, result := range results {
		one, _ := result.(object)
		one = maps.Clone(one)
		one["required"] = []any{}
		out[id], noted[id] = object{}, one
	}
	if s, ok := schema.(object); ok {
		s["properties"] = noted
	}
	return out
}

// previewVariables are the values of the environment's variables, the mask for secret ones, and notes them in the schema of the
// answer.
func (e *environment) previewVariables(schema any) object {
	out := object{"name": e.name, "type": e.kind}
	for _, v := range e.org.variables.all() {
		for _, x := range v.values {
			if x.environment == e.id {
				out[v.key] = x.shown(v.secret)
			}
		}
	}
	noted := object{}
	for name := range out {
		noted[name] = object{"type": "string", "description": "Environment variable: " + name}
	}
	if s, ok := schema.(object); ok {
		s["properties"] = noted
	}
	return out
}

// outputs are the rendered control values; none, if a template is broken.
func (p *preview) outputs(env *environment, kind string, values object) object {
	for _, issue := range p.rules.Step(lint.Step{Type: kind, Controls: values}, lint.Scope{Origin: originCloud, Variables: p.allowed}) {
		if issue.Check == lint.Liquid && (issue.Variable == brokenTemplate || strings.Contains(issue.Message, "undefined filter")) {
			return object{}
		}
	}
	out, _ := p.render(values).(object)
	delete(out, "skip")
	if kind != "email" {
		return out
	}
	body := text(out["body"])
	if l := env.layouts.find(text(values["layoutId"])); l != nil {
		stored, _ := l.values.(object)
		email, _ := stored["email"].(object)
		body = p.layout(text(email["body"]), body)
	}
	return object{"subject": out["subject"], "body": branded(body)}
}

// brokenTemplate is what the rules call the variable of a template that cannot be read.
const brokenTemplate = "{{}}"

// branded adds the mark of the free tier to a page, at the end of its body.
func branded(page string) string {
	if at := strings.LastIndex(page, "</body>"); at >= 0 {
		return page[:at] + branding + page[at:]
	}
	return page + branding
}

// layout puts a content into a layout.
func (p *preview) layout(page, content string) string {
	q := *p
	q.variables = maps.Clone(p.variables)
	q.variables["content"] = content
	return q.text(page)
}

// render renders every text of a value.
func (p *preview) render(v any) any {
	switch v := v.(type) {
	case string:
		return p.text(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = p.render(x)
		}
		return out
	case object:
		out := object{}
		for k, x := range v {
			out[k] = p.render(x)
		}
		return out
	}
	return v
}

var outputForm = regexp.MustCompile(`\{\{-?\s*([^}|]*?)\s*(?:\|[^}]*)?-?\}\}`)

// text renders the outputs of a template: variables without their filters. Tags stay as they are.
func (p *preview) text(s string) string {
	return outputForm.ReplaceAllStringFunc(s, func(m string) string {
		var v any = p.variables
		for part := range strings.SplitSeq(outputForm.FindStringSubmatch(m)[1], ".") {
			o, _ := v.(object)
			v = o[part]
		}
		if v == nil {
			return ""
		}
		return javascript.String(v)
	})
}

func previewLayout(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, previewFields)); err != nil {
		return nil, err
	}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	l, err := layoutIn(c.env, c.id("id"))
	if err != nil {
		return nil, err
	}
	p := newPreview(c)
	values, ok := c.body["controlValues"].(object)
	if !ok {
		values, _ = l.values.(object)
	}
	email, _ := values["email"].(object)
	shown := maps.Clone(p.variables)
	shown["content"] = "content"
	return object{
		"result":                object{"type": "email", "preview": object{"body": branded(p.layout(text(email["body"]), placeholder))}},
		"previewPayloadExample": shown, "schema": previewPart("layoutSchema"),
	}, nil
}

// stepOf is the step that the path names. It wants the lock.
func (c *call) stepOf() (w *workflow, at int, err error) {
	id, wanted := c.id("id"), c.id("step")
	if w, err = workflowIn(c.env, id); err != nil {
		return nil, 0, err
	}
	at = slices.IndexFunc(w.steps, func(st *step) bool { return st.id == wanted || st.stepID == wanted })
	if at < 0 {
		return nil, 0, contextError(400, "No step found", object{"stepId": wanted, "workflowId": id})
	}
	return w, at, nil
}
