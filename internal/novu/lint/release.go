// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"cmp"
	"maps"
)

// Release is a release of Novu.
type Release string

// The releases whose rules are known.
const (
	Release315 Release = "3.15"
	Release319 Release = "3.19"
)

// rulebook is what differs between the rules of releases.
type rulebook struct {
	schemas map[string]object // of control values, by type of step
	// own: a step made in Novu is judged by the schema of its type. Without it, by the one that it was made with.
	own bool
	// strange: a control value that the schema does not know is an error of its own. Without it, Novu does not tell of it.
	strange bool
	// email and chat are the control values that a step of the type has besides those that every release knows.
	email, chat []string
}

var rulebooks = map[Release]*rulebook{
	Release315: {schemas: controlSchemas},
	Release319: {
		schemas: withNewer(controlSchemas, newerSchemas), own: true, strange: true,
		email: []string{"preheader", "replyTo", "useProviderDefaults"}, chat: []string{"editorType"},
	},
}

func withNewer(schemas, newer map[string]object) map[string]object {
	out := maps.Clone(schemas)
	maps.Copy(out, newer)
	return out
}

// book is the rulebook of the release; one that is not known is taken for the newest.
func (r Rules) book() *rulebook {
	if b := rulebooks[cmp.Or(r.Release, Release315)]; b != nil {
		return b
	}
	return rulebooks[Release319]
}
