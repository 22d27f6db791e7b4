package engine

import (
	"context"
	"errors"
	"reflect"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
)

const (
	// TeardownPatience is how long the objects of a namespace that is being deleted try to be deleted in Novu, too, while
	// what keeps them from it may pass. A namespace must not wait forever for Novu to be repaired.
	TeardownPatience = 10 * time.Minute
	// TeardownRetry is the longest time between two tries meanwhile.
	TeardownRetry = time.Minute
)

// outOfTime hands the error back that keeps an object from being deleted in Novu, so that the object waits. In a namespace
// that is being deleted it swallows it once waiting is of no use, and tells what stays in Novu.
func (r *Reconciler[O, W, H]) outOfTime(ctx context.Context, s *Scope[O], err error) error {
	namespace, terminating := Terminating(ctx, r.Live, s.Object.GetNamespace())
	if !Expected(err) || !terminating {
		return err
	}
	s.teardown = true
	asked := s.Object.GetDeletionTimestamp()
	if r.Pool.Clock().Since(asked.Time) < TeardownPatience && !r.hopeless(ctx, s, err) {
		if waiting, ok := errors.AsType[*Waiting](err); ok {
			waiting.Poll = true // nobody announces that time has run out
		}
		return err
	}
	log.FromContext(ctx).Info("left in Novu: the namespace is being deleted", "id", s.ID(), "cause", err.Error())
	r.Recorder.Eventf(namespace, s.Object, corev1.EventTypeWarning, v1alpha1.ReasonLeftInNovu, "Delete", "%s", Bounded(
		reflect.TypeFor[O]().Elem().Name()+" "+Key(s.Object)+" is let go because its namespace is being deleted. "+
			"What it describes stays in Novu under the id "+s.ID()+": delete it there by hand if nobody needs it. "+
			"It could not be deleted: "+err.Error()))
	return nil
}

// hopeless says that what the deletion waits for will not come by itself: Novu refuses, the Environment or its Secret went
// first and nobody brings them back, or the way to Novu is closed on purpose.
func (r *Reconciler[O, W, H]) hopeless(ctx context.Context, s *Scope[O], err error) bool {
	var (
		stalled *Stalled
		waiting *Waiting
	)
	switch {
	case errors.As(err, &stalled):
		return stalled.Reason != v1alpha1.ReasonDryRun // the next operator may write again
	case !errors.As(err, &waiting):
		return false
	}
	switch key := environmentOf(s.Object); waiting.Reason {
	case v1alpha1.ReasonSuspended, v1alpha1.ReasonNamespaceNotAllowed:
		return true
	case v1alpha1.ReasonEnvironmentSuspended:
		_, terminating := Terminating(ctx, r.Live, key.Namespace)
		return terminating
	default:
		return keyRefused(s.Conn) || Abandoned(ctx, r.Live, r.Pool, key)
	}
}

// keyRefused says that nothing is sent to Novu because it refuses the key.
func keyRefused(conn *connection.Connection) bool {
	if conn == nil {
		return false
	}
	circuit := conn.Budget().Snapshot().Circuit
	return circuit.Open && !novu.IsUnavailable(circuit.Cause)
}

// Abandoned says that an Environment, or what it needs to connect, is gone and no connection is left to work with.
func Abandoned(ctx context.Context, live client.Reader, pool *connection.Pool, key types.NamespacedName) bool {
	if pool.Get(key) != nil {
		return false
	}
	var environment v1alpha1.Environment
	if err := live.Get(ctx, key, &environment); err != nil {
		return apierrors.IsNotFound(err)
	}
	if bundle := environment.Spec.CABundleRef; bundle != nil && missing(ctx, live, "ConfigMap", key.Namespace, bundle.Name) {
		return true
	}
	return missing(ctx, live, "Secret", key.Namespace, environment.Spec.SecretKeyRef.Name)
}

func missing(ctx context.Context, live client.Reader, kind, namespace, name string) bool {
	meta := metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kind))
	return apierrors.IsNotFound(live.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, &meta))
}

// Terminating returns the namespace and whether it is being deleted.
func Terminating(ctx context.Context, live client.Reader, name string) (*corev1.Namespace, bool) {
	namespace := &corev1.Namespace{}
	if err := live.Get(ctx, types.NamespacedName{Name: name}, namespace); err != nil {
		namespace.Name = name
		return namespace, apierrors.IsNotFound(err)
	}
	return namespace, !namespace.DeletionTimestamp.IsZero()
}
