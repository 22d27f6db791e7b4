// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"novu-operator.dev/test/chart"
)

// links lists where a Markdown document leads to within the repository, without the anchors.
func links(source []byte) (targets []string) {
	document := goldmark.DefaultParser().Parse(text.NewReader(source))
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		link, ok := node.(*ast.Link)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		target, _, _ := strings.Cut(string(link.Destination), "#")
		if target != "" && !strings.Contains(target, "://") {
			targets = append(targets, target)
		}
		return ast.WalkContinue, nil
	}) // the walker returns no error
	return targets
}

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	documents, err := Documents(root)
	if err != nil {
		t.Fatal(err)
	}
	checked, reached := 0, map[string]bool{filepath.Join(root, "README.md"): true}
	for _, path := range documents {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range links(source) {
			checked++
			target = filepath.Join(filepath.Dir(path), target)
			reached[target] = true
			if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s links to %s, which does not exist", relative(root, path), relative(root, target))
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d links were found", checked)
	}
	for _, path := range documents {
		if !reached[path] && !reached[filepath.Dir(path)] {
			t.Errorf("no document links to %s", relative(root, path))
		}
	}
}
