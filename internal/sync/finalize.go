// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"fmt"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/view"
)

// protect keeps the finalizer exactly while the deletion policy needs it, in both directions.
func (f *finalizer[O, W, H]) protect(ctx context.Context, s *Scope[O]) error {
	wanted := EffectiveDeletionPolicy(s.Object, f.DeletionPolicy) == v1alpha1.DeletionPolicyDelete
	if wanted == controllerutil.ContainsFinalizer(s.Object, v1alpha1.Finalizer) {
		return nil
	}
	return reconcile.SetFinalizer(ctx, f.Client, s.Object, wanted)
}

// EffectiveDeletionPolicy is the object's own deletion policy, or the operator's default.
func EffectiveDeletionPolicy(o view.Object, fallback v1alpha1.DeletionPolicy) v1alpha1.DeletionPolicy {
	if own := view.Of(o).DeletionPolicy; own != "" {
		return own
	}
	return fallback
}

// finalize lets the object go once Novu is as its deletion policy says.
func (f *finalizer[O, W, H]) finalize(ctx context.Context, s *Scope[O]) error {
	if !controllerutil.ContainsFinalizer(s.Object, v1alpha1.Finalizer) {
		return reconcile.ErrGone
	}
	if err := f.release(ctx, s); err != nil {
		return err
	}
	if err := reconcile.SetFinalizer(ctx, f.Client, s.Object, false); err != nil {
		return err
	}
	log.FromContext(ctx).Info("let go", "deletedInNovu", s.described != "")
	return reconcile.ErrGone
}

// release deletes the object in Novu if that is wanted, possible, and its right.
func (f *finalizer[O, W, H]) release(ctx context.Context, s *Scope[O]) error {
	if !f.mustDelete(s.Object, &s.before) {
		return nil
	}
	err := f.releaseInNovu(ctx, s)
	if err == nil || notItsOwn(err) {
		return nil
	}
	return f.outOfTime(ctx, s, err)
}

// releaseInNovu leaves what Novu holds to another object that describes it, without asking Novu, or deletes it.
func (f *finalizer[O, W, H]) releaseInNovu(ctx context.Context, s *Scope[O]) error {
	if left, err := f.leave(ctx, s, s.before.EnvironmentID); left || err != nil {
		return err
	}
	ctx, err := f.connectForDeletion(ctx, s)
	if err != nil {
		return err
	}
	return f.deleteRemote(ctx, s)
}

// leave reports whether what Novu holds is left to another object, and tells so: who renames an object, or moves it to another
// namespace, wants to keep what Novu knows of it, its internal ids and subscribers' preferences included.
func (f *finalizer[O, W, H]) leave(ctx context.Context, s *Scope[O], environmentID string) (bool, error) {
	heir, err := f.Heir(ctx, s.Object, environmentID)
	if err != nil || heir == nil {
		return false, err
	}
	kind := reflect.TypeFor[O]().Elem().Name()
	log.FromContext(ctx).Info("left in Novu to another object", "id", s.ID(), "heir", heir.Name)
	f.Recorder.Eventf(heir.Object, s.Object, corev1.EventTypeNormal, v1alpha1.ReasonTakenOver, "Delete", "%s", reconcile.Bounded(fmt.Sprintf(
		"%s %s is deleted, and what Novu holds of %q stays: %s describes it, too", kind, reconcile.Key(s.Object), s.ID(), heir.Name)))
	return true, nil
}

// MustDelete reports whether an object that goes is to be deleted in Novu, and may be there as the object's own: the first
// write is announced in status.
func (r *Reconciler[O, W, H]) MustDelete(o O, status *v1alpha1.SyncStatus) bool {
	return EffectiveDeletionPolicy(o, r.DeletionPolicy) == v1alpha1.DeletionPolicyDelete &&
		o.GetAnnotations()[v1alpha1.ForceDetachAnnotation] != "true" && (status.ID != "" || status.Creating)
}

// notItsOwn reports whether what Novu holds belongs to another owner: application code, or whoever made it although adoption is
// refused.
func notItsOwn(err error) bool {
	o := reconcile.OutcomeOf(err)
	return o.Kind == reconcile.Stalled && (o.Reason == v1alpha1.ReasonCodeFirst || o.Reason == v1alpha1.ReasonAdoptionRefused)
}

// connectForDeletion is content with a connection that is still open although its Environment is gone. Then nothing else
// finds out whether Novu can be reached again: calls with the context that it returns do.
func (f *finalizer[O, W, H]) connectForDeletion(ctx context.Context, s *Scope[O]) (context.Context, error) {
	if view.Of(s.Object).Suspend {
		return ctx, reconcile.Waitingf(v1alpha1.ReasonSuspended, "it is suspended: set spec.suspend to false")
	}
	err := f.connect(ctx, s)
	if !waitsFor(err, v1alpha1.ReasonEnvironmentNotFound) {
		return ctx, err
	}
	if s.Conn = f.Pool.Get(view.Environment(s.Object)); s.Conn == nil {
		return ctx, err
	}
	return novu.WithProbe(ctx), nil
}

func waitsFor(err error, reason string) bool {
	o := reconcile.OutcomeOf(err)
	return o.Kind == reconcile.Waiting && o.Reason == reason
}

func (f *finalizer[O, W, H]) deleteRemote(ctx context.Context, s *Scope[O]) error {
	if s.before.EnvironmentID != "" && s.before.EnvironmentID != s.Conn.Environment().ID {
		return reconcile.Stalledf(v1alpha1.ReasonEnvironmentChanged,
			"it was written to the Novu environment %s, and the key of Environment %s now belongs to another one: correct the Secret",
			s.before.EnvironmentID, view.Environment(s.Object))
	}
	s.entry, s.known = f.Adapter.Find(s)
	if len(s.entry.Duplicates) > 0 {
		return duplicated(s)
	}
	if err := f.mayDelete(ctx, s); err != nil {
		return err
	}
	if left, err := f.leave(ctx, s, s.Conn.Environment().ID); left || err != nil {
		return err // it has come meanwhile
	}
	if err := f.remove(ctx, s); err != nil {
		return err
	}
	s.described = "deleted"
	return f.sweep(ctx, s)
}

// remove deletes the object in Novu, unless its kind has a reason to wait.
func (f *finalizer[O, W, H]) remove(ctx context.Context, s *Scope[O]) error {
	if guard, ok := any(f.Adapter).(DeletionGuard[O]); ok {
		if err := guard.MayDelete(ctx, s); err != nil {
			return err
		}
	}
	kind := f.Adapter.Kind()
	if !s.known && kind.ByInternalID {
		if err := s.Conn.Refresh(ctx, kind.Resource, s.Conn.Now()); err != nil {
			return err
		}
		s.entry, s.known = f.Adapter.Find(s)
	}
	ref := remote.Ref{ID: s.ID()}
	if kind.ByInternalID {
		ref.Internal = s.entry.ID
	}
	return kind.Remove(ctx, s.Conn, ref)
}

// mayDelete looks at what was never recorded as this object's before it is deleted.
func (f *finalizer[O, W, H]) mayDelete(ctx context.Context, s *Scope[O]) error {
	if s.ours() {
		return nil
	}
	have, err := f.Adapter.Observe(ctx, s)
	if err != nil || have == nil {
		return err
	}
	return f.mayWrite(s, f.Adapter.Kind().Facts(have), false)
}

// blocked is the outcome of a deletion that waits because of another. It is tried again whatever that is: in Novu, nothing
// tells when the way is free, nor, in a namespace that is being deleted, that time has run out.
func blocked(cause reconcile.Outcome, teardown bool) reconcile.Outcome {
	o := reconcile.Outcome{
		Kind: cause.Kind, Reason: v1alpha1.ReasonDeletionBlocked, RetryAfter: cause.RetryAfter, Err: cause.Err,
		Message: fmt.Sprintf("cannot delete it in Novu: %s. To let go without deleting, set the annotation %s=true",
			cause.Message, v1alpha1.ForceDetachAnnotation),
	}
	switch cause.Kind {
	case reconcile.Waiting:
		o.Poll = cause.Poll || teardown
	case reconcile.Stalled:
		o.Poll = true
	case reconcile.Transient:
	default:
		return cause
	}
	if cause.Reason == v1alpha1.ReasonLayoutInUse {
		o.Reason = v1alpha1.ReasonLayoutInUse
	}
	return o
}
