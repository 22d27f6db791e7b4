// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/internal/printable"
)

// FirstFew names the first few of a list for a message, and how many more there are.
func FirstFew(texts []string) string { return First(5, texts) }

// First names the first texts of a list, at the most so many, and how many more there are.
func First(most int, texts []string) string {
	if len(texts) <= most {
		return strings.Join(texts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(texts[:most], ", "), len(texts)-most)
}

// Notes makes one text of those that are not empty.
func Notes(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "; ")
}

// maxNote bounds the note of an event, in bytes; the API server allows 1024.
const maxNote = 1000

// Bounded cuts a text to what the note of an event may hold.
func Bounded(text string) string { return printable.Truncate(text, maxNote) }

// Key names the object in messages.
func Key(o client.Object) string { return o.GetNamespace() + "/" + o.GetName() }
