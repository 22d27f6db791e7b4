// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"regexp"
	"slices"
	"strings"
)

// tokenMap knows which made-up string of a recording (an id, the end of a slug, a suffix, a key) stands for which of
// this run. The relation is learned from answers and must stay one to one.
type tokenMap struct {
	find     *regexp.Regexp
	made     map[string]bool // generated strings of the recording
	actual   map[string]string
	recorded map[string]string
}

const (
	placeholderForm = `\{\{[A-Z][A-Z0-9_]*\}\}`
	slugForm        = `_(?:wf|st|env|lt)_[0-9A-Za-z]{16}\b`
	objectIDForm    = `\b[0-9a-f]{24}\b`
)

func newTokenMap(generated []string, seed map[string]string) *tokenMap {
	m := &tokenMap{made: map[string]bool{}, actual: map[string]string{}, recorded: map[string]string{}}
	forms := []string{placeholderForm}
	longestFirst := slices.SortedFunc(slices.Values(generated), func(a, b string) int { return len(b) - len(a) })
	for _, g := range longestFirst {
		m.made[g] = true
		forms = append(forms, regexp.QuoteMeta(g))
	}
	m.find = regexp.MustCompile(strings.Join(append(forms, slugForm, objectIDForm), "|"))
	for name, v := range seed {
		m.learn("{{"+name+"}}", v)
	}
	return m
}

func (m *tokenMap) learn(recorded, actual string) {
	m.actual[recorded], m.recorded[actual] = actual, recorded
}

// split cuts "_wf_" off the token of a slug.
func (m *tokenMap) split(match string) (prefix, token string) {
	if i := strings.LastIndexByte(match, '_'); match[0] == '_' && len(match)-i-1 == slugTail && !m.made[match] {
		return match[:i+1], match[i+1:]
	}
	return "", match
}

// toActual replaces what has been learned.
func (m *tokenMap) toActual(s string) string {
	return m.find.ReplaceAllStringFunc(s, func(match string) string {
		prefix, token := m.split(match)
		if v, ok := m.actual[token]; ok {
			return prefix + v
		}
		return match
	})
}

// form is what a token that is not known yet may look like.
func (m *tokenMap) form(prefix, token string) string {
	switch {
	case prefix != "":
		return `[0-9A-Za-z]{16}`
	case strings.HasPrefix(token, "{{"):
		return `.+?`
	case m.made[token]:
		return `[0-9A-Za-z_-]{4,40}`
	}
	return `[0-9a-f]{24}`
}

var timeForm = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`)

// same compares a recorded text with an actual one up to times and tokens. New tokens are learned if learn is set.
func (m *tokenMap) same(recorded, actual string, learn bool) bool {
	recorded, actual = timeForm.ReplaceAllString(recorded, "<time>"), timeForm.ReplaceAllString(actual, "<time>")
	var expr strings.Builder
	var unknown []string
	last := 0
	for _, at := range m.find.FindAllStringIndex(recorded, -1) {
		prefix, token := m.split(recorded[at[0]:at[1]])
		expr.WriteString(regexp.QuoteMeta(recorded[last:at[0]] + prefix))
		last = at[1]
		if v, ok := m.actual[token]; ok {
			expr.WriteString(regexp.QuoteMeta(v))
			continue
		}
		unknown = append(unknown, token)
		expr.WriteString("(" + m.form(prefix, token) + ")")
	}
	if last == 0 {
		return recorded == actual
	}
	groups := regexp.MustCompile(`(?s)^` + expr.String() + regexp.QuoteMeta(recorded[last:]) + `$`).FindStringSubmatch(actual)
	if groups == nil {
		return false
	}
	return m.accept(unknown, groups[1:], learn)
}

// accept refuses an actual string that stands for something else already.
func (m *tokenMap) accept(tokens, values []string, learn bool) bool {
	found := map[string]string{}
	for i, token := range tokens {
		if v, twice := found[token]; twice && v != values[i] {
			return false
		}
		if other, used := m.recorded[values[i]]; used && other != token {
			return false
		}
		found[token] = values[i]
	}
	if learn {
		for token, v := range found {
			m.learn(token, v)
		}
	}
	return true
}
