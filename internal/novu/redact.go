// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"slices"
	"strings"
	"sync"
)

const (
	// minSecret is the shortest value worth hiding; shorter ones are in every text.
	minSecret = 4
	// window is how much of a value may not be seen anywhere. Shorter values are hidden as a whole.
	window = 8
	// maxRemembered bounds the values that a redactor knows; the latest ones count.
	maxRemembered = 16 << 10
	// scheme is as long as a window and no secret by itself: credentials may be addresses, and so does every failure to
	// connect name one.
	scheme = "https://"
	// mask is shorter than any secret, so it cannot be or contain one.
	mask = "***"
)

// Redactor removes secret values from texts, and every part of one that has eight bytes or more, in every encoding in
// which Novu or this program may show it: see [secretForms] and [views]. What a text costs does not depend on how many
// values there are. It is safe for concurrent use.
type Redactor struct {
	mu     sync.RWMutex
	values []string   // the latest last
	index  *formIndex // nil until it is asked for: hardly any call ends in an error
}

// NewRedactor returns a redactor that knows the values.
func NewRedactor(values ...string) *Redactor {
	r := &Redactor{}
	r.Add(values...)
	return r
}

// Add registers more secret values. Values shorter than four bytes are ignored. What was registered earlier stays known,
// because Novu may still quote a key or credential that was replaced; the oldest are forgotten when all together become
// large.
func (r *Redactor) Add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, value := range values {
		if len(value) >= minSecret {
			r.add(value)
		}
	}
	r.forget(len(values))
}

func (r *Redactor) add(value string) {
	if at := slices.Index(r.values, value); at >= 0 {
		r.values = append(slices.Delete(r.values, at, at+1), value)
		return
	}
	r.values = append(r.values, value)
	if r.index != nil {
		r.index.addValue(value)
	}
}

// forget drops the oldest values, but none of the latest ones that were just added.
func (r *Redactor) forget(latest int) {
	total, oldest := 0, len(r.values)
	for oldest > 0 && (total+len(r.values[oldest-1]) <= maxRemembered || len(r.values)-oldest < latest) {
		oldest--
		total += len(r.values[oldest])
	}
	if oldest > 0 {
		r.values, r.index = slices.Delete(r.values, 0, oldest), nil
	}
}

// Redact returns s without any registered value or part of one. Where s breaks off in the middle of a value, four bytes
// of it are enough to be removed.
func (r *Redactor) Redact(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for r.index == nil {
		r.mu.RUnlock()
		r.prepare()
		r.mu.RLock()
	}
	for {
		next := r.index.cutPartial(r.index.pass(s))
		if next == s {
			return s
		}
		// What is left and right of a mask may form a value again. Each pass
		// makes the text shorter, so this ends.
		s = next
	}
}

func (r *Redactor) prepare() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.index == nil {
		r.index = newFormIndex(r.values)
	}
}

// formIndex finds parts of values in a text.
type formIndex struct {
	// parts are all runs of eight bytes of all forms: one look-up tells whether a text has one at some place.
	parts map[[window]byte]struct{}
	// short are the forms of values that have fewer than eight bytes.
	short []string
	// heads are how forms begin, up to seven bytes.
	heads map[string]struct{}
}

func newFormIndex(values []string) *formIndex {
	x := &formIndex{parts: map[[window]byte]struct{}{}, heads: map[string]struct{}{}}
	for _, value := range values {
		x.addValue(value)
	}
	return x
}

func (x *formIndex) addValue(value string) {
	for _, form := range secretForms(value) {
		x.add(form, len(value) < window)
	}
}

func (x *formIndex) add(form string, whole bool) {
	if len(form) < minSecret {
		return
	}
	for n := minSecret; n < min(window, len(form)); n++ {
		x.heads[form[:n]] = struct{}{}
	}
	if whole || len(form) < window {
		if !slices.Contains(x.short, form) {
			x.short = append(x.short, form)
		}
		return
	}
	for i := range len(form) - window + 1 {
		if part := form[i : i+window]; part != scheme {
			x.parts[[window]byte([]byte(part))] = struct{}{}
		}
	}
}

// pass replaces each run of bytes that belong to some value. Marking first and
// replacing then handles values that overlap.
func (x *formIndex) pass(s string) string {
	if len(x.parts) == 0 && len(x.short) == 0 {
		return s
	}
	marked, found := make([]bool, len(s)), false
	for _, v := range views(s) {
		found = x.markParts(v, marked) || found
		found = x.markShort(v, marked) || found
	}
	if !found {
		return s
	}
	return maskRuns(s, marked)
}

func (x *formIndex) markParts(v view, marked []bool) (found bool) {
	if len(x.parts) == 0 {
		return false
	}
	done := 0 // what is marked already is not marked again
	for i := 0; i+window <= len(v.text); i++ {
		if _, known := x.parts[[window]byte(v.text[i:i+window])]; known {
			v.mark(marked, max(i, done-1), i+window)
			done, found = i+window, true
		}
	}
	return found
}

func (x *formIndex) markShort(v view, marked []bool) (found bool) {
	text := string(v.text)
	for _, form := range x.short {
		for from, done := 0, 0; ; from++ {
			at := strings.Index(text[from:], form)
			if at < 0 {
				break
			}
			from += at
			// A value may overlap itself.
			v.mark(marked, max(from, done), from+len(form))
			done, found = from+len(form), true
		}
	}
	return found
}

func maskRuns(s string, marked []bool) string {
	var b strings.Builder
	for i := range len(s) {
		switch {
		case !marked[i]:
			b.WriteByte(s[i])
		case i == 0 || !marked[i-1]:
			b.WriteString(mask)
		}
	}
	return b.String()
}

// cutPartial drops the beginning of a value at the end of s, where a truncated
// text would show it. Eight bytes or more are gone already.
func (x *formIndex) cutPartial(s string) string {
	for n := min(window-1, len(s)); n >= minSecret; n-- {
		if _, known := x.heads[s[len(s)-n:]]; known {
			return s[:len(s)-n] + mask
		}
	}
	return s
}
