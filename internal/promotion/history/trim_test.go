// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"fmt"
	"strings"
	"testing"
)

func TestExpendable(t *testing.T) {
	active := func(b book) book { b.inUse = true; return b }
	for name, test := range map[string]struct {
		books []book // newest first
		limit int
		want  string
	}{
		"fewer than the limit":      {shelved(did(2, "", "w x: v1 -> v2"), did(1, "", "w x: - -> v1")), 3, ""},
		"more than the limit":       {shelved(did(3, "", "w x: v2 -> v3"), did(2, "", "w x: v1 -> v2"), did(1, "", "w x: - -> v1")), 1, "1 2"},
		"the only one about it":     {shelved(did(3, "", "w x: v2 -> v3"), did(2, "", "w y: - -> v2"), did(1, "", "w x: - -> v1")), 1, "1"},
		"it was deleted since":      {shelved(did(3, "", "w x: v2 -> v3"), did(2, "", "w y: v1 -> -"), did(1, "", "w y: - -> v1")), 1, "1 2"},
		"one of two was deleted":    {shelved(did(3, "", "w x: v2 -> v3"), did(2, "", "w y: v1 -> -"), did(1, "", "w y: - -> v1", "w z: - -> v1")), 1, ""},
		"it was skipped":            {shelved(did(3, "", "(w x: v2 -> v3)"), did(2, "", "w x: v1 -> v2"), did(1, "", "w x: - -> v1")), 1, "1"},
		"it may have been deleted":  {shelved(did(3, "", "w x: v2 -> v3"), unfinished(did(2, "", "w y: v1 -> -")), did(1, "", "w y: - -> v1")), 1, "1"},
		"a layout of the same id":   {shelved(did(2, "", "w x: v2 -> v3"), did(1, "", "l x: - -> v1")), 1, ""},
		"an old one that is in use": {[]book{shelved(did(2, "", "w x: v1 -> v2"))[0], active(shelved(did(1, "", "w x: - -> v1"))[0])}, 1, ""},
		"damaged":                   {shelved(did(2, "", "w x: v1 -> v2"), damaged(1)), 1, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, v := range expendable(test.books, test.limit) {
				got = append(got, fmt.Sprint(v.number))
			}
			same(t, "numbers", strings.Join(got, " "), test.want)
		})
	}
}

// shelved makes the books of records.
func shelved(records ...*Record) (books []book) {
	known := map[Item]bool{}
	for _, r := range records {
		b := r.book(known)
		b.volume = &volume{number: r.Number}
		books = append(books, b)
	}
	return books
}
