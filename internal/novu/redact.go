package novu

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	// minSecret is the shortest value worth hiding; shorter ones are in every text.
	minSecret = 4
	// mask is shorter than any secret, so it cannot be or contain one.
	mask = "***"
)

// Redactor removes secret values from texts, also where they are URL-escaped,
// JSON-escaped or base64-encoded. It is safe for concurrent use.
type Redactor struct {
	mu    sync.RWMutex
	forms []string
}

// NewRedactor returns a redactor that knows the values.
func NewRedactor(values ...string) *Redactor {
	r := &Redactor{}
	r.Add(values...)
	return r
}

// Add registers more secret values. Values shorter than four bytes are ignored.
func (r *Redactor) Add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, value := range values {
		for _, form := range secretForms(value) {
			if len(form) >= minSecret && !slices.Contains(r.forms, form) {
				r.forms = append(r.forms, form)
			}
		}
	}
}

// With returns a redactor that knows the values in addition to r's.
func (r *Redactor) With(values ...string) *Redactor {
	r.mu.RLock()
	more := &Redactor{forms: slices.Clone(r.forms)}
	r.mu.RUnlock()
	more.Add(values...)
	return more
}

// Redact returns s without any registered value. A value that s breaks off in the
// middle of is removed as well.
func (r *Redactor) Redact(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for {
		next := r.cutPartial(r.pass(s))
		if next == s {
			return s
		}
		// What is left and right of a mask may form a value again. Each pass
		// makes the text shorter, so this ends.
		s = next
	}
}

// pass replaces each run of bytes that belong to some value. Marking first and
// replacing then handles values that overlap.
func (r *Redactor) pass(s string) string {
	var marked []bool
	for _, form := range r.forms {
		for from, done := 0, 0; ; from++ {
			at := strings.Index(s[from:], form)
			if at < 0 {
				break
			}
			if marked == nil {
				marked = make([]bool, len(s))
			}
			from += at
			// A value may overlap itself: what is marked already is not marked again.
			for i := max(from, done); i < from+len(form); i++ {
				marked[i] = true
			}
			done = from + len(form)
		}
	}
	if marked == nil {
		return s
	}
	return maskRuns(s, marked)
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
// text would show it.
func (r *Redactor) cutPartial(s string) string {
	for _, form := range r.forms {
		for n := min(len(form)-1, len(s)); n >= minSecret; n-- {
			if strings.HasSuffix(s, form[:n]) {
				return s[:len(s)-n] + mask
			}
		}
	}
	return s
}

// secretForms lists the ways in which a value shows up in errors and bodies.
func secretForms(value string) []string {
	if len(value) < minSecret {
		return nil
	}
	forms := []string{
		value, strings.TrimSpace(value), url.QueryEscape(value), url.PathEscape(value),
		strings.Trim(strconv.Quote(value), `"`), jsonInner(value, true), jsonInner(value, false),
		strings.ToLower(url.QueryEscape(value)),
	}
	return append(forms, base64Forms(value)...)
}

func jsonInner(value string, escapeHTML bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(escapeHTML)
	_ = enc.Encode(value) // a string always encodes
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `"`), `"`)
}

// base64Forms covers the value encoded alone and inside something longer, where
// its offset decides which characters come out.
func base64Forms(value string) []string {
	var forms []string
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		forms = append(forms, enc.EncodeToString([]byte(value)))
		for offset := range 3 {
			if inner := base64Inner(enc, value, offset); len(inner) >= 2*minSecret {
				forms = append(forms, inner)
			}
		}
	}
	return forms
}

// base64Inner is the part of the encoding that depends on the value alone when
// offset bytes stand before it.
func base64Inner(enc *base64.Encoding, value string, offset int) string {
	encoded := enc.EncodeToString(append(make([]byte, offset), value...))
	first := (offset*8 + 5) / 6
	last := (offset + len(value)) * 8 / 6
	return encoded[min(first, last):last]
}
