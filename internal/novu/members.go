// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Bounds of the lists within one object. An empty item takes two bytes of an answer and a few hundred once it is decoded,
// so the length of the answer bounds nothing.
const (
	maxSteps       = 250
	maxTags        = 250
	maxChannels    = 50
	maxCredentials = 100

	// maxAbout and maxIssues are how many issues are kept of each step; further ones are dropped.
	maxAbout  = 64
	maxIssues = 8
)

// members counts the items of a list, or the members of an object. The text must be valid.
func members(raw []byte) (n int) {
	raw = bytes.TrimSpace(raw)
	if len(raw) < 2 || len(bytes.TrimSpace(raw[1:len(raw)-1])) == 0 {
		return 0
	}
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
		case c == '}', c == ']':
			level--
		case c == ',' && level == 1:
			n++
		}
	}
	return n + 1
}

// decodeFew decodes a list or an object with no more than most members.
func decodeFew(raw json.RawMessage, what string, most int, out any) error {
	if len(raw) == 0 || isNull(raw) {
		return nil
	}
	if n := members(raw); n > most {
		return &tooLargeError{fmt.Sprintf("the answer has %d %s, and %d are the most that is read", n, what, most)}
	}
	return json.Unmarshal(raw, out)
}

// borrowed is a part of the text that is being decoded, without a copy of it: it lasts as long as the text does, and only
// [json.Unmarshal] may make it.
type borrowed []byte

// UnmarshalJSON keeps the part as it is.
func (b *borrowed) UnmarshalJSON(text []byte) error {
	*b = text
	return nil
}

// UnmarshalJSON bounds the lists.
func (w *Workflow) UnmarshalJSON(text []byte) error {
	type plain Workflow
	in := struct {
		*plain
		Tags  borrowed `json:"tags"`
		Steps borrowed `json:"steps"`
	}{plain: (*plain)(w)}
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	if err := decodeFew(json.RawMessage(in.Tags), "tags", maxTags, &w.Tags); err != nil {
		return err
	}
	return decodeFew(json.RawMessage(in.Steps), "steps", maxSteps, &w.Steps)
}

// UnmarshalJSON bounds the channels.
func (p *Preference) UnmarshalJSON(text []byte) error {
	type plain Preference
	in := struct {
		*plain
		Channels borrowed `json:"channels"`
	}{plain: (*plain)(p)}
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	return decodeFew(json.RawMessage(in.Channels), "channel preferences", maxChannels, &p.Channels)
}

// firstMembers calls f for the first members of an object, as many as most.
func firstMembers(text []byte, most int, f func(name string, value json.RawMessage)) {
	in := json.NewDecoder(bytes.NewReader(text))
	if start, err := in.Token(); err != nil || start != json.Delim('{') {
		return
	}
	for n := 0; n < most && in.More(); n++ {
		name, err := in.Token()
		var value json.RawMessage
		if err != nil || in.Decode(&value) != nil {
			return
		}
		f(fmt.Sprint(name), value)
	}
}

// firstItems decodes the first items of a list, as many as most; nil if one is not of the type.
func firstItems[T any](text []byte, most int) (items []T) {
	in := json.NewDecoder(bytes.NewReader(text))
	if start, err := in.Token(); err != nil || start != json.Delim('[') {
		return nil
	}
	for len(items) < most && in.More() {
		var item T
		if in.Decode(&item) != nil {
			return nil
		}
		items = append(items, item)
	}
	return items
}
