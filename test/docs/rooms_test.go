// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/test/chart"
)

// roots are the folders whose Go packages CONTRIBUTING.md lists.
var roots = []string{"api", "controllers", "internal", "cmd", "hack", "test"}

// listedRooms are the folders in the list of packages of CONTRIBUTING.md: the first words of the lines of its block.
func listedRooms(t *testing.T, root string) map[string]bool {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(page), "## The house\n\n```\n")
	if !found {
		t.Fatal("CONTRIBUTING.md has no list of packages")
	}
	block, _, _ = strings.Cut(block, "```")
	listed := map[string]bool{}
	for line := range strings.Lines(block) {
		room, text, ok := strings.Cut(line, " ")
		if !ok || strings.TrimSpace(text) == "" {
			t.Errorf("CONTRIBUTING.md does not tell what %s is for", room)
		}
		if top, _, _ := strings.Cut(room, "/"); slices.Contains(roots, top) {
			listed[room] = true
		}
	}
	return listed
}

// packages are the folders of the repository's own module that contain Go code.
func packages(t *testing.T, root string) (found []string) {
	t.Helper()
	for _, top := range roots {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case os.IsNotExist(err):
				return nil // there need not be each of the roots
			case err != nil || !entry.IsDir():
				return err
			case entry.Name() == "testdata", exists(filepath.Join(path, "go.mod")):
				return fs.SkipDir
			}
			if _, err := build.ImportDir(path, 0); err == nil {
				found = append(found, filepath.ToSlash(relative(root, path)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// A newcomer finds each package in the list of CONTRIBUTING.md, and nothing there that is gone.
func TestContributingListsEveryRoom(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	listed := listedRooms(t, root)
	for _, room := range packages(t, root) {
		if !listed[room] {
			t.Errorf("CONTRIBUTING.md does not list %s", room)
		}
		delete(listed, room)
	}
	for room := range listed {
		if !exists(filepath.Join(root, room)) || !strings.HasPrefix(room, "hack/tools") {
			t.Errorf("CONTRIBUTING.md lists %s, which is no package", room)
		}
	}
}
