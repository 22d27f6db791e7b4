// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command docs writes the reference of conditions and reasons from the comments in the API package, so that the two cannot
// differ.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"unicode"
)

const (
	source = "api/v1alpha1/conditions.go"
	target = "docs/reference/conditions.md"
)

func main() {
	page, err := render(source)
	if err == nil {
		err = write(target, page)
	}
	if err == nil {
		err = write(waitingTarget, waiting())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func write(path, page string) error {
	return os.WriteFile(path, []byte(page), 0o644) //nolint:gosec // a document that everybody may read
}

// constant is one condition type or reason with the sentence that explains it.
type constant struct{ name, value, text string }

func render(path string) (string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		return "", err
	}
	var page strings.Builder
	page.WriteString(`# Conditions and reasons

Generated from ` + "`" + source + "`" + `; do not edit. Reasons are stable names: tools may rely on them. Messages are for people
and may change.

## Conditions

Ready is on every object. Reconciling and Stalled are there only while they are true. Each condition carries the
generation of spec that it was observed for.

| condition | meaning |
|---|---|
`)
	found, err := constants(file)
	if err != nil {
		return "", err
	}
	table(&page, found, "Condition")
	page.WriteString("\n## Reasons\n\n| reason | meaning, and what to do |\n|---|---|\n")
	table(&page, found, "Reason")
	return page.String(), nil
}

func table(page *strings.Builder, all []constant, prefix string) {
	for _, c := range all {
		if strings.HasPrefix(c.name, prefix) {
			fmt.Fprintf(page, "| `%s` | %s |\n", c.value, sentence(c.text))
		}
	}
}

// constants lists the string constants of a file in their order. Each needs a comment.
func constants(file *ast.File) (all []constant, err error) {
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			value := spec.(*ast.ValueSpec)
			name := value.Names[0].Name
			text := strings.TrimSpace(value.Doc.Text())
			if text == "" {
				return nil, fmt.Errorf("%s has no comment: say what it means and what to do", name)
			}
			text = strings.TrimPrefix(strings.TrimLeft(strings.TrimPrefix(text, name), ": "), "is ")
			literal := strings.Trim(value.Values[0].(*ast.BasicLit).Value, `"`)
			all = append(all, constant{name: name, value: literal, text: text})
		}
	}
	return all, nil
}

// sentence makes one line of a comment, with a capital letter unless it begins with the name of a field.
func sentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if first, _, _ := strings.Cut(text, " "); strings.ContainsFunc(strings.TrimRight(first, ".,:"), notProse) {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// notProse reports whether no word of a sentence has this letter but at its beginning, as names of fields do.
func notProse(r rune) bool { return r == '.' || unicode.IsUpper(r) }
