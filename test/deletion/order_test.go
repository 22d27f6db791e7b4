// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/test/harness"
)

// goers are what can be deleted, and under which name.
var goers = map[string]client.Object{
	"object": &v1alpha1.Workflow{}, "Environment": &v1alpha1.Environment{}, "Secret": &corev1.Secret{},
}

var names = map[string]string{"object": "order", "Environment": "dev", "Secret": "dev-key"}

var orders = []string{
	"object Environment Secret", "object Secret Environment", "Environment object Secret",
	"Environment Secret object", "Secret object Environment", "Secret Environment object",
}

// TestOrders deletes an object, its Environment and the Secret in every order, at once and step by step. Under Delete, the
// object waits at most until the Secret is there again, and nothing is left anywhere. Under Retain nothing waits.
func TestOrders(t *testing.T) {
	t.Parallel()
	for _, order := range orders {
		for _, pace := range []string{"at once", "step by step"} {
			for _, policy := range []v1alpha1.DeletionPolicy{retain, remove} {
				t.Run(strings.Join([]string{string(policy), order, pace}, ", "), func(t *testing.T) {
					t.Parallel()
					s := staged(t, retain)
					s.YAML(workflow("order", policy))
					s.Ready(&v1alpha1.Workflow{}, "order")
					finalized(s, &v1alpha1.Environment{}, "dev", policy == remove)
					s.Novu.ClearRequests()
					for goer := range strings.SplitSeq(order, " ") {
						drop(s, goers[goer], names[goer])
						if pace == "step by step" {
							noticed(s, goer)
						}
					}
					if policy == remove {
						s.Secret("dev-key", map[string]string{"secretKey": s.Novu.Environment("Development").SecretKey})
					}
					s.Gone(&v1alpha1.Workflow{}, "order")
					s.Gone(&v1alpha1.Environment{}, "dev")
					holds(s, "order", policy == retain)
					if n := s.Novu.Count(http.MethodDelete, ""); policy == retain && n > 0 {
						t.Errorf("%d calls to delete something under Retain", n)
					}
				})
			}
		}
	}
}

// noticed waits until the operator has dealt with a deletion as far as it can.
func noticed(s *harness.Stage, goer string) {
	s.Helper()
	s.Eventually("the operator notices that the "+goer+" is deleted", func() error {
		o := goers[goer].DeepCopyObject().(client.Object)
		err := s.Get(s.Context(), s.Key(names[goer]), o)
		if err == nil {
			return blockedOrInUse(o)
		}
		if goer != "Secret" {
			return client.IgnoreNotFound(err)
		}
		var e v1alpha1.Environment
		if err := s.Get(s.Context(), s.Key("dev"), &e); err != nil || e.DeletionTimestamp != nil {
			return client.IgnoreNotFound(err) // it needs the Secret no more, or has a connection
		}
		return unless(reason(&e) == v1alpha1.ReasonSecretNotFound, "the Environment is "+reason(&e))
	})
}

func blockedOrInUse(o client.Object) error {
	now := reason(o)
	return unless(now == v1alpha1.ReasonDeletionBlocked || now == v1alpha1.ReasonInUse, "it is still there and "+now)
}

func reason(o client.Object) string {
	for _, c := range harness.Conditions(o) {
		if c.Type == v1alpha1.ConditionReady {
			return c.Reason
		}
	}
	return ""
}
