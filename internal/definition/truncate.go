// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"unicode/utf8"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/printable"
)

const (
	maxDifferences = 20
	maxValueBytes  = 256 // of one value in status
	contextBytes   = 64  // shown before the place where two long values part
	cutMark        = "…"
)

// Truncate bounds differences for status: at most 20, and each value at most 256
// bytes. A mark shows where something was left out. Of two long values that begin
// alike, the part around the first difference is kept. more says how many
// differences were left out.
func Truncate(d []v1alpha1.Difference) (kept []v1alpha1.Difference, more int) {
	if len(d) > maxDifferences {
		d, more = d[:maxDifferences], len(d)-maxDifferences
	}
	for _, difference := range d {
		from, to := difference.From, difference.To
		if len(from) > maxValueBytes || len(to) > maxValueBytes {
			start := firstDifference(from, to)
			from, to = cutBefore(from, start), cutBefore(to, start)
		}
		kept = append(kept, v1alpha1.Difference{Path: cut(difference.Path), From: cut(from), To: cut(to)})
	}
	return kept, more
}

// firstDifference is where to begin so that the first differing byte is seen with
// some context; 0 if the beginning shows it anyway.
func firstDifference(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n < maxValueBytes/2 || n == len(a) && n == len(b) {
		return 0
	}
	return n - contextBytes
}

// cutBefore leaves out what comes before start, at the next character.
func cutBefore(s string, start int) string {
	if start == 0 {
		return s
	}
	for start < len(s) && !utf8.RuneStart(s[start]) {
		start++
	}
	return cutMark + s[min(start, len(s)):]
}

// cut shortens s to at most 256 bytes, mark included.
func cut(s string) string { return printable.Truncate(s, maxValueBytes) }
