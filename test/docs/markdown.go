// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Use is what a reader is to do with a code block.
type Use int

// Uses of code blocks.
const (
	UseNone     Use = iota // not YAML, or skipped
	UseManifest            // kubectl apply -f
	UseValues              // helm install --values
)

// Block is a fenced code block.
type Block struct {
	Line int    // of its first line of text, from 1
	Info string // what stands behind the fence
	Text string
}

// Blocks lists the fenced code blocks of a Markdown document in their order.
func Blocks(source []byte) []Block {
	var blocks []Block
	document := goldmark.DefaultParser().Parse(text.NewReader(source))
	_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		fenced, ok := node.(*ast.FencedCodeBlock)
		if !ok || !entering || fenced.Lines().Len() == 0 {
			return ast.WalkContinue, nil
		}
		block := Block{
			Line: 1 + bytes.Count(source[:fenced.Lines().At(0).Start], []byte("\n")),
			Text: string(fenced.Lines().Value(source)),
		}
		if fenced.Info != nil {
			block.Info = strings.TrimSpace(string(fenced.Info.Value(source)))
		}
		blocks = append(blocks, block)
		return ast.WalkContinue, nil
	}) // the walker returns no error
	return blocks
}

// ours finds a manifest of one of the operator's kinds.
var ours = regexp.MustCompile(`(?m)^\s*apiVersion:\s*novu-operator\.dev/`)

// Use reads the info string. An error says how to write it: no YAML escapes the tests by a spelling that they do not
// know, or inside a shell command.
func (b Block) Use() (Use, error) {
	language, rest, _ := strings.Cut(b.Info, " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(language) {
	case "yaml":
	case "yml":
		return UseNone, fmt.Errorf("write yaml instead of %s", language)
	default:
		if ours.MatchString(b.Text) {
			return UseNone, fmt.Errorf("a manifest belongs into a block of its own, marked yaml, where it is checked; this one is marked %q", b.Info)
		}
		return UseNone, nil
	}
	reason, skip := strings.CutPrefix(rest, "skip:")
	switch {
	case rest == "":
		return UseManifest, nil
	case rest == "values":
		return UseValues, nil
	case skip && strings.TrimSpace(reason) != "":
		return UseNone, nil
	}
	return UseNone, fmt.Errorf("write `yaml`, `yaml values` or `yaml skip: the reason` instead of %q", b.Info)
}
