// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

// noon is when most tests take place.
var noon = time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)

func metaTime(t time.Time) metav1.Time { return metav1.NewTime(t) }

func ago(d time.Duration) *metav1.Time { return new(metaTime(noon.Add(-d))) }

// anInput is of a target without gates of its own and a source that is ready.
func anInput(now time.Time) *Input {
	return &Input{
		Now:       now,
		Target:    anEnvironment("production", &v1alpha1.PromotionPolicy{}),
		Promotion: &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: "novu", Name: "release-7", Generation: 3}},
		Source:    aPlace("development"),
	}
}

func anEnvironment(name string, promotion *v1alpha1.PromotionPolicy) *v1alpha1.Environment {
	return &v1alpha1.Environment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "novu", Name: name},
		Spec:       v1alpha1.EnvironmentSpec{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "novu"}, PromotionPolicy: promotion},
		Status:     v1alpha1.EnvironmentStatus{Conditions: []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue}}},
	}
}

func aPlace(name string, live ...Live) Place {
	return Place{Name: "novu/" + name, Environment: anEnvironment(name, nil), Live: live}
}

func anItem(name, revision string) Item {
	return Item{Kind: v1alpha1.PromotionItemWorkflow, ID: name, Namespace: "novu", Name: name, Revision: revision}
}
