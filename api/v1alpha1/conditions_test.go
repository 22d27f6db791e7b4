// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// constant is one constant of conditions.go.
type constant struct{ name, value, comment string }

func constants(t *testing.T) []constant {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "conditions.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var found []constant
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, constant{spec.Names[0].Name, value, strings.TrimSpace(spec.Doc.Text())})
		return false
	})
	return found
}

// The reference of reasons is generated from the comments: `ReasonX: sentence.`
func TestEveryReasonHasAComment(t *testing.T) {
	t.Parallel()
	sentence := regexp.MustCompile(`(?s)^\S.*\.$`)
	reasons := 0
	for _, c := range constants(t) {
		if !strings.HasPrefix(c.name, "Reason") {
			continue
		}
		reasons++
		if text, ok := strings.CutPrefix(c.comment, c.name+": "); !ok || !sentence.MatchString(text) {
			t.Errorf("%s has the comment %q, want one like %q", c.name, c.comment, "// "+c.name+": what it means and what to do.")
		}
		if "Reason"+c.value != c.name {
			t.Errorf("%s is %q", c.name, c.value)
		}
	}
	if reasons < 50 {
		t.Errorf("found only %d reasons", reasons)
	}
}

func TestEveryConditionHasAComment(t *testing.T) {
	t.Parallel()
	conditions := 0
	for _, c := range constants(t) {
		if !strings.HasPrefix(c.name, "Condition") {
			continue
		}
		conditions++
		if !strings.HasPrefix(c.comment, c.name+" is ") || !strings.HasSuffix(c.comment, ".") {
			t.Errorf("%s has the comment %q, want %q", c.name, c.comment, "// "+c.name+" is True when …")
		}
		if "Condition"+c.value != c.name {
			t.Errorf("%s is %q", c.name, c.value)
		}
	}
	if conditions < 8 {
		t.Errorf("found only %d conditions", conditions)
	}
}

func TestNoConstantTwice(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range constants(t) {
		kind := strings.TrimSuffix(c.name, c.value)
		if seen[kind+c.value] {
			t.Errorf("two constants are the %s %q", kind, c.value)
		}
		seen[kind+c.value] = true
	}
}
