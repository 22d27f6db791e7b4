// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"maps"
	"slices"

	"novu-operator.dev/internal/novu/lint"
)

// stepIssues checks a step. The answer is what is stored: {} without issues, and {"controls":{}} when all there is to complain
// about has no path. An error is a 422 or 500 of the whole request.
func (s *State) stepIssues(st lint.Step, in lint.Scope) (object, error) {
	issues := s.rules().Step(st, in)
	if err := refusalOf(issues); err != nil {
		return nil, err
	}
	return storedIssues(issues), nil
}

// rules are those that contents are judged by.
func (s *State) rules() lint.Rules {
	return lint.Rules{Release: s.traits().release, Paid: s.paid(), Now: s.opts.Now}
}

// refusalOf is the error that Novu fails a request with, which comes from the layer that found the problem.
func refusalOf(issues []lint.Issue) error {
	var tier []violation
	for _, i := range issues {
		switch {
		case i.Severity != lint.Refusal:
		case i.Check == lint.Tier:
			tier = append(tier, violation{path: []string{i.Field}, messages: []string{i.Message}, value: i.Value, given: true})
		case i.Check == lint.Content:
			return badRequest(i.Message)
		default:
			return internalError() // Novu trips over the value
		}
	}
	return commandError("TierRestrictionsValidateCommand", tier)
}

// storedIssues are issues as Novu stores them, by control: the results of its checks, merged position by position.
func storedIssues(issues []lint.Issue) object {
	out := object{}
	for len(issues) > 0 {
		n := slices.IndexFunc(issues, func(i lint.Issue) bool { return i.Check != issues[0].Check })
		if n < 0 {
			n = len(issues)
		}
		if issues[0].Check != lint.Content || issues[0].Severity != lint.Warning {
			mergeIssues(out, object{"controls": byField(issues[:n])})
		}
		issues = issues[n:]
	}
	return out
}

func byField(issues []lint.Issue) object {
	out := object{}
	for _, i := range issues {
		if i.Severity == lint.Warning {
			continue
		}
		one := object{"issueType": i.Type, "message": i.Message}
		if i.Check != lint.Tier && i.Check != lint.Content {
			one["variableName"] = i.Variable
		}
		list, _ := out[i.Field].([]any)
		out[i.Field] = append(list, one)
	}
	return out
}

// issuesOf are the issues of the i-th step of a request. A step without control values is judged by the stored ones,
// although these are deleted a moment later.
func (u *upsert) issuesOf(steps []*step, i int, o object) (object, error) {
	st := steps[i]
	values, ok := o["controlValues"].(object)
	if !ok {
		values = st.values
	}
	asked := st.asked(values)
	asked.Overrides, _ = u.overridesOf(o, st.overrides)
	return u.server.stepIssues(asked, lint.Scope{
		Origin: text(u.dto["origin"]), Variables: lint.StepVariables(u.payloadSchema(), u.stepsBefore(steps, o), u.variables...),
	})
}

// asked is a step with control values to check.
func (st *step) asked(values object) lint.Step {
	return lint.Step{ID: st.stepID, Type: st.kind, Schema: st.schemaKind, Controls: values}
}

// known are stored steps, whose results later steps may name.
func known(steps []*step) []lint.Step {
	out := make([]lint.Step, len(steps))
	for i, st := range steps {
		out[i] = lint.Step{ID: st.stepID, Type: st.kind, Controls: st.values}
	}
	return out
}

// stepsBefore are the steps whose results a step may name: of an update's stored steps those before it, of all other
// steps every one, even itself and later ones.
func (u *upsert) stepsBefore(steps []*step, o object) []lint.Step {
	var out []lint.Step
	known := map[string]bool{}
	self := u.continued(o)
	if u.existing != nil {
		for _, st := range u.existing.steps {
			if self != nil && st.id == self.id {
				return out
			}
			out = append(out, lint.Step{ID: st.stepID, Type: st.kind, Controls: st.values})
			known[st.stepID] = true
		}
	}
	for _, st := range steps {
		if !known[st.stepID] {
			out = append(out, lint.Step{ID: st.stepID, Type: st.kind})
		}
	}
	return out
}

// recomputeIssues judges all steps of a stored workflow again, after a change of its payload schema. It wants the lock.
func recomputeIssues(s *Server, env *environment, w *workflow) ([]*step, error) {
	out, names := slices.Clone(w.steps), env.variableNames()
	for i, st := range w.steps {
		issues, err := s.stepIssues(st.asked(st.values), lint.Scope{
			Origin: w.origin, Variables: lint.StepVariables(w.payloadSchema, known(w.steps[:i]), names...),
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
