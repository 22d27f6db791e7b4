// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"novu-operator.dev/internal/printable"
)

// secretForms lists the ways in which a value shows up in errors and bodies. Escapes of single characters are undone in
// the text as well, see [views]; what is here are those that change how a value is cut into characters, and those that
// would hide a part of a value that itself looks like an escape.
func secretForms(value string) []string {
	forms := []string{
		value, strings.TrimSpace(value), strings.ToLower(value), strings.ToUpper(value),
		strings.ToValidUTF8(value, "\uFFFD"), printable.Text(value), withoutBlanks(value),
		url.QueryEscape(value), url.PathEscape(value), strings.ToLower(url.QueryEscape(value)),
		strings.ReplaceAll(value, " ", "+"),
		strings.Trim(strconv.Quote(value), `"`), strings.Trim(strconv.QuoteToASCII(value), `"`),
		jsonInner(value, true), jsonInner(value, false),
		hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
	return append(forms, base64Forms(value)...)
}

func withoutBlanks(value string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, value)
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
