// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

func TestCache(t *testing.T) {
	now := time.Now()
	target := func(uid types.UID, environmentID string) *v1alpha1.Environment {
		e := &v1alpha1.Environment{}
		e.Namespace, e.Name, e.UID, e.Status.EnvironmentID = "shop", "prod", uid, environmentID
		return e
	}
	for name, test := range map[string]struct {
		target *v1alpha1.Environment
		later  time.Duration
		drop   bool
		found  bool
	}{
		"the same":                      {target: target("1", "novu"), later: freshness, found: true},
		"created again":                 {target: target("2", "novu")},
		"with another Novu environment": {target: target("1", "other")},
		"long ago":                      {target: target("1", "novu"), later: freshness + 1},
		"written since":                 {target: target("1", "novu"), drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			var cache Cache
			if cache.Get(test.target, now) != nil {
				t.Error("it knows something already")
			}
			entry := &Entry{number: 7}
			cache.Put(target("1", "novu"), entry, now)
			if test.drop {
				cache.Drop(types.NamespacedName{Namespace: "shop", Name: "prod"})
			}
			if got := cache.Get(test.target, now.Add(test.later)); (got == entry) != test.found || got != nil && !test.found {
				t.Errorf("got %+v", got)
			}
		})
	}
}
