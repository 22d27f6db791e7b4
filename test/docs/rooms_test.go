package docs

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"novu-operator.dev/test/chart"
)

// A newcomer finds each package of the operator in the list of CONTRIBUTING.md, and nothing there that is gone.
func TestContributingListsEveryRoom(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	page, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if room, _, ok := strings.Cut(line, " "); ok && strings.HasPrefix(room, "internal/") {
			listed[room] = true
		}
	}
	err = filepath.WalkDir(filepath.Join(root, "internal"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if _, err := build.ImportDir(path, 0); err != nil {
			return nil //nolint:nilerr // a folder without Go
		}
		room := filepath.ToSlash(relative(root, path))
		if !listed[room] {
			t.Errorf("CONTRIBUTING.md does not list %s", room)
		}
		delete(listed, room)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room := range listed {
		t.Errorf("CONTRIBUTING.md lists %s, which is not there", room)
	}
}
