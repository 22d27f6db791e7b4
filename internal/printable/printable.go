// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package printable makes texts that Novu or a user wrote safe to show: in status, events and logs. Such a text can hold
// escape sequences that a terminal carries out, marks that turn the order of what follows around, and characters that
// cannot be seen. It knows neither Novu nor Kubernetes.
package printable

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// invalid stands where a text was not UTF-8.
const invalid = '?'

// Text returns s as one line for people: escape sequences of terminals and invisible characters are dropped, and each
// line break or tab becomes a blank.
func Text(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if n := escapeSequence(s[i:]); n > 0 {
			i += n
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteRune(invalid)
		case breaks(r):
			b.WriteByte(' ')
		case !hidden(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Value returns s with what cannot be seen written out, as \n or \u202e: two values that differ in it alone still look
// different.
func Value(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteRune(invalid)
		case breaks(r) || hidden(r):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// Clean reports whether s has nothing that [Text] or [Value] would change.
func Clean(s string) bool {
	if plain(s) {
		return true
	}
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return breaks(r) || hidden(r) })
}

// plain reports whether s is printable ASCII, as nearly all texts are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// breaks reports whether r ends a line or advances by a tab.
func breaks(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// hidden reports whether r changes how others are shown, or shows nothing at all: control and format characters (bidi
// marks, zero-width characters, tags), fillers, characters of private use and code points that are none.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Noncharacter_Code_Point)
}

const (
	esc = '\x1b'
	bel = '\x07'
	// csi introduces a control sequence in one character.
	csi = "\u009b"
)

// escapeSequence returns how long the terminal's escape sequence is that s begins with, or 0.
func escapeSequence(s string) int {
	switch {
	case strings.HasPrefix(s, csi):
		return len(csi) + controlSequence(s[len(csi):])
	case len(s) < 2 || s[0] != esc:
		return 0
	case s[1] == '[':
		return 2 + controlSequence(s[2:])
	case strings.IndexByte("]PX^_", s[1]) >= 0:
		return 2 + controlString(s[2:])
	case s[1] >= ' ' && s[1] <= '~':
		return 2
	}
	return 1
}

// controlSequence is the length of parameters and the final byte. One that is broken off ends where it is.
func controlSequence(s string) int {
	for i := range len(s) {
		switch {
		case s[i] >= '@' && s[i] <= '~':
			return i + 1
		case s[i] < ' ' || s[i] > '?':
			return i
		}
	}
	return len(s)
}

// controlString is the length up to its terminator. Without one, only the introducer counts: the rest is text.
func controlString(s string) int {
	for i := range len(s) {
		switch {
		case s[i] == bel:
			return i + 1
		case s[i] == esc && i+1 < len(s) && s[i+1] == '\\':
			return i + 2
		}
	}
	return 0
}

// Truncate cuts a text to at most so many bytes, between two characters, and shows that by an ellipsis. limit must leave
// room for the ellipsis.
func Truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit-len("…")], "") + "…"
}
