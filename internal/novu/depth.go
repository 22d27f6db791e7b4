// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "fmt"

// maxAnswerDepth is how deep Novu's answers may be nested. What this operator sends
// is at most half as deep, and Novu wraps it a few times.
const maxAnswerDepth = 160

// nesting counts how many objects and lists of a JSON text lie within each other,
// while the text comes in parts. The text need not be valid.
type nesting struct {
	level, most     int
	quoted, escaped bool
}

func (n *nesting) add(text []byte) {
	for _, c := range text {
		switch {
		case n.escaped:
			n.escaped = false
		case n.quoted:
			n.escaped, n.quoted = c == '\\', c != '"'
		case c == '"':
			n.quoted = true
		case c == '{', c == '[':
			n.level++
			n.most = max(n.most, n.level)
		case c == '}', c == ']':
			n.level--
		}
	}
}

// Depth is how many objects and lists of a JSON text lie within each other at most.
// The text need not be valid.
func Depth(raw []byte) (most int) {
	var n nesting
	n.add(raw)
	return n.most
}

func checkDepth(raw []byte) error {
	if levels := Depth(raw); levels > maxAnswerDepth {
		return tooDeep(levels)
	}
	return nil
}

func tooDeep(levels int) error {
	return fmt.Errorf("the answer is nested %d levels deep, and %d are the most that is read", levels, maxAnswerDepth)
}
