package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
)

// protect keeps the finalizer exactly while the deletion policy needs it, in both directions.
func (r *Reconciler[O, W, H]) protect(ctx context.Context, s *Scope[O]) error {
	wanted := EffectiveDeletionPolicy(s.Object, r.DeletionPolicy) == v1alpha1.DeletionPolicyDelete
	if wanted == controllerutil.ContainsFinalizer(s.Object, v1alpha1.Finalizer) {
		return nil
	}
	if err := SetFinalizer(ctx, r.Client, s.Object, wanted); err != nil {
		return err
	}
	r.Environments.Wake(PriorityNormal, environmentOf(s.Object)) // it must stay as long as this object needs it
	return nil
}

// EffectiveDeletionPolicy is the object's own deletion policy, or the operator's default.
func EffectiveDeletionPolicy(o Object, fallback v1alpha1.DeletionPolicy) v1alpha1.DeletionPolicy {
	if own := o.Policies().Deletion; own != "" {
		return own
	}
	return fallback
}

// SetFinalizer adds or removes the operator's finalizer and nothing else. The patch fails if the object has changed
// meanwhile, so that nobody's finalizers are lost.
func SetFinalizer(ctx context.Context, c client.Client, o client.Object, wanted bool) error {
	patched := o.DeepCopyObject().(client.Object)
	if wanted {
		controllerutil.AddFinalizer(patched, v1alpha1.Finalizer)
	} else {
		controllerutil.RemoveFinalizer(patched, v1alpha1.Finalizer)
	}
	patch := client.MergeFromWithOptions(o, client.MergeFromWithOptimisticLock{})
	if err := c.Patch(ctx, patched, patch); err != nil {
		if !wanted && apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("set finalizer of %s: %w", Key(o), err)
	}
	o.SetFinalizers(patched.GetFinalizers())
	o.SetResourceVersion(patched.GetResourceVersion())
	return nil
}

// finalize lets the object go once Novu is as its deletion policy says.
func (r *Reconciler[O, W, H]) finalize(ctx context.Context, s *Scope[O]) error {
	if !controllerutil.ContainsFinalizer(s.Object, v1alpha1.Finalizer) {
		r.Environments.Nudge(environmentOf(s.Object)) // it counts
		return ErrGone
	}
	if err := r.release(ctx, s); err != nil {
		return blocked(err)
	}
	if err := SetFinalizer(ctx, r.Client, s.Object, false); err != nil {
		return err
	}
	r.Environments.Nudge(environmentOf(s.Object)) // it counts
	return ErrGone
}

// release deletes the object in Novu if that is wanted, possible, and its right.
func (r *Reconciler[O, W, H]) release(ctx context.Context, s *Scope[O]) error {
	retain := EffectiveDeletionPolicy(s.Object, r.DeletionPolicy) == v1alpha1.DeletionPolicyRetain
	if retain || s.Object.GetAnnotations()[v1alpha1.ForceDetachAnnotation] == "true" || s.neverWritten() {
		return nil
	}
	err := r.resolveForDeletion(ctx, s)
	if err == nil {
		err = r.deleteRemote(ctx, s)
	}
	if notItsOwn(err) || err != nil && r.lost(ctx, s, err) {
		return nil
	}
	return err
}

// neverWritten says that what Novu may hold under this identifier is not this object's: its conditions tell that it never
// came to a write. A first write that was not recorded, because the operator was killed, leaves other conditions.
func (s *Scope[O]) neverWritten() bool {
	ready := apimeta.FindStatusCondition(s.before.Conditions, v1alpha1.ConditionReady)
	return s.before.ID == "" && !s.before.Creating && ready != nil && slices.Contains(beforeWriting, ready.Reason)
}

// beforeWriting are the reasons of Ready that a reconcile ends with before anything is written.
var beforeWriting = []string{
	v1alpha1.ReasonEnvironmentNotFound, v1alpha1.ReasonEnvironmentReadOnly, v1alpha1.ReasonNamespaceNotAllowed,
	v1alpha1.ReasonSecretNotFound, v1alpha1.ReasonSecretKeyMissing, v1alpha1.ReasonConfigMapNotFound,
	v1alpha1.ReasonConfigMapKeyMissing, v1alpha1.ReasonLayoutNotReady, v1alpha1.ReasonInvalidSpec,
	v1alpha1.ReasonConflict, v1alpha1.ReasonCodeFirst, v1alpha1.ReasonAdoptionRefused,
}

// notItsOwn says that what Novu holds belongs to somebody else: an older object, application code, or whoever made it
// although adoption is refused.
func notItsOwn(err error) bool {
	var stalled *Stalled
	if !errors.As(err, &stalled) {
		return false
	}
	return stalled.Reason == v1alpha1.ReasonConflict || stalled.Reason == v1alpha1.ReasonCodeFirst ||
		stalled.Reason == v1alpha1.ReasonAdoptionRefused
}

// resolveForDeletion is content with a connection that is still open although its Environment or Secret is gone.
func (r *Reconciler[O, W, H]) resolveForDeletion(ctx context.Context, s *Scope[O]) error {
	err := r.resolve(ctx, s)
	if err == nil {
		return nil
	}
	var waiting *Waiting
	if !errors.As(err, &waiting) || waiting.Reason != v1alpha1.ReasonEnvironmentNotFound {
		return err
	}
	if s.Conn = r.Pool.Get(s.Object.Policies().EnvironmentRef.In(s.Object.GetNamespace())); s.Conn == nil {
		return err
	}
	return r.claim(ctx, s)
}

func (r *Reconciler[O, W, H]) deleteRemote(ctx context.Context, s *Scope[O]) error {
	if s.before.EnvironmentID != "" && s.before.EnvironmentID != s.Conn.Environment().ID {
		return Stalledf(v1alpha1.ReasonEnvironmentChanged,
			"the object was written to another Novu environment (%s) than the key now belongs to", s.before.EnvironmentID)
	}
	s.entry, s.known = r.External.Find(s)
	if err := r.mayDelete(ctx, s); err != nil {
		return err
	}
	if err := r.External.Delete(ctx, s); err != nil {
		return FromNovu(err)
	}
	s.Conn.Deleted(r.External.Resource(), s.ID())
	return nil
}

// mayDelete looks at what was never recorded as this object's before it is deleted.
func (r *Reconciler[O, W, H]) mayDelete(ctx context.Context, s *Scope[O]) error {
	if s.ours() {
		return nil
	}
	have, err := r.External.Observe(ctx, s)
	if err != nil || have == nil {
		return FromNovu(err)
	}
	return r.mayWrite(s, r.External.Facts(have))
}

// lost says that the Environment or its Secret went first in a namespace that is being torn down: nobody will bring them
// back, and waiting would keep the namespace for ever.
func (r *Reconciler[O, W, H]) lost(ctx context.Context, s *Scope[O], err error) bool {
	if _, ok := errors.AsType[*Waiting](err); !ok {
		return false
	}
	return Terminating(ctx, r.Live, s.Object.GetNamespace()) && r.abandoned(ctx, s)
}

func (r *Reconciler[O, W, H]) abandoned(ctx context.Context, s *Scope[O]) bool {
	key := s.Object.Policies().EnvironmentRef.In(s.Object.GetNamespace())
	return Abandoned(ctx, r.Live, r.Pool, key)
}

// Abandoned says that an Environment or its Secret is gone and no connection is left to work with.
func Abandoned(ctx context.Context, live client.Reader, pool *connection.Pool, key types.NamespacedName) bool {
	if pool.Get(key) != nil {
		return false
	}
	var environment v1alpha1.Environment
	if err := live.Get(ctx, key, &environment); err != nil {
		return apierrors.IsNotFound(err)
	}
	secret := metav1.PartialObjectMetadata{}
	secret.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	err := live.Get(ctx, types.NamespacedName{Namespace: key.Namespace, Name: environment.Spec.SecretKeyRef.Name}, &secret)
	return apierrors.IsNotFound(err)
}

// Terminating says whether the namespace is being deleted.
func Terminating(ctx context.Context, live client.Reader, namespace string) bool {
	var ns corev1.Namespace
	err := live.Get(ctx, types.NamespacedName{Name: namespace}, &ns)
	return apierrors.IsNotFound(err) || err == nil && !ns.DeletionTimestamp.IsZero()
}

// blocked words an error as the reason why a deletion waits.
func blocked(err error) error {
	message := fmt.Sprintf("cannot delete it in Novu: %s. To let go without deleting, set the annotation %s=true",
		err, v1alpha1.ForceDetachAnnotation)
	var (
		waiting   *Waiting
		stalled   *Stalled
		transient *Transient
	)
	switch {
	case errors.As(err, &transient):
		return &Transient{Reason: v1alpha1.ReasonDeletionBlocked, Message: message, After: transient.After, Err: err}
	case errors.As(err, &waiting):
		return &Waiting{Reason: v1alpha1.ReasonDeletionBlocked, Message: message}
	case errors.As(err, &stalled):
		return &Stalled{Reason: v1alpha1.ReasonDeletionBlocked, Message: message, Retry: true, Err: err}
	}
	return err
}
