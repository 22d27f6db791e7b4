// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

// outOfTime hands the error back that keeps an object from being deleted in Novu, so that the object waits. In a namespace
// that is being deleted it swallows it once waiting is of no use, and tells what stays in Novu.
func (f *finalizer[O, W, H]) outOfTime(ctx context.Context, s *Scope[O], err error) error {
	namespace, terminating := reconcile.Terminating(ctx, f.Live, s.Object.GetNamespace())
	if !reconcile.Expected(err) || !terminating {
		return err
	}
	s.teardown = true
	asked := s.Object.GetDeletionTimestamp()
	if f.Pool.Clock().Since(asked.Time) < reconcile.TeardownPatience && !f.hopeless(ctx, s, err) {
		return err
	}
	cause := reconcile.OutcomeOf(err).Message
	log.FromContext(ctx).Info("left in Novu: the namespace is being deleted", "id", s.ID(), "cause", cause)
	f.Recorder.Eventf(namespace, s.Object, corev1.EventTypeWarning, v1alpha1.ReasonLeftInNovu, "Delete", "%s", reconcile.Bounded(
		reflect.TypeFor[O]().Elem().Name()+" "+reconcile.Key(s.Object)+" is let go because its namespace is being deleted. "+
			"What it describes stays in Novu under the id "+s.ID()+": delete it there by hand if it is no longer needed. "+
			"It could not be deleted: "+cause))
	return nil
}

// hopeless reports whether what the deletion waits for will not come by itself: Novu refuses, the Environment or its Secret went
// first and do not come back, or the way to Novu is closed on purpose.
func (f *finalizer[O, W, H]) hopeless(ctx context.Context, s *Scope[O], err error) bool {
	o := reconcile.OutcomeOf(err)
	switch o.Kind {
	case reconcile.Stalled:
		return o.Reason != v1alpha1.ReasonDryRun // the next operator may write again
	case reconcile.Waiting:
	default:
		return false
	}
	switch key := view.Environment(s.Object); o.Reason {
	case v1alpha1.ReasonSuspended, v1alpha1.ReasonNamespaceNotAllowed:
		return true
	case v1alpha1.ReasonEnvironmentSuspended:
		_, terminating := reconcile.Terminating(ctx, f.Live, key.Namespace)
		return terminating
	default:
		return keyRefused(s.Conn) || reconcile.Abandoned(ctx, f.Live, f.Pool, key)
	}
}

// keyRefused reports whether nothing is sent to Novu because it refuses the key.
func keyRefused(conn *connection.Connection) bool {
	if conn == nil {
		return false
	}
	circuit := conn.Budget().Snapshot().Circuit
	return circuit.Open && !novu.IsUnavailable(circuit.Cause)
}
