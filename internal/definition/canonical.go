// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
)

var errTrailing = errors.New("there is more after the end of the JSON value")

// canonical spells a value's JSON in one way, in the manner of RFC 8785: keys sorted
// (by bytes), no white space, one spelling for each number. Unlike there, numbers
// keep every digit.
func canonical(v any) []byte {
	var buffer bytes.Buffer
	writeCanonical(&buffer, v)
	return buffer.Bytes()
}

// writeCanonical writes a tree, or any other value by way of its JSON.
func writeCanonical(w *bytes.Buffer, t any) {
	switch t := t.(type) {
	case map[string]any:
		if t == nil {
			w.WriteString("null")
			return
		}
		writeList(w, '{', '}', sortedKeys(t), func(key string) {
			w.Write(quote(key))
			w.WriteByte(':')
			writeCanonical(w, t[key])
		})
	case []any:
		writeList(w, '[', ']', t, func(item any) { writeCanonical(w, item) })
	case json.Number:
		w.WriteString(canonicalNumber(t))
	case string:
		w.Write(quote(t))
	case bool:
		w.WriteString(strconv.FormatBool(t))
	case nil, absent:
		w.WriteString("null")
	default: // not a tree yet
		writeCanonical(w, treeOf(t))
	}
}

// writeList writes items between brackets.
func writeList[T any](w *bytes.Buffer, open, end byte, items []T, write func(T)) {
	w.WriteByte(open)
	for i, item := range items {
		if i > 0 {
			w.WriteByte(',')
		}
		write(item)
	}
	w.WriteByte(end)
}

// digest is the SHA-256 of the canonical JSON, in hex. It is never cut where it is
// compared: 48 bits of it can be collided in half a minute.
func digest(v any) string {
	sum := sha256.Sum256(canonical(v))
	return hex.EncodeToString(sum[:])
}
