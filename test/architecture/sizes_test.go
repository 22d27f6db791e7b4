// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/test/chart"
)

const (
	mostMethods       = 25
	mostFunctionLines = 80
	mostFileLines     = 400
)

// rich are the types that may have more methods: the client of Novu's API has one for each request that the operator makes.
var rich = map[string]bool{"internal/novu.Client": true}

// source is one Go file.
type source struct {
	path      string // from the root of the repository, with slashes
	generated bool
	files     *token.FileSet
	syntax    *ast.File
}

// folder that the file is in.
func (s *source) folder() string { return filepath.ToSlash(filepath.Dir(s.path)) }

func (s *source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// lines that a node takes.
func (s *source) lines(n ast.Node) int {
	return s.files.Position(n.End()).Line - s.files.Position(n.Pos()).Line + 1
}

// length of the file in lines.
func (s *source) length() int { return s.files.File(s.syntax.FileStart).LineCount() - 1 }

// sources are all Go files of the repository, those of other modules in it as well.
func sources(t *testing.T) (all []*source) {
	t.Helper()
	root := chart.Root(t)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != root):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		s := &source{files: token.NewFileSet()}
		if s.path, err = filepath.Rel(root, path); err != nil {
			return err
		}
		s.path = filepath.ToSlash(s.path)
		if s.syntax, err = parser.ParseFile(s.files, path, nil, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return err
		}
		s.generated = ast.IsGenerated(s.syntax) || strings.HasPrefix(entry.Name(), "zz_generated")
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("found %d Go files only", len(all))
	}
	return slices.DeleteFunc(all, func(s *source) bool { return s.generated })
}

// functions that a file declares.
func (s *source) functions() (found []*ast.FuncDecl) {
	for _, d := range s.syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			found = append(found, f)
		}
	}
	return found
}

// receiver is the name of the type that a method belongs to; empty for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	name := ""
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name // type parameters come after it
		}
		return name == ""
	})
	return name
}

// A type that has many methods has many concerns: split it.
func TestTypesAreSmall(t *testing.T) {
	t.Parallel()
	methods := map[string]int{}
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		for _, f := range s.functions() {
			if name := receiver(f); name != "" {
				methods[s.folder()+"."+name]++
			}
		}
	}
	for name, count := range methods {
		if count > mostMethods && !rich[name] {
			t.Errorf("%s has %d methods, more than %d: split it by concern", name, count, mostMethods)
		}
	}
	for name := range rich {
		if methods[name] <= mostMethods {
			t.Errorf("%s has %d methods and needs no exception", name, methods[name])
		}
	}
}

// What does not fit on a screen or two cannot be read at once.
func TestFunctionsAreShort(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, f := range s.functions() {
			if n := s.lines(f); n > mostFunctionLines {
				t.Errorf("%s: %s has %d lines, more than %d", s.path, f.Name.Name, n, mostFunctionLines)
			}
		}
	}
}

// What the API documents takes the lines that it needs.
func TestFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if n := s.length(); n > mostFileLines && !strings.HasPrefix(s.path, "api/") {
			t.Errorf("%s has %d lines, more than %d", s.path, n, mostFileLines)
		}
	}
}
