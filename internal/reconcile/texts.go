package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// FirstFew names the first few of a list for a message, and how many more there are.
func FirstFew(texts []string) string {
	const most = 5
	if len(texts) <= most {
		return strings.Join(texts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(texts[:most], ", "), len(texts)-most)
}

// Notes makes one text of those that are not empty.
func Notes(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "; ")
}

// Truncate cuts a text to at most so many bytes, between two characters, and shows that.
func Truncate(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-len("…")], "") + "…"
}

// maxNote bounds the note of an event, in bytes; the API server allows 1024.
const maxNote = 1000

// Bounded cuts a text to what the note of an event may hold.
func Bounded(text string) string { return Truncate(text, maxNote) }

// Key names the object in messages.
func Key(o client.Object) string { return o.GetNamespace() + "/" + o.GetName() }
