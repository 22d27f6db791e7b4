// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

func TestLiveIn(t *testing.T) {
	recorded := []v1alpha1.LiveRevision{{Namespace: "a", Environment: "prod", Revision: "1"}, {Namespace: "b", Environment: "prod", Revision: "2"}}
	workflow, layout := &v1alpha1.Workflow{}, &v1alpha1.Layout{}
	workflow.Status.Environments, layout.Status.Environments = recorded, recorded[:1]
	for _, tt := range []struct {
		object          any
		namespace, want string
	}{
		{workflow, "b", "2"}, {workflow, "a", "1"}, {workflow, "c", ""}, {layout, "a", "1"}, {layout, "b", ""}, {&v1alpha1.Integration{}, "a", ""},
	} {
		got := ""
		target := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: tt.namespace, Name: "prod"}}
		if live := LiveIn(LiveRevisions(tt.object), target); live != nil {
			got = live.Revision
		}
		if got != tt.want {
			t.Errorf("%T in %s/prod: revision %q, want %q", tt.object, tt.namespace, got, tt.want)
		}
	}
}
