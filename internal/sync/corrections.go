// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/printable"
)

// A second writer undoes every correction, and both tell that all is well in between. So what was corrected stays in status
// until a poll shows that it has held.

// maxChange bounds what status quotes of a change, in bytes.
const maxChange = 512

// corrected counts a write over a change that another writer has made.
func (r *recorder[O, W, H]) corrected(s *Scope[O]) {
	now := r.Pool.Clock().Now()
	sync := s.Sync()
	if sync.Corrections == nil {
		sync.Corrections = &v1alpha1.Corrections{SinceTime: metav1.NewTime(now)}
	}
	sync.Corrections.Count++
	sync.Corrections.By, sync.Corrections.Change = printable.Truncate(s.author, maxChange), printable.Truncate(s.drift, maxChange)
	r.corrections.made(client.ObjectKeyFromObject(s.Object), now)
}

// passed forgets corrections once a list that began after the last of them has found nothing new.
func (r *recorder[O, W, H]) passed(s *Scope[O]) {
	key := client.ObjectKeyFromObject(s.Object)
	if s.Sync().Corrections == nil || !r.corrections.before(key, s.Conn.ListedAt(r.Adapter.Kind().Resource)) {
		return
	}
	s.Sync().Corrections = nil
	r.corrections.forget(key)
}

// correctionNote tells people of another writer.
func correctionNote(c *v1alpha1.Corrections) string {
	return c.Change + "; corrected " + HowOften(int(c.Count), c.SinceTime.Time) + SecondWriter
}

// SecondWriter is what to do about corrections that do not end.
const SecondWriter = ". If this stays, another operator or a script writes to the same Novu environment: stop one of them"

// HowOften words a count, and since when.
func HowOften(count int, since time.Time) string {
	times := "once"
	if count > 1 {
		times = fmt.Sprintf("%d times", count)
	}
	return times + " since " + since.UTC().Format(time.RFC3339)
}

// corrections remembers when each object was last corrected, to the moment: times in status are whole seconds.
type corrections struct {
	mu   sync.Mutex
	last map[types.NamespacedName]time.Time
}

func (c *corrections) made(key types.NamespacedName, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		c.last = map[types.NamespacedName]time.Time{}
	}
	c.last[key] = at
}

// before reports whether the object was last corrected before the given time. What another process has corrected was
// corrected before any list of this one.
func (c *corrections) before(key types.NamespacedName, at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	last, known := c.last[key]
	return !known || last.Before(at)
}

func (c *corrections) forget(key types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.last, key)
}
