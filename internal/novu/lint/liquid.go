// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"slices"
	"strconv"
	"strings"
)

// liquidIssues checks every text in the control values, whatever it is for.
func liquidIssues(values, variables object) []Issue {
	var out []Issue
	collectLiquid(values, nil, variables, &out)
	return out
}

func collectLiquid(v any, path []string, variables object, out *[]Issue) {
	switch v := v.(type) {
	case object:
		for _, k := range sortedKeys(v) {
			collectLiquid(v[k], slices.Concat(path, []string{k}), variables, out)
		}
	case []any:
		for i, x := range v {
			collectLiquid(x, slices.Concat(path, []string{strconv.Itoa(i)}), variables, out)
		}
	case string:
		*out = append(*out, textIssues(v, strings.Join(path, "."), variables)...)
	}
}

// textIssues checks one text. A document of the block editor is checked with its variables written out; if that finds
// nothing, the document itself must be a template as well.
func textIssues(s, path string, variables object) []Issue {
	template, isDocument := s, IsBlockDocument(s)
	if isDocument {
		template = wrapDocument(s)
	}
	if strings.Contains(template, "{{") || strings.Contains(template, "{%") {
		if found := invalidVariables(template, variables); len(found) > 0 {
			return findingIssues(found, path, template, isDocument)
		}
	}
	if isDocument {
		if problem := compilationProblem(s); problem != "" {
			return []Issue{{Field: path, Check: Liquid, Severity: Error, Type: IllegalVariable, Variable: path,
				Message: "Content compilation error: " + problem}}
		}
	}
	return nil
}

// findingIssues gives findings the words and, in a text that is checked as the user wrote it, the place.
func findingIssues(findings []finding, path, template string, isDocument bool) []Issue {
	var out []Issue
	for _, f := range findings {
		name := f.name
		if name == "unknown" {
			name = "{{}}"
		}
		issue := Issue{Field: path, Check: Liquid, Severity: Error, Type: IllegalVariable, Variable: name,
			Message: strings.TrimSpace(`Variable "` + name + `" ` + f.message)}
		if f.filter {
			issue.Type = InvalidFilterArg
			issue.Message = `Filter "` + f.message + `" in "` + name + `"`
		}
		if !isDocument {
			issue.Position = positionOf(template, f.at)
		}
		out = append(out, issue)
	}
	return out
}

// positionOf returns the place of a character, which is counted from 0.
func positionOf(text string, at int) Position {
	before := string([]rune(text)[:at])
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return Position{Line: strings.Count(before, "\n") + 1, Column: len([]rune(line)) + 1}
}
