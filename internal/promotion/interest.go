// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

const (
	// DefaultQuiet is how long nothing may have come or changed in a source before it is taken for settled.
	DefaultQuiet = 2 * time.Second
	// LongestQuiet is how long a source may be changed again and again before it is taken as it is all the same.
	LongestQuiet = 30 * time.Second
)

// Interest knows which Promotions are to be woken when the objects of an Environment change, and since when those have been
// quiet. The zero value is ready to use.
type Interest struct {
	mu     sync.Mutex
	joined map[types.NamespacedName]*member // by Promotion
}

type member struct {
	environment types.NamespacedName
	quiet       time.Time
}

// Join makes the Promotion hear of the Environment from now on. It returns since when nothing has happened that the
// Promotion should wait for to end: neither did it come itself, nor was a definition changed.
func (i *Interest) Join(promotion, environment types.NamespacedName, now time.Time) (quiet time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	known := i.joined[promotion]
	if known == nil || known.environment != environment {
		known = &member{environment: environment, quiet: now}
		if i.joined == nil {
			i.joined = map[types.NamespacedName]*member{}
		}
		i.joined[promotion] = known
	}
	return known.quiet
}

// Leave ends the interest of a Promotion.
func (i *Interest) Leave(promotion types.NamespacedName) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.joined, promotion)
}

// Changed notes that a definition of the Environment came, went or changed.
func (i *Interest) Changed(environment types.NamespacedName, now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, member := range i.joined {
		if member.environment == environment && now.After(member.quiet) {
			member.quiet = now
		}
	}
}

// In returns the Promotions that are interested in the Environment.
func (i *Interest) In(environment types.NamespacedName) (promotions []types.NamespacedName) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for promotion, member := range i.joined {
		if member.environment == environment {
			promotions = append(promotions, promotion)
		}
	}
	return promotions
}
