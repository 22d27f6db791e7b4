// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/guard"
	"novu-operator.dev/internal/requeue"
)

// guard has the target's freeze and hold outlast it, and takes over what an earlier Environment of the same identity has left. It is
// called as soon as that identity is known, before anything is asked of Novu that may take long.
func (g *guardian) guard(ctx context.Context, s *scope) error {
	e := s.environment
	if e.Status.EnvironmentID == "" || g.Pool.ReadOnly() || !mayBeGuarded(s) {
		return nil
	}
	if err := g.guardDeparted(ctx, client.ObjectKeyFromObject(e)); err != nil {
		return err
	}
	state, err := g.keepGuard(ctx, e, true)
	if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return nil // it goes with all that is kept
	}
	if err != nil {
		return err
	}
	g.tellKept(s, state.Kept)
	return nil
}

// mayBeGuarded reports whether something may be kept of the Environment: it is a target, or was one.
func mayBeGuarded(s *scope) bool {
	status := &s.before.Status
	return s.environment.IsPromotionTarget() || status.Freeze != nil || status.Hold != nil || status.ObservedGeneration != s.environment.Generation
}

// keepGuard brings what is kept in line with the Environment. Before it forgets something it asks the API server, if the Environment
// is still there to ask about: the cache may know an older state, or an older object of the name.
func (g *guardian) keepGuard(ctx context.Context, e *v1alpha1.Environment, exists bool) (guard.State, error) {
	store, now := &guard.Store{Client: g.Client, Live: g.Live}, g.Pool.Clock().Now()
	old := g.guards.Get(e, now)
	if old == nil || !exists {
		var err error
		if old, err = store.Read(ctx, e); err != nil {
			return guard.State{}, err
		}
		g.guards.Put(e, old, now)
	}
	next := guard.Next(old.State, e, now)
	if unchanged(old.State, next) {
		return next, nil
	}
	g.guards.Drop(client.ObjectKeyFromObject(e))
	if exists {
		current, err := g.confirmed(ctx, e)
		if err != nil {
			return next, err
		}
		if next = guard.Next(old.State, current, now); next.Hold != nil && current.Status.Hold == nil {
			if err := promotion.Hold(ctx, g.Client, e, next.Hold); err != nil {
				return next, err
			}
			g.Recorder.Eventf(e, nil, corev1.EventTypeNormal, v1alpha1.ReasonHeld, "Hold", "%s", automatic.HeldBy(e, next.Hold))
		}
	}
	return next, store.Write(ctx, e, old, next)
}

func unchanged(old, next guard.State) bool {
	return old.Empty() && next.Empty() || equality.Semantic.DeepEqual(old, next)
}

// confirmed is the Environment as the API server has it. If another one has taken its place the error is a conflict.
func (g *guardian) confirmed(ctx context.Context, e *v1alpha1.Environment) (*v1alpha1.Environment, error) {
	current := &v1alpha1.Environment{}
	err := g.Live.Get(ctx, client.ObjectKeyFromObject(e), current)
	if apierrors.IsNotFound(err) || err == nil && current.UID != e.UID {
		resource := v1alpha1.GroupVersion.WithResource("environments").GroupResource()
		return nil, apierrors.NewConflict(resource, e.Name, fmt.Errorf("the Environment with the UID %s is gone", e.UID))
	}
	current.Status.EnvironmentID = e.Status.EnvironmentID
	return current, err
}

// tellKept shows a freeze that an earlier Environment has left behind.
func (g *guardian) tellKept(s *scope, kept *v1alpha1.KeptFreeze) {
	e := s.environment
	e.Status.Freeze = kept
	if kept == nil {
		if apimeta.RemoveStatusCondition(&e.Status.Conditions, v1alpha1.ConditionFrozen) {
			g.Recorder.Eventf(e, nil, corev1.EventTypeNormal, v1alpha1.ReasonFreezeLifted, "Thaw", "the freeze that an earlier Environment of this name left behind was lifted, or is over")
		}
		return
	}
	message := guard.Explain(e, kept)
	changed := apimeta.SetStatusCondition(&e.Status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionFrozen, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonFreezeKept, Message: message,
		ObservedGeneration: e.Generation,
	})
	if changed && s.before.Status.Freeze == nil {
		g.Recorder.Eventf(e, nil, corev1.EventTypeWarning, v1alpha1.ReasonFreezeKept, "Freeze", "%s", message)
	}
}

// departures are Environments that were deleted, as they were at last, until it is kept what is to outlast them: one may have been
// frozen a moment before.
type departures struct {
	mu   sync.Mutex
	last map[types.NamespacedName]*v1alpha1.Environment
}

func (d *departures) add(e *v1alpha1.Environment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last == nil {
		d.last = map[types.NamespacedName]*v1alpha1.Environment{}
	}
	d.last[client.ObjectKeyFromObject(e)] = e
}

func (d *departures) of(key types.NamespacedName) *v1alpha1.Environment {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last[key]
}

// done forgets an Environment, unless another of the name has gone since.
func (d *departures) done(e *v1alpha1.Environment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last[client.ObjectKeyFromObject(e)] == e {
		delete(d.last, client.ObjectKeyFromObject(e))
	}
}

// depart notes the last state of an Environment that is gone.
func (g *guardian) depart(o client.Object) {
	e := o.(*v1alpha1.Environment)
	g.guards.Drop(client.ObjectKeyFromObject(e))
	if e.IsPromotionTarget() && e.Status.EnvironmentID != "" && (e.Spec.PromotionPolicy.Freeze != nil || e.Status.Hold != nil) {
		g.departed.add(e)
		g.Waker.Wake(requeue.PriorityNormal, client.ObjectKeyFromObject(e))
	}
}

// guardDeparted keeps what is to outlast an Environment that was deleted, once.
func (g *guardian) guardDeparted(ctx context.Context, key types.NamespacedName) error {
	e := g.departed.of(key)
	if e == nil {
		return nil
	}
	_, err := g.keepGuard(ctx, e, false)
	if err == nil || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		g.departed.done(e)
		return nil
	}
	log.FromContext(ctx).Error(err, "cannot keep yet what is to outlast an Environment that was deleted")
	return err
}
