// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// parseJSON decodes a body whose top must be an object or an array. Its errors are those of Go's decoder with a capital letter,
// which for a body that ends too early are the very words that Novu answers.
func parseJSON(raw []byte) (any, error) {
	trimmed := bytes.TrimLeft(raw, " \t\r\n")
	if len(trimmed) > 0 && trimmed[0] != '{' && trimmed[0] != '[' {
		return nil, errors.New("Body must be a JSON object or array")
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		text := err.Error()
		return nil, errors.New(strings.ToUpper(text[:1]) + text[1:])
	}
	return v, nil
}
