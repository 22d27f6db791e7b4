// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// view is a text with some of its escapes undone. Each byte remembers what it stands for in the original.
type view struct {
	text       []byte
	start, end []int32
}

// mark includes what was left out between two bytes.
func (v view) mark(marked []bool, from, to int) {
	if from >= to {
		return
	}
	for at := v.start[from]; at < v.end[to-1]; at++ {
		marked[at] = true
	}
}

// unescape reads one escape at the start of s: how long it is, and what it means. A length of 0 is none.
type unescape func(s []byte) (length int, meaning string)

// maxViews bounds the work on a text that is made of escapes. An error quotes a body that quotes a URL: no more than
// two or three layers are ever seen.
const maxViews = 24

// views are the text itself, and what it says when the escapes of JSON and Go, of URLs and of HTML are undone, one
// after another in any order, three layers deep. A text without escapes has one view.
func views(s string) []view {
	all := []view{plainView(s)}
	seen := map[string]bool{s: true}
	layer := all
	for range 3 {
		var next []view
		for _, v := range layer {
			for _, undo := range []unescape{backslash, percent, entity, blank} {
				u, changed := v.undo(undo)
				if !changed || seen[string(u.text)] || len(all) == maxViews {
					continue
				}
				seen[string(u.text)] = true
				next = append(next, u)
				all = append(all, u)
			}
		}
		layer = next
	}
	return all
}

func plainView(s string) view {
	v := view{text: []byte(s), start: make([]int32, len(s)), end: make([]int32, len(s))}
	for i := range len(s) {
		v.start[i], v.end[i] = int32(i), int32(i+1)
	}
	return v
}

func (v view) undo(read unescape) (u view, changed bool) {
	for i := 0; i < len(v.text); {
		n, meaning := read(v.text[i:])
		if n == 0 {
			if changed {
				u.text, u.start, u.end = append(u.text, v.text[i]), append(u.start, v.start[i]), append(u.end, v.end[i])
			}
			i++
			continue
		}
		if !changed {
			// Only now is a copy worth it.
			changed = true
			u.text = append(make([]byte, 0, len(v.text)), v.text[:i]...)
			u.start = append(make([]int32, 0, len(v.text)), v.start[:i]...)
			u.end = append(make([]int32, 0, len(v.text)), v.end[:i]...)
		}
		for j := range len(meaning) {
			u.text, u.start, u.end = append(u.text, meaning[j]), append(u.start, v.start[i]), append(u.end, v.end[i+n-1])
		}
		i += n
	}
	return u, changed
}

// backslash reads the escapes of JSON, of JavaScript and of Go's %q.
func backslash(s []byte) (length int, meaning string) {
	if len(s) < 2 || s[0] != '\\' {
		return 0, ""
	}
	switch s[1] {
	case 'u':
		return unicodeEscape(s, 4)
	case 'U':
		return unicodeEscape(s, 8)
	case 'x':
		if len(s) >= 4 {
			if b, ok := hexByte(s[2:4]); ok {
				return 4, string([]byte{b})
			}
		}
		return 0, ""
	}
	if at := strings.IndexByte(`abfnrtv`, s[1]); at >= 0 {
		return 2, "\a\b\f\n\r\t\v"[at : at+1]
	}
	return 2, string(s[1:2]) // \" \\ \/ and what needs no escape
}

// unicodeEscape reads \u0041, and a pair of them that stands for one character.
func unicodeEscape(s []byte, digits int) (length int, meaning string) {
	r, ok := codePoint(s, digits)
	if !ok {
		return 0, ""
	}
	length = 2 + digits
	if r >= 0xd800 && r < 0xdc00 && len(s) > length+1 && s[length] == '\\' && s[length+1] == 'u' {
		if low, ok := codePoint(s[length:], 4); ok && low >= 0xdc00 && low < 0xe000 {
			return 2 * length, string((r-0xd800)<<10 | (low - 0xdc00) + 0x10000)
		}
	}
	return length, string(utf8.AppendRune(nil, r))
}

func codePoint(s []byte, digits int) (rune, bool) {
	if len(s) < 2+digits {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s[2:2+digits]), 16, 32)
	return rune(n), err == nil && n <= utf8.MaxRune
}

func percent(s []byte) (length int, meaning string) {
	if len(s) < 3 || s[0] != '%' {
		return 0, ""
	}
	if b, ok := hexByte(s[1:3]); ok {
		return 3, string([]byte{b})
	}
	return 0, ""
}

func hexByte(s []byte) (byte, bool) {
	n, err := strconv.ParseUint(string(s), 16, 8)
	return byte(n), err == nil
}

// maxEntity is longer than any entity that stands for a character of a key.
const maxEntity = 10

func entity(s []byte) (length int, meaning string) {
	if s[0] != '&' {
		return 0, ""
	}
	end := strings.IndexByte(string(s[:min(len(s), maxEntity)]), ';')
	if end < 0 {
		return 0, ""
	}
	text := string(s[:end+1])
	if meaning = html.UnescapeString(text); meaning == text {
		return 0, ""
	}
	return end + 1, meaning
}

// blank leaves out white space: long encodings are broken into lines, and a text that was cleaned of line breaks has
// blanks instead.
func blank(s []byte) (length int, meaning string) {
	for length < len(s) && (s[length] == ' ' || s[length] >= '\t' && s[length] <= '\r') {
		length++
	}
	return length, ""
}
