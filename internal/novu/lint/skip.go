// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
)

// skipIssues checks a skip condition: JSON Logic whose variables must be known, or lie in an open namespace.
func skipIssues(rule any, variables object) []Issue {
	c := &ruleChecker{known: VariableNames(variables)}
	c.node(rule, nil)
	return c.issues
}

type ruleChecker struct {
	known  []string
	issues []Issue
}

func (c *ruleChecker) report(issueType, message string, path []string) {
	c.issues = append(c.issues, Issue{Field: "skip", Check: Skip, Severity: Error, Type: issueType, Message: message,
		Variable: strings.Join(path, ".")})
}

func (c *ruleChecker) node(v any, path []string) {
	o, ok := asMembers(v)
	if !ok {
		c.report(IllegalVariable, "Invalid node structure", path)
		return
	}
	for _, key := range sortedKeys(o) {
		c.operation(key, o[key], path)
	}
}

// asMembers takes an object, or a list as an object of its indexes, as JavaScript does.
func asMembers(v any) (object, bool) {
	switch v := v.(type) {
	case object:
		return v, true
	case []any:
		out := object{}
		for i, x := range v {
			out[strconv.Itoa(i)] = x
		}
		return out, true
	}
	return nil, false
}

func (c *ruleChecker) operation(key string, v any, path []string) {
	list, isList := v.([]any)
	switch {
	case key == "and" || key == "or":
		if !isList {
			c.report(IllegalVariable, `Invalid logical operator "`+key+`" structure`, path)
			return
		}
		for i, x := range list {
			c.node(x, slices.Concat(path, []string{strconv.Itoa(i)}))
		}
	case key == "!":
		c.node(v, path)
	case key == "in":
		c.membership(list, path)
	case key == "containsAny" || key == "doesNotContainAny":
		c.overlap(key, list, path)
	case key == "<=" && len(list) == 3:
		c.reference(list[1], path)
		if list[0] == nil || list[2] == nil {
			c.report(MissingValue, "Value is required", path)
		}
	case slices.Contains([]string{"==", "!=", ">", "<", ">=", "<=", "startsWith", "endsWith"}, key):
		c.comparison(key, list, path)
	case key == "var" && javascript.Falsy(v):
		c.report(MissingValue, "Field variable is required", path)
	}
}

func (c *ruleChecker) comparison(operator string, list []any, path []string) {
	if len(list) != 2 {
		c.report(IllegalVariable, `Invalid operation structure for operator "`+operator+`"`, path)
		return
	}
	c.reference(list[0], path)
	equality := operator == "==" || operator == "!="
	if list[1] == "" || (list[1] == nil && !equality) {
		c.report(MissingValue, "Value is required", path)
	}
}

// membership is "a list has this" or, with a text first, "this text contains".
func (c *ruleChecker) membership(list []any, path []string) {
	if len(list) != 2 {
		c.report(IllegalVariable, `Invalid operation structure for operator "in"`, path)
		return
	}
	fieldAt := 0
	if s, contains := list[0].(string); contains {
		fieldAt = 1
		if s == "" {
			c.report(MissingValue, "Value is required", path)
		}
	}
	if !isReference(list[fieldAt]) {
		c.report(IllegalVariable, "Invalid field reference in comparison", path)
	}
	if fieldAt == 0 && isNothing(list[1]) {
		c.report(MissingValue, "Value is required", path)
	}
}

func (c *ruleChecker) overlap(operator string, list []any, path []string) {
	if len(list) != 2 {
		c.report(IllegalVariable, `Invalid operation structure for operator "`+operator+`"`, path)
		return
	}
	c.reference(list[0], path)
	switch {
	case isReference(list[1]):
		c.reference(list[1], path)
	case isNothing(list[1]):
		c.report(MissingValue, "Value is required", path)
	}
}

func isNothing(v any) bool {
	list, ok := v.([]any)
	return v == nil || (ok && len(list) == 0)
}

func isReference(v any) bool {
	o, ok := v.(object)
	if !ok {
		return false
	}
	_, ok = o["var"]
	return ok
}

func (c *ruleChecker) reference(v any, path []string) {
	if !isReference(v) {
		c.report(IllegalVariable, "Invalid field reference in comparison", path)
		return
	}
	o, _ := v.(object)
	if !c.isKnown(javascript.Text(o["var"])) {
		c.report(IllegalVariable, "Value is not valid", path)
	}
}

var indexNotation = regexp.MustCompile(`\[(\d+)\]`)

func (c *ruleChecker) isKnown(name string) bool {
	if name == "subscriber.data" {
		return true
	}
	for _, prefix := range []string{"payload.", "subscriber.data.", "context."} {
		if strings.HasPrefix(name, prefix) && len(name) > len(prefix) {
			return true
		}
	}
	return name != "" && slices.Contains(c.known, indexNotation.ReplaceAllString(name, ".$1"))
}
