// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"sync"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/view"
)

// Successor is a kind of object that remembers what may still become of another one's writes once that is gone.
type Successor[O view.Object] interface {
	// Succeed takes from an object that claims the same what would be forgotten when that is deleted.
	Succeed(s *Scope[O], rival client.Object)
}

// startTime is when this operator began to work, as leader, on objects of one kind.
type startTime struct {
	once sync.Once
	at   time.Time
}

// note sets the time once. Times in status are whole seconds.
func (t *startTime) note(now time.Time) { t.once.Do(func() { t.at = now.Truncate(time.Second) }) }

// interrupted reports whether an operator before this one has worked on the object, which Novu has not been known to hold.
// It may have been killed while it waited for the answer to a creation.
func (c *converger[O, W, H]) interrupted(s *Scope[O]) bool {
	ready := apimeta.FindStatusCondition(s.before.Conditions, v1alpha1.ConditionReady)
	return s.before.ID == "" && ready != nil && ready.LastTransitionTime.Time.Before(c.started.at)
}

// lastWords writes status at the end of a reconcile that was cut off, and that says nothing more.
func (c *converger[O, W, H]) lastWords(ctx context.Context, s *Scope[O]) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return c.note(ctx, s)
}
