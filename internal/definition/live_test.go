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
	for _, tt := range []struct {
		recorded        []v1alpha1.LiveRevision
		namespace, want string
	}{
		{recorded, "b", "2"}, {recorded, "a", "1"}, {recorded, "c", ""}, {recorded[:1], "b", ""}, {nil, "a", ""},
	} {
		got := ""
		target := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: tt.namespace, Name: "prod"}}
		if live := LiveIn(tt.recorded, target); live != nil {
			got = live.Revision
		}
		if got != tt.want {
			t.Errorf("%v in %s/prod: revision %q, want %q", tt.recorded, tt.namespace, got, tt.want)
		}
	}
}
