// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"bytes"
	"encoding/json"
	"io"
	"math/big"
	"strings"
)

// A tree is JSON in memory: map[string]any, []any, string, json.Number, bool or nil,
// or absent, which tells a missing value from null.
type absent struct{}

// parse turns JSON into a tree. Empty input is absent; what is nested too deep is
// an error.
func parse(raw []byte) (any, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return absent{}, nil
	}
	if err := tooDeep(raw); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errTrailing
	}
	return tree, nil
}

// tree is parse for what was checked before or came out of a decoder. Text that is
// no JSON stands for itself.
func tree(raw []byte) any {
	t, err := parse(raw)
	if err != nil {
		return string(raw)
	}
	return t
}

// treeOf turns any value that JSON can hold into a tree.
func treeOf(v any) any {
	raw, err := encode(v)
	if err != nil {
		return err.Error()
	}
	return tree(raw)
}

// listOf turns texts into a tree.
func listOf(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}

// encode is json.Marshal that leaves <, > and & readable.
func encode(v any) (json.RawMessage, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// quote is a string as JSON.
func quote(s string) json.RawMessage {
	raw, _ := encode(s) // a string always encodes
	return raw
}

// render shows a tree to people: as JSON, and nothing for what is absent.
func render(t any) string {
	if _, missing := t.(absent); missing {
		return ""
	}
	raw, err := encode(t)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// sameNumber compares by value: 1, 1.0 and 1e0 are one number. Novu keeps numbers
// as JavaScript does, so two that a double cannot tell apart are one number, too.
func sameNumber(a, b json.Number) bool {
	if a == b || canonicalNumber(a) == canonicalNumber(b) {
		return true
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && x == y
}

// canonicalNumber spells a number in one way: its digits without zeros around them,
// times a power of ten. It works on the text, because a value such as 1e999999999
// must not be written out.
func canonicalNumber(n json.Number) string {
	text, sign := string(n), ""
	if strings.HasPrefix(text, "-") {
		text, sign = text[1:], "-"
	}
	mantissa, power := text, "0"
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, power = text[:i], strings.TrimPrefix(text[i+1:], "+")
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	significant := strings.TrimRight(digits, "0")
	exponent, ok := new(big.Int).SetString(power, 10)
	if significant == "" || !ok {
		return "0"
	}
	exponent.Add(exponent, big.NewInt(int64(len(digits)-len(significant)-len(fraction))))
	if exponent.Sign() == 0 {
		return sign + significant
	}
	return sign + significant + "e" + exponent.String()
}
