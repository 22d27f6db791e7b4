// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
)

// Documents of the block editor name variables in attributes instead of {{…}}. To check them, Novu writes them as
// {{…}} first; the order of members must stay, because issues are reported in the order of appearance.

// member is one member of a JSON object that keeps its order.
type member struct {
	key   string
	value any
}

type ordered []member

func (o ordered) get(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// readOrdered decodes JSON with objects as ordered.
func readOrdered(dec *json.Decoder) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		o := ordered{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := readOrdered(dec)
			if err != nil {
				return nil, err
			}
			o = append(o, member{javascript.Text(key), v})
		}
		_, err = dec.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := readOrdered(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.Token()
		return list, err
	}
	return t, nil
}

func writeOrdered(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case ordered:
		b.WriteByte('{')
		for i, m := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(javascript.JSON(m.key))
			b.WriteByte(':')
			writeOrdered(b, m.value)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeOrdered(b, x)
		}
		b.WriteByte(']')
	default:
		b.Write(javascript.JSON(v))
	}
}

// wrapDocument writes a document with its variables as {{…}}.
func wrapDocument(document string) string {
	v, err := readOrdered(json.NewDecoder(strings.NewReader(document)))
	if err != nil {
		return document
	}
	var b bytes.Buffer
	writeOrdered(&b, wrapNode(v))
	return b.String()
}

// variableAttributes are the attributes that hold a variable, and the attribute that says so, for a type of node.
func variableAttributes(kind string) [][2]string {
	common := [][2]string{{"id", "id"}, {"showIfKey", "showIfKey"}, {"each", "each"}}
	switch kind {
	case "button":
		return append([][2]string{{"text", "isTextVariable"}, {"url", "isUrlVariable"}}, common...)
	case "image", "inlineImage":
		return append([][2]string{{"src", "isSrcVariable"}, {"externalLink", "isExternalLinkVariable"}}, common...)
	case "link":
		return append([][2]string{{"href", "isUrlVariable"}}, common...)
	}
	return common
}

func wrapNode(v any) any {
	node, ok := v.(ordered)
	if !ok {
		return v
	}
	out := ordered{}
	for _, m := range node {
		switch list, isList := m.value.([]any); {
		case isList && (m.key == "content" || m.key == "marks"):
			below := make([]any, len(list))
			for i, x := range list {
				below[i] = wrapNode(x)
			}
			m.value = below
		case m.key == "attrs":
			m.value = wrapAttributes(m.value, javascript.Text(node.get("type")))
		}
		out = append(out, m)
	}
	return out
}

var translationKey = regexp.MustCompile(`(?i)\{\{\s*t\.([^}]+?)\s*\}\}`)

func wrapAttributes(v any, kind string) any {
	attrs, ok := v.(ordered)
	if !ok {
		return v
	}
	out := append(ordered{}, attrs...)
	for _, pair := range variableAttributes(kind) {
		name, isString := attrs.get(pair[0]).(string)
		if !isString || name == "" || javascript.Falsy(attrs.get(pair[1])) {
			continue
		}
		if pair[0] == "text" && attrs.get(pair[1]) == true && translationKey.MatchString(name) {
			continue
		}
		for i := range out {
			switch out[i].key {
			case pair[0]:
				out[i].value = asOutput(name, attrs)
			case pair[1]:
				out[i].value = false
			}
		}
	}
	return out
}

func asOutput(name string, attrs ordered) string {
	if alias := attrs.get("aliasFor"); !javascript.Falsy(alias) {
		name = javascript.String(alias)
	}
	if fallback := attrs.get("fallback"); !javascript.Falsy(fallback) {
		name += " | default: '" + javascript.String(fallback) + "'"
	}
	return "{{ " + name + " }}"
}

var slotForm = regexp.MustCompile(`\{\{\s*content\s*\}\}`)

// hasSlot tells whether a layout has a place for the message.
func hasSlot(body any) bool {
	s, _ := body.(string)
	if !IsBlockDocument(s) {
		return slotForm.MatchString(s)
	}
	v, err := readOrdered(json.NewDecoder(strings.NewReader(s)))
	return err == nil && namesContent(v)
}

func namesContent(v any) bool {
	switch v := v.(type) {
	case ordered:
		if attrs, ok := v.get("attrs").(ordered); ok && attrs.get("id") == "content" {
			return true
		}
		return namesContent(v.get("content")) || namesContent(v.get("marks"))
	case []any:
		if slices.ContainsFunc(v, namesContent) {
			return true
		}
	}
	return false
}
