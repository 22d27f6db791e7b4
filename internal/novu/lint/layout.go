// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import "strings"

// Layout is what the rules look at in a layout.
type Layout struct {
	Controls map[string]any // {"email": {"body", "editorType"}}
	// Dashboard is for a request that the dashboard marks as its own: of its control values only known members count.
	Dashboard bool
	Env       []string // names of the environment's variables
}

// Layout checks the content of a layout. Novu stores none that has an error.
func (r Rules) Layout(l Layout) []Issue {
	email, given := l.Controls["email"].(object)
	if given {
		if problem := layoutForm(email); problem != "" {
			return []Issue{{Field: "email.body", Check: Content, Severity: Refusal, Message: problem}}
		}
	}
	var out []Issue
	if !hasSlot(email["body"]) {
		out = append(out, Issue{Field: "email.body", Check: Content, Severity: Error, Type: MissingValue,
			Message: `The layout body should contain the "content" variable`})
	}
	clean, _ := blankToNull(l.Controls).(object)
	if l.Dashboard {
		clean = withoutNulls(object{"email": pick(email, "body", "editorType")})
	}
	out = append(out, r.book().schemaIssues(validateSchema(layoutControls, clean, ""), "")...)
	return append(out, liquidIssues(l.Controls, LayoutVariables(l.Env...))...)
}

// layoutForm is what is wrong with a body that is neither HTML nor a document of the block editor, as the editor wants it.
func layoutForm(email object) string {
	body, ok := email["body"].(string)
	if !ok {
		return "Layout has no body"
	}
	isBlock, isHTML := IsBlockDocument(body), true
	for _, part := range []string{"<html", "</html>", "<body", "</body>"} {
		isHTML = isHTML && strings.Contains(body, part)
	}
	wantsHTML, wantsBlock := email["editorType"] == "html", email["editorType"] == "block"
	switch {
	case wantsHTML && !isHTML:
		return "Content must be a valid HTML content"
	case (wantsBlock && !isBlock) || (!isBlock && !isHTML):
		return "Content must be a valid Maily JSON content"
	}
	return ""
}
