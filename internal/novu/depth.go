package novu

import "fmt"

// maxAnswerDepth is how deep Novu's answers may be nested. What this operator sends
// is at most half as deep, and Novu wraps it a few times.
const maxAnswerDepth = 160

// Depth is how many objects and lists of a JSON text lie within each other at most.
// The text need not be valid.
func Depth(raw []byte) (most int) {
	level, quoted, escaped := 0, false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{', c == '[':
			level++
			most = max(most, level)
		case c == '}', c == ']':
			level--
		}
	}
	return most
}

func checkDepth(raw []byte) error {
	if levels := Depth(raw); levels > maxAnswerDepth {
		return fmt.Errorf("the answer is nested %d levels deep, and %d are the most that is read", levels, maxAnswerDepth)
	}
	return nil
}
