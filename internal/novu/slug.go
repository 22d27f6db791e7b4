// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"fmt"
	"net/url"
	"strings"
)

const (
	slugSuffixLength = 16 // characters of base62 that Novu's slug parser decodes
	objectIDLength   = 24 // hex characters of a MongoDB id
)

// Addressable reports whether Novu can find a workflow, layout or step by this
// identifier, and says what to do if not.
//
// Novu's slug parser (parse-slug-id.ts) takes the last 16 characters of any path
// value of 16 characters or more for an encoded internal id if they are all
// letters and digits, and looks up that id: 404, although the object exists. It
// takes 24 hex digits for an internal id as they are.
func Addressable(id string) error {
	switch {
	case id == "" || id == "." || id == "..":
		return fmt.Errorf("the identifier %q cannot be part of a path: choose a name of letters and digits", id)
	case isObjectID(id):
		return &UnaddressableError{ID: id, Reason: "24 hex digits look like one of Novu's internal ids"}
	case len(id) >= slugSuffixLength && isAlphanumeric(id[len(id)-slugSuffixLength:]):
		return &UnaddressableError{ID: id, Reason: "its last 16 characters are all letters and digits, which Novu takes for an encoded internal id"}
	}
	return nil
}

// UnaddressableError is an identifier that exists for Novu but cannot be reached
// through its API. See [Addressable].
type UnaddressableError struct {
	ID     string
	Reason string
}

func (e *UnaddressableError) Error() string {
	return fmt.Sprintf("Novu cannot find %q by its identifier: %s; put a '-', '_' or '.' between words near the end", e.ID, e.Reason)
}

// pathID escapes an identifier or internal id for use in a path. It refuses what
// Novu would look up as something else: a 404 there would read as "missing" and
// make the caller create a duplicate.
func pathID(id string) (string, error) {
	if !isObjectID(id) {
		if err := Addressable(id); err != nil {
			return "", err
		}
	}
	return url.PathEscape(id), nil
}

func isObjectID(id string) bool {
	return len(id) == objectIDLength && strings.Trim(id, "0123456789abcdefABCDEF") == ""
}

func isAlphanumeric(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
