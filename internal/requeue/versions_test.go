// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package requeue

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

func TestVersions(t *testing.T) {
	at := func(uid, version string) *v1alpha1.Workflow {
		return &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{UID: types.UID(uid), ResourceVersion: version}}
	}
	for name, test := range map[string]struct {
		noted, seen *v1alpha1.Workflow
		want        bool
	}{
		"nothing is known":                   {seen: at("a", "5")},
		"the cache has caught up":            {noted: at("a", "9"), seen: at("a", "9")},
		"the cache is ahead":                 {noted: at("a", "9"), seen: at("a", "10")},
		"the cache is behind":                {noted: at("a", "10"), seen: at("a", "9"), want: true},
		"it was made anew":                   {noted: at("a", "10"), seen: at("b", "9")},
		"versions that are no numbers":       {noted: at("a", "x"), seen: at("a", "9")},
		"the write was refused, none is set": {noted: at("a", ""), seen: at("a", "9")},
	} {
		t.Run(name, func(t *testing.T) {
			var v versions
			key := types.NamespacedName{Namespace: "ns", Name: "w"}
			if test.noted != nil {
				v.note(key, test.noted)
			}
			if got := v.newer(key, test.seen); got != test.want {
				t.Errorf("newer: %v", got)
			}
			v.forget(key)
			if v.newer(key, test.seen) {
				t.Error("it was not forgotten")
			}
		})
	}
}
