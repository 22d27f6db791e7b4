// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// takeTurns are packages whose tests do not run together with each other: leases must be renewed in time.
var takeTurns = map[string]bool{"test/leader": true}

// A test whose subtests run in parallel, and that does not itself, keeps all other tests of its package waiting until the last of
// its subtests has ended. Where tests wait for an API server this took longer than everything else.
func TestParallelSubtests(t *testing.T) {
	for folder, functions := range clusterTests(t) {
		parallel := parallels(functions)
		for name, f := range functions {
			if strings.HasPrefix(name, "Test") && !parallel[name] && len(f.Type.Params.List) == 1 && startsParallel(f, parallel) && !takeTurns[folder] {
				t.Errorf("%s: %s runs subtests in parallel: call t.Parallel() in it, too", folder, name)
			}
		}
	}
}

func TestParallelSubtestsAreFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "a_test.go", `package a
		func stage(t *testing.T) { t.Helper(); bare(t, 1) }
		func bare(t *testing.T, n int) { t.Parallel() }
		func TestWhole(t *testing.T) { t.Parallel(); t.Run("a", func(t *testing.T) { t.Parallel() }) }
		func TestDirect(t *testing.T) { for range 2 { t.Run("a", func(t *testing.T) { t.Parallel() }) } }
		func TestByOthers(t *testing.T) { t.Run("a", func(t *testing.T) { s := stage(t); s.use() }) }
		func TestInTurns(t *testing.T) { t.Run("a", func(t *testing.T) { t.Log() }) }`, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	functions := map[string]*ast.FuncDecl{}
	for _, f := range (&source{syntax: file}).functions() {
		functions[f.Name.Name] = f
	}
	parallel := parallels(functions)
	for name, want := range map[string]bool{"TestWhole": false, "TestDirect": true, "TestByOthers": true, "TestInTurns": false} {
		if got := startsParallel(functions[name], parallel) && !parallel[name]; got != want {
			t.Errorf("%s is complained about: %v, want %v", name, got, want)
		}
	}
}

// clusterTests are the functions in the tests of the packages that use an API server, by folder and name.
func clusterTests(t *testing.T) map[string]map[string]*ast.FuncDecl {
	t.Helper()
	found := map[string]map[string]*ast.FuncDecl{}
	for _, s := range sources(t) {
		folder := s.folder()
		if !s.isTest() || folder != "controllers" && !strings.HasPrefix(folder, "test/") || folder == "test/architecture" {
			continue
		}
		if found[folder] == nil {
			found[folder] = map[string]*ast.FuncDecl{}
		}
		for _, f := range s.functions() {
			found[folder][f.Name.Name] = f
		}
	}
	if len(found) < 5 {
		t.Fatalf("found tests in %d folders only", len(found))
	}
	return found
}

// parallels are the functions that make the test which calls them a parallel one, themselves or through another.
func parallels(functions map[string]*ast.FuncDecl) map[string]bool {
	known := map[string]bool{}
	for before := -1; before < len(known); {
		before = len(known)
		for name, f := range functions {
			if f.Body != nil && makesParallel(f.Body, known) {
				known[name] = true
			}
		}
	}
	return known
}

// makesParallel reports whether a statement of the block itself calls Parallel, or a function that does with the test.
func makesParallel(block *ast.BlockStmt, known map[string]bool) bool {
	return slices.ContainsFunc(block.List, func(statement ast.Stmt) (found bool) {
		ast.Inspect(statement, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.BlockStmt:
				return false
			case *ast.CallExpr:
				switch called := n.Fun.(type) {
				case *ast.SelectorExpr:
					found = found || called.Sel.Name == "Parallel"
				case *ast.Ident:
					found = found || known[called.Name]
				}
			}
			return !found
		})
		return found
	})
}

// startsParallel reports whether a test runs subtests that are parallel.
func startsParallel(test *ast.FuncDecl, known map[string]bool) (found bool) {
	ast.Inspect(test.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 2 {
			called, selects := call.Fun.(*ast.SelectorExpr)
			body, literal := call.Args[1].(*ast.FuncLit)
			found = found || selects && literal && called.Sel.Name == "Run" && makesParallel(body.Body, known)
		}
		return !found
	})
	return found
}
