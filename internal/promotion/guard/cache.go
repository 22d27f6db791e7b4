// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// freshness is how long what was read is used: an administrator may have deleted it meanwhile, and it is then written again.
const freshness = 10 * time.Minute

// Cache remembers what is kept of targets, so that it is not read at each reconcile: this process alone writes it. It knows
// nothing of an Environment that was created again, or leads to another Novu environment. The zero value is ready to use.
type Cache struct {
	mu    sync.Mutex
	known map[types.NamespacedName]remembered
}

type remembered struct {
	uid           types.UID
	environmentID string
	read          time.Time
	entry         *Entry
}

// Get returns what is kept of the target; nil: it must be read.
func (c *Cache) Get(target *v1alpha1.Environment, now time.Time) *Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.known[client.ObjectKeyFromObject(target)]
	if !ok || known.uid != target.UID || known.environmentID != target.Status.EnvironmentID || now.Sub(known.read) > freshness {
		return nil
	}
	return known.entry
}

// Put remembers what was read. It must not be changed any more.
func (c *Cache) Put(target *v1alpha1.Environment, entry *Entry, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[types.NamespacedName]remembered{}
	}
	c.known[client.ObjectKeyFromObject(target)] = remembered{target.UID, target.Status.EnvironmentID, now, entry}
}

// Drop forgets a target, because something else is kept of it now.
func (c *Cache) Drop(target types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, target)
}
