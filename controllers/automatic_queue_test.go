// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

// Each is carried out, in order, with what it was made for, although the source has moved on twice since.
func TestAutomaticQueue(t *testing.T) {
	s := following(t, closed, "supersede: Queue")
	s.YAML(fmt.Sprintf(three, "one"))
	first := made(s, "prod", 1)[0]
	s.NotReady(first, first.Name, v1alpha1.ReasonFrozen)
	s.YAML(fmt.Sprintf(three, "two"))
	second := made(s, "prod", 2)[1]
	if got := s.NotReady(second, second.Name, v1alpha1.ReasonQueued); !strings.Contains(got, "waiting for Promotion "+s.Namespace+"/"+first.Name) {
		t.Error(got)
	}
	s.YAML(fmt.Sprintf(three, "three"))
	third := made(s, "prod", 3)[2]
	s.NotReady(third, third.Name, v1alpha1.ReasonQueued)
	if first.Spec.Items[0].Revision == "" || len(second.Spec.Items) != 1 || len(third.Spec.Items) != 1 {
		t.Errorf("items: %+v, %+v, %+v", first.Spec.Items, second.Spec.Items, third.Spec.Items)
	}
	follow(s, "prod", "Production", "dev", "historyLimit: 5", "supersede: Queue")
	promoted(s, first, first.Name, "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	promoted(s, second, second.Name, "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
	promoted(s, third, third.Name, "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
	for _, tc := range []struct {
		p        *v1alpha1.Promotion
		from, to string
	}{{second, `"one"`, `"two"`}, {third, `"two"`, `"three"`}} {
		if changes := tc.p.Status.Plan.Items[0].Changes; len(changes) != 1 || changes[0].From != tc.from || changes[0].To != tc.to {
			t.Errorf("%s: %+v", tc.p.Name, changes)
		}
	}
	settle(s)
	made(s, "prod", 3)
}

// One that fails does not hold up the others.
func TestAutomaticQueueGoesOn(t *testing.T) {
	s := following(t, "historyLimit: 5", "supersede: Queue")
	s.YAML(fmt.Sprintf(three, "one"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 1)[0].Name)
	lost := s.Novu.Inject(novutest.Fault{Method: "PUT", Path: "/v2/workflows/message/sync", Status: 400})
	s.YAML(fmt.Sprintf(three, "two"))
	second := made(s, "prod", 2)[1]
	s.NotReady(second, second.Name, v1alpha1.ReasonItemsFailed)
	lost()
	s.YAML(fmt.Sprintf(three, "three"))
	third := made(s, "prod", 3)[2]
	s.Ready(third, third.Name)
	if got := textIn(s, "Production"); got != "three" {
		t.Errorf("Production says %q", got)
	}
}

// One that cannot be promoted as it is makes way after all, or all that come after it would wait for ever.
func TestAutomaticQueueLetsGoOfWhatIsRefused(t *testing.T) {
	s := following(t, "missingIntegrations: Block", "supersede: Queue")
	s.YAML(fmt.Sprintf(three, "one"))
	first := made(s, "prod", 1)[0]
	s.NotReady(first, first.Name, v1alpha1.ReasonItemsRefused)
	s.YAML(fmt.Sprintf(three, "two"))
	second := made(s, "prod", 2)[1]
	if got := s.NotReady(first, first.Name, v1alpha1.ReasonSuperseded); !strings.Contains(got, second.Name) {
		t.Error(got)
	}
	s.NotReady(second, second.Name, v1alpha1.ReasonItemsRefused)
}
