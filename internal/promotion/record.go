// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"reflect"
	"strings"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
)

// Recorder writes into the status of promoted objects which revision is live in the target, and takes out what was deleted
// there. What is recorded already is left as it is: it has been live since then.
type Recorder struct {
	client    client.Client
	promotion *v1alpha1.PromotionReference
	target    *v1alpha1.Environment
	side      *Side
	now       metav1.Time
	group     *errgroup.Group
	ctx       context.Context //nolint:containedctx // of the work in the background, which ends with Wait
}

// recorders is how many objects are written at the same time.
const recorders = 8

// NewRecorder makes a Recorder. Wait must be called.
func NewRecorder(ctx context.Context, c client.Client, p *v1alpha1.Promotion, target *v1alpha1.Environment, side *Side, now metav1.Time) *Recorder {
	r := &Recorder{client: c, promotion: RefTo(p), target: target, side: side, now: now}
	r.group, r.ctx = errgroup.WithContext(ctx)
	r.group.SetLimit(recorders)
	return r
}

// Note begins to record an item if it is done.
func (r *Recorder) Note(item *v1alpha1.PlannedItem) {
	if item.State != v1alpha1.ItemStateDone || item.Revision == "" && item.Action != v1alpha1.PlanActionDelete {
		return
	}
	live := v1alpha1.LiveRevision{
		Environment: r.target.Name, Namespace: r.target.Namespace,
		Revision: item.Revision, ShortRevision: definition.Short(item.Revision), SinceTime: &r.now, PromotionRef: r.promotion, RemoteHash: item.TargetHash,
	}
	if entry, there := r.side.Conn.Lookup(PromotableOf(item.Kind).Resource, item.EffectiveID()); there {
		live.RemoteUpdatedAt = entry.UpdatedAt
	}
	kind, key := item.Kind, types.NamespacedName{Namespace: item.Namespace, Name: item.Name}
	r.group.Go(func() error { return recordOne(r.ctx, r.client, kind, key, r.target, live) })
}

// Wait waits until everything is recorded.
func (r *Recorder) Wait() error { return r.group.Wait() }

func recordOne(
	ctx context.Context, c client.Client, kind v1alpha1.PromotionItemKind, key types.NamespacedName,
	target *v1alpha1.Environment, live v1alpha1.LiveRevision,
) error {
	object := PromotableOf(kind).New()
	if err := c.Get(ctx, key, object); err != nil {
		return client.IgnoreNotFound(err)
	}
	known := definition.LiveIn(LiveRevisions(object), target)
	if live.Revision == "" { // it was deleted there
		if known == nil {
			return nil
		}
		return reconcile.ApplyStatus(ctx, c, object, nil, recordOwner(target))
	}
	if known != nil && known.UncertainCreation != nil && remote.Pending(*known.UncertainCreation, live.SinceTime.Time) {
		live.UncertainCreation = known.UncertainCreation // Novu may still carry out what corrected drift
	}
	if known != nil && known.Revision == live.Revision {
		live.SinceTime, live.PromotionRef = known.SinceTime, known.PromotionRef
	}
	return RecordLive(ctx, c, object, target, known, live)
}

// RecordLive writes what is live in the target into the status of the object, unless it says so already.
func RecordLive(
	ctx context.Context, c client.Client, object client.Object, target *v1alpha1.Environment, known *v1alpha1.LiveRevision, live v1alpha1.LiveRevision,
) error {
	if known != nil && equality.Semantic.DeepEqual(*known, live) {
		return nil
	}
	return reconcile.ApplyStatus(ctx, c, object, recordOf(object, live), recordOwner(target))
}

// recordOf is an object of the same kind of which only that is known, what is live in one target.
func recordOf(o client.Object, live v1alpha1.LiveRevision) client.Object {
	p := byType[reflect.TypeOf(o)]
	record := p.New()
	*p.live(record) = []v1alpha1.LiveRevision{live}
	return record
}

// recordOwner is an owner for each target, so that promotions into one do not take away what is recorded of another.
func recordOwner(target *v1alpha1.Environment) client.FieldOwner {
	return client.FieldOwner(recordPrefix + string(target.UID))
}

const recordPrefix = "novu-operator-promotion-"

// RecordsFor reports whether an owner of fields has recorded there what is live in some target.
func RecordsFor(owner string) bool { return strings.HasPrefix(owner, recordPrefix) }

// markOwner owns the mark of the Promotion that is at work in an Environment.
const markOwner = client.FieldOwner("novu-operator-promotion")

// Mark notes in the status of the target which Promotion is at work there; nil: none is.
func Mark(ctx context.Context, c client.Client, target *v1alpha1.Environment, active *v1alpha1.PromotionReference) error {
	if equality.Semantic.DeepEqual(target.Status.ActivePromotionRef, active) {
		return nil
	}
	part := &v1alpha1.Environment{Status: v1alpha1.EnvironmentStatus{ActivePromotionRef: active}}
	return reconcile.ApplyStatus(ctx, c, target, part, markOwner)
}

// holdOwner owns the hold that a rollback sets.
const holdOwner = client.FieldOwner("novu-operator-hold")

// Hold keeps automatic promotion into the target back; nil lifts the hold.
func Hold(ctx context.Context, c client.Client, target *v1alpha1.Environment, hold *v1alpha1.PromotionHold) error {
	part := &v1alpha1.Environment{Status: v1alpha1.EnvironmentStatus{Hold: hold}}
	return reconcile.ApplyStatus(ctx, c, target, part, holdOwner)
}

// RefTo names the Promotion.
func RefTo(p client.Object) *v1alpha1.PromotionReference {
	return &v1alpha1.PromotionReference{Namespace: p.GetNamespace(), Name: p.GetName()}
}

// TitleIn is what texts for users of a namespace call a Promotion: its name, with its namespace if that is another.
func TitleIn(ref v1alpha1.PromotionReference, namespace string) string {
	if ref.Namespace == namespace {
		return ref.Name
	}
	return ref.Namespace + "/" + ref.Name
}
