// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/view"
)

// Unsettled is how recent a list must be for an object of unknown history: who creates it in Novu by hand and applies
// the manifest right after must not find it overwritten as if it had not been there.
const Unsettled = 100 * time.Millisecond

// Reconciler drives objects of one kind.
type Reconciler[O view.Object, W, H any] struct {
	Client   client.Client
	Live     client.Reader
	Pool     *connection.Pool
	Adapter  Adapter[O, W, H]
	Recorder events.EventRecorder
	// Rival finds the object that claims the same with more right; nil if there is none.
	Rival func(ctx context.Context, o O, environmentID string) (*Rival, error)
	// Heir finds the object that what Novu holds is left to when this one is deleted; nil if there is none.
	Heir func(ctx context.Context, o O, environmentID string) (*Rival, error)
	// Environments is told of trouble with a connection.
	Environments *requeue.Waker
	// Reassessments of definitions that Novu complains about.
	Reassessments *Reassessments
	// DeletionPolicy of objects that do not set their own.
	DeletionPolicy v1alpha1.DeletionPolicy

	started     startTime
	backoff     requeue.Backoff
	rounds      rounds
	corrections corrections
}

// Reconcile drives one object towards its spec. Status is written once, at the end.
func (r *Reconciler[O, W, H]) Reconcile(ctx context.Context, object O) (ctrl.Result, error) {
	s := NewScope(object, r.Client, r.Live)
	r.started.note(r.Pool.Clock().Now())
	if err := r.begin(ctx, s); err != nil {
		return requeue.Abandon(ctx, err)
	}
	if s.before.ObservedGeneration != object.GetGeneration() {
		r.backoff.Forget(object)                        // what failed was another spec
		ctx = novu.WithPriority(ctx, novu.PriorityUser) // a user waits for this one
	}
	return r.reporter().finish(ctx, s, r.drive(ctx, s))
}

// begin says of a new object that work on it has begun: without any condition, tools would take it for done.
func (r *Reconciler[O, W, H]) begin(ctx context.Context, s *Scope[O]) error {
	sync := s.Sync()
	if len(sync.Conditions) > 0 || !s.Object.GetDeletionTimestamp().IsZero() || s.tooDeep() {
		return nil
	}
	reconcile.Begin(reconcile.Conditions{List: &sync.Conditions, Generation: s.Object.GetGeneration()})
	return r.note(ctx, s)
}

// note writes status before the end of a reconcile.
func (r *Reconciler[O, W, H]) note(ctx context.Context, s *Scope[O]) error {
	if err := reconcile.WriteStatus(ctx, r.Client, r.Live, s.Object, s.status); err != nil {
		return err
	}
	s.status = s.Object.DeepCopyObject().(client.Object)
	return nil
}

// Recheck makes the next reconcile of an object compare it in full.
func (r *Reconciler[O, W, H]) Recheck(key types.NamespacedName) { r.rounds.done(key, recheck) }

// Gone forgets an object that no longer exists.
func (r *Reconciler[O, W, H]) Gone(_ context.Context, key types.NamespacedName) {
	r.backoff.Gone(key)
	r.rounds.forget(key)
	r.corrections.forget(key)
	r.Reassessments.Forget(key)
}

// Environment that an object refers to.
func (r *Reconciler[O, W, H]) Environment(o O) types.NamespacedName { return view.Environment(o) }

// Outdated reports whether the user has suspended an object since its reconcile began. Any other change of spec finds its
// turn when the reconcile has ended: cut short again and again, none would.
func (r *Reconciler[O, W, H]) Outdated(_ context.Context, begun, now O) bool {
	return view.Of(now).Suspend && !view.Of(begun).Suspend
}

func (r *Reconciler[O, W, H]) drive(ctx context.Context, s *Scope[O]) error {
	if !s.Object.GetDeletionTimestamp().IsZero() {
		return r.finalizer().finalize(ctx, s)
	}
	if err := r.finalizer().protect(ctx, s); err != nil {
		return err
	}
	if view.Of(s.Object).Suspend {
		return reconcile.ErrSuspended
	}
	if err := s.oversized(); err != nil {
		return err
	}
	if err := r.resolve(ctx, s); err != nil {
		return err
	}
	want, err := r.Adapter.Want(ctx, s)
	if err != nil {
		return err
	}
	s.stage = stageResolved
	s.revision, s.secrets = r.Adapter.Revision(s, want)
	converger := r.converger()
	if err := converger.converge(ctx, s, want); err != nil {
		return err
	}
	if err := converger.sweep(ctx, s); err != nil {
		return err
	}
	if requirer, ok := any(r.Adapter).(Requirer[O]); ok {
		return requirer.Unmet(s)
	}
	return nil
}

// sweep deletes what an earlier write left behind in Novu.
func (c *converger[O, W, H]) sweep(ctx context.Context, s *Scope[O]) error {
	sweeper, ok := any(c.Adapter).(Sweeper[O])
	if !ok || c.Pool.ReadOnly() {
		return nil
	}
	return sweeper.Sweep(ctx, s)
}

// tooDeep reports whether status writes of the object are dear. Its reconcile ends at once, with one of them.
func (s *Scope[O]) tooDeep() bool { return s.oversized() != nil }

// oversized refuses a spec that is too deep, or too large, to be worked on.
func (s *Scope[O]) oversized() error {
	return definition.CheckFreeForm(s.Object)
}

// resolve finds the Environment and its connection, and makes sure that this object is the one that may write.
func (r *Reconciler[O, W, H]) resolve(ctx context.Context, s *Scope[O]) error {
	if err := r.connect(ctx, s); err != nil {
		return err
	}
	return r.claim(ctx, s)
}

// connect finds the Environment and its connection.
func (r *Reconciler[O, W, H]) connect(ctx context.Context, s *Scope[O]) error {
	environment, err := reconcile.ResolveEnvironment(ctx, s.Client, view.Of(s.Object).EnvironmentRef, s.Object.GetNamespace())
	if err != nil {
		return err
	}
	s.Environment = environment
	if environment.IsPromotionTarget() && r.Adapter.Kind().Promoted {
		return reconcile.Stalledf(v1alpha1.ReasonEnvironmentReadOnly,
			"Environment %s is a promotion target and read-only: refer to its source %s and create a Promotion",
			reconcile.Key(environment), environment.EffectiveSource())
	}
	s.Conn, err = reconcile.Connected(r.Pool, environment)
	s.early = waitsFor(err, v1alpha1.ReasonEnvironmentNotReady) && !r.Pool.Tried(client.ObjectKeyFromObject(environment))
	return err
}

// Rival is another object that claims the same as this one.
type Rival struct {
	Object client.Object
	// Name is kind, namespace and name of the object.
	Name string
	// Claim is what both claim, as in `manages "order-shipped"`.
	Claim string
}

// claim lets only the oldest of several objects with one identity write.
func (r *Reconciler[O, W, H]) claim(ctx context.Context, s *Scope[O]) error {
	rival, err := r.Rival(ctx, s.Object, s.Conn.Environment().ID)
	if err != nil || rival == nil {
		return err
	}
	if successor, ok := any(r.Adapter).(Successor[O]); ok {
		successor.Succeed(s, rival.Object)
	}
	// The other may lose its right in ways that no watch announces.
	return reconcile.Blockedf(v1alpha1.ReasonConflict,
		"%s is older and %s in the same Novu environment: delete or change one of the two", rival.Name, rival.Claim)
}
