package novutest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// issueQuestion is everything that the issues of one step depend on, apart from missing integrations.
type issueQuestion struct {
	kind       string // type of the step
	schemaKind string // type whose control schema applies
	origin     string
	values     object
	variables  object // schema of the variables that it may use
	paid       bool
	now        func() cronClock
}

// stepIssues checks control values. The answer is what is stored: {} without issues, and {"controls":{}} when all
// there is to complain about has no path. An error is a 422 or 500 of the whole request.
func stepIssues(q issueQuestion) (object, error) {
	clean := sanitized(q.values, q.kind, q.origin)
	if clean == nil {
		clean = object{}
	}
	out := object{}
	mergeIssues(out, schemaIssues(validateSchema(controlSchemas[q.schemaKind], clean, ""), q.kind))
	mergeIssues(out, liquidIssues(q.values, q.variables))
	tier, err := tierIssues(q, clean)
	if err != nil {
		return nil, err
	}
	mergeIssues(out, tier)
	if skip := clean["skip"]; !isFalsy(skip) {
		mergeIssues(out, skipIssues(skip, q.variables))
	}
	return out, nil
}

// issuesOf are the issues of the i-th step of a request. A step without control values is judged by the stored ones,
// although these are deleted a moment later.
func (u *upsert) issuesOf(steps []*step, i int, o object) (object, error) {
	st := steps[i]
	values, ok := o["controlValues"].(object)
	if !ok {
		values = st.values
	}
	issues, err := stepIssues(issueQuestion{
		kind: st.kind, schemaKind: st.schemaKind, origin: text(u.dto["origin"]), values: values,
		variables: stepVariables(u.payloadSchema(), u.stepsBefore(steps, o)), paid: u.server.paid(),
		now: u.server.cronClock,
	})
	if err == nil {
		mergeIssues(issues, unsupportedOverrides(st))
	}
	return issues, err
}

// stepsBefore are the steps whose results a step may name: of an update's stored steps those before it, of all other
// steps every one, even itself and later ones.
func (u *upsert) stepsBefore(steps []*step, o object) []knownStep {
	var out []knownStep
	known := map[string]bool{}
	self := u.continued(o)
	if u.existing != nil {
		for _, st := range u.existing.steps {
			if self != nil && st.id == self.id {
				return out
			}
			out = append(out, knownStep{st.stepID, st.kind, st.values})
			known[st.stepID] = true
		}
	}
	for _, st := range steps {
		if !known[st.stepID] {
			out = append(out, knownStep{st.stepID, st.kind, nil})
		}
	}
	return out
}

// recomputeIssues judges all steps of a stored workflow again, after a change of its payload schema.
func recomputeIssues(s *Server, w *workflow) ([]*step, error) {
	out := slices.Clone(w.steps)
	for i, st := range w.steps {
		issues, err := stepIssues(issueQuestion{
			kind: st.kind, schemaKind: st.schemaKind, origin: w.origin, values: st.values,
			variables: stepVariables(w.payloadSchema, known(w.steps[:i])), paid: s.paid(), now: s.cronClock,
		})
		if err != nil {
			return nil, err
		}
		changed := *st
		changed.issues = issues
		out[i] = &changed
	}
	return out, nil
}

// layoutIssues checks the content of a layout; any issue refuses it.
func layoutIssues(values object, fromDashboard bool) object {
	email, _ := values["email"].(object)
	out := object{}
	if !hasSlot(email["body"]) {
		out["controls"] = object{"email.body": []any{object{
			"message": `The layout body should contain the "content" variable`, "issueType": "MISSING_VALUE",
		}}}
	}
	clean, _ := blankToNull(values).(object)
	if fromDashboard {
		clean = withoutNulls(object{"email": pick(email, "body", "editorType")})
	}
	mergeIssues(out, schemaIssues(validateSchema(layoutControls, clean, ""), ""))
	mergeIssues(out, liquidIssues(values, layoutVariables))
	return out
}

// liquidIssues checks every text in the control values, whatever it is for.
func liquidIssues(values object, variables object) object {
	found := object{}
	collectLiquid(values, nil, variables, found)
	if len(found) == 0 {
		return nil
	}
	return object{"controls": found}
}

func collectLiquid(v any, path []string, variables object, found object) {
	switch v := v.(type) {
	case object:
		for k, x := range v {
			collectLiquid(x, slices.Concat(path, []string{k}), variables, found)
		}
	case []any:
		for i, x := range v {
			collectLiquid(x, slices.Concat(path, []string{strconv.Itoa(i)}), variables, found)
		}
	case string:
		at := strings.Join(path, ".")
		if list := textIssues(v, at, variables); len(list) > 0 {
			found[at] = list
		}
	}
}

// textIssues checks one text. A document of the block editor is checked with its variables written out; if that finds
// nothing, the document itself must be a template as well.
func textIssues(s, path string, variables object) []any {
	template, isDocument := s, isBlockDocument(s)
	if isDocument {
		template = wrapDocument(s)
	}
	if strings.Contains(template, "{{") || strings.Contains(template, "{%") {
		if list := findingIssues(invalidVariables(template, variables)); len(list) > 0 {
			return list
		}
	}
	if isDocument {
		if problem := compilationProblem(s); problem != "" {
			return []any{object{"issueType": illegalVariable, "message": "Content compilation error: " + problem, "variableName": path}}
		}
	}
	return nil
}

func findingIssues(findings []finding) []any {
	var out []any
	for _, f := range findings {
		name := f.name
		if name == "unknown" {
			name = "{{}}"
		}
		issue := object{"issueType": "ILLEGAL_VARIABLE_IN_CONTROL_VALUE", "variableName": name,
			"message": strings.TrimSpace(`Variable "` + name + `" ` + f.message)}
		if f.filter {
			issue["issueType"] = "INVALID_FILTER_ARG_IN_VARIABLE"
			issue["message"] = `Filter "` + f.message + `" in "` + name + `"`
		}
		out = append(out, issue)
	}
	return out
}

// mergeIssues merges deeply, lists position by position, as Novu merges the results of its checks.
func mergeIssues(into, from object) {
	for k, v := range from {
		switch v := v.(type) {
		case object:
			below, ok := into[k].(object)
			if !ok {
				below = object{}
				into[k] = below
			}
			mergeIssues(below, v)
		case []any:
			below, _ := into[k].([]any)
			into[k] = mergeLists(below, v)
		default:
			into[k] = v
		}
	}
}

func mergeLists(into, from []any) []any {
	out := slices.Clone(into)
	for i, x := range from {
		if i >= len(out) {
			out = append(out, x)
			continue
		}
		a, aOK := out[i].(object)
		b, bOK := x.(object)
		if !aOK || !bOK {
			out[i] = x
			continue
		}
		merged := maps.Clone(a)
		mergeIssues(merged, b)
		out[i] = merged
	}
	return out
}
