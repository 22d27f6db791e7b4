// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"fmt"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
)

// TestPolicyTransitions changes the policy of objects in every way and deletes them: what counts is the last policy, and
// the finalizer is there exactly while it is needed.
func TestPolicyTransitions(t *testing.T) {
	t.Parallel()
	for _, fallback := range []v1alpha1.DeletionPolicy{retain, remove} {
		t.Run("default "+string(fallback), func(t *testing.T) {
			t.Parallel()
			s := staged(t, fallback)
			s.YAML(layout("house", retain)) // Novu lets nobody delete the first layout
			s.Ready(&v1alpha1.Layout{}, "house")
			t.Run("all", func(t *testing.T) {
				for kind, k := range kinds {
					for _, from := range []v1alpha1.DeletionPolicy{none, retain, remove} {
						for _, to := range []v1alpha1.DeletionPolicy{none, retain, remove} {
							name := strings.ToLower(fmt.Sprintf("%s-%s-to-%s", kind, or(from, "none"), or(to, "none")))
							t.Run(name, func(t *testing.T) {
								t.Parallel()
								s, o := as(s, t), k.empty()
								s.YAML(k.manifest(name, from))
								s.Ready(o, name)
								finalized(s, o, name, or(from, fallback) == remove)
								s.YAML(k.manifest(name, to))
								finalized(s, o, name, or(to, fallback) == remove)
								s.Ready(o, name)
								drop(s, o, name)
								s.Gone(o, name)
								holds(s, name, or(to, fallback) == retain)
							})
						}
					}
				}
			})
		})
	}
}

func or(policy, fallback v1alpha1.DeletionPolicy) v1alpha1.DeletionPolicy {
	if policy == none {
		return fallback
	}
	return policy
}

// TestPolicyDecidesWhileDeletionIsBlocked changes its mind while Novu cannot be reached.
func TestPolicyDecidesWhileDeletionIsBlocked(t *testing.T) {
	t.Parallel()
	s := staged(t, retain)
	s.YAML(workflow("undecided", remove))
	s.Ready(&v1alpha1.Workflow{}, "undecided")
	unreachable(s)
	drop(s, &v1alpha1.Workflow{}, "undecided")
	s.NotReady(&v1alpha1.Workflow{}, "undecided", v1alpha1.ReasonDeletionBlocked)
	patch(s, &v1alpha1.Workflow{}, "undecided", `{"spec":{"deletionPolicy":"Retain"}}`)
	s.Gone(&v1alpha1.Workflow{}, "undecided")
	holds(s, "undecided", true)
}
