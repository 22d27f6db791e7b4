// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// Which kind an item is of is asked by no branch: what a kind is stands in tables, whose entries their tests compare with
// the API.
func TestNoBranchTellsKindsApart(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if at := branchOnKind(n); at != nil {
				t.Errorf("%s: a branch asks whether an item is a %s: give the kinds an entry in a table that says what is meant",
					s.files.Position(at.Pos()), strings.TrimPrefix(at.Sel.Name, itemKind))
			}
			return true
		})
	}
}

// itemKind begins the names of the kinds.
const itemKind = "PromotionItem"

// branchOnKind is the kind with which a comparison or a case compares; nil: none.
func branchOnKind(n ast.Node) *ast.SelectorExpr {
	var compared []ast.Expr
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			compared = []ast.Expr{n.X, n.Y}
		}
	case *ast.CaseClause:
		compared = n.List
	}
	for _, e := range compared {
		if at, ok := e.(*ast.SelectorExpr); ok && strings.HasPrefix(at.Sel.Name, itemKind) {
			return at
		}
	}
	return nil
}
