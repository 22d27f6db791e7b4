// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"novu-operator.dev/test/chart"
)

// codePath is a path of this repository in inline code.
var codePath = regexp.MustCompile("`((?:api|cmd|charts|config|controllers|docs|hack|internal|test|\\.github)/[^`\\s]*)`")

// Pages for contributors name files. Whoever renames one finds the pages here.
func TestPathsForContributorsExist(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	pages, err := filepath.Glob(filepath.Join(root, "docs/contributing/*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, filepath.Join(root, "CONTRIBUTING.md"), filepath.Join(root, ".github/pull_request_template.md"))
	checked := 0
	for _, page := range pages {
		source, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range codePath.FindAllStringSubmatch(string(source), -1) {
			checked++
			if strings.Contains(found[1], "NAME") {
				continue // a pattern
			}
			if matches, err := filepath.Glob(filepath.Join(root, found[1])); err != nil || len(matches) == 0 {
				t.Errorf("%s names %s, which does not exist", relative(root, page), found[1])
			}
		}
	}
	if checked < 60 {
		t.Errorf("only %d paths were found", checked)
	}
}
