// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// extensions of files that are read from a folder.
var extensions = []string{".yaml", ".yml", ".json"}

// ReadPath takes the manifests of a file, or of all YAML and JSON files in a folder and below it, in the order of their
// names. Hidden ones are left out. Links to files are followed, as Kubernetes mounts volumes with them; of those to folders only
// the path itself is.
func (f *Files) ReadPath(path string) error {
	if is, err := os.Stat(path); err == nil && is.IsDir() {
		path += string(filepath.Separator) // the folder, and not a link to it
	}
	return filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		hidden := name != path && entry != nil && entry.Name()[0] == '.'
		switch {
		case err != nil:
			return err
		case hidden && entry.IsDir():
			return fs.SkipDir
		case entry.IsDir() || hidden || name != path && !slices.Contains(extensions, filepath.Ext(name)):
			return nil
		}
		return f.readFile(name)
	})
}

func (f *Files) readFile(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return f.Read(name, bytes.NewReader(text))
}
