// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
)

// parts are those that the Reconciler itself calls. It keeps what outlasts one reconcile, and has them work in phases.
type parts struct {
	attempts   *attempts
	arbiter    *arbiter
	resolver   *resolver
	line       *line
	drafter    *drafter
	gatekeeper *gatekeeper
	planner    *planner
	executor   *executor
	finisher   *finisher
	janitor    *janitor
	scheduler  *scheduler
}

// parts puts the parts together. They keep nothing of their own from one reconcile to the next.
func (r *Reconciler) parts() *parts {
	to := access{Client: r.Client, Live: r.Live, Pool: r.Pool}
	p := &parts{
		attempts:   &attempts{access: to, firsts: &r.firsts},
		arbiter:    &arbiter{to},
		resolver:   &resolver{access: to, interest: &r.interest, sessions: &r.sessions},
		line:       &line{access: to, queue: &r.queue, corrections: r.Corrections},
		gatekeeper: &gatekeeper{to},
		scheduler:  &scheduler{pool: r.Pool, backoff: &r.backoff},
		drafter: &drafter{
			access: to, slice: cmp.Or(r.Slice, defaultSlice), wakers: r.wakers(), environments: r.Environments,
			reassessments: r.Reassessments, placed: r.Placed, judged: &r.judged,
		},
	}
	p.planner = &planner{
		access: to, quiet: cmp.Or(r.Quiet, promotion.DefaultQuiet), drafter: p.drafter, gatekeeper: p.gatekeeper, attempts: p.attempts,
	}
	holder := &holder{access: to, recorder: r.Recorder}
	p.executor = &executor{
		access: to, slice: cmp.Or(r.Slice, defaultSlice), environments: r.Environments, arbiter: p.arbiter, holder: holder,
	}
	p.janitor = &janitor{
		access: to, environments: r.Environments, backoff: &r.backoff, sessions: &r.sessions, queue: &r.queue, waker: r.Waker,
		interest: &r.interest, judged: &r.judged, attempts: p.attempts, scheduler: p.scheduler,
	}
	p.finisher = &finisher{
		access: to, recorder: r.Recorder, queue: &r.queue, waker: r.Waker, attempts: p.attempts, holder: holder, scheduler: p.scheduler,
		janitor: p.janitor, announcer: &announcer{access: to, recorder: r.Recorder, metrics: r.Metrics},
	}
	return p
}

// wakers make the operator compare objects with Novu, by the kind of the items.
type wakers map[v1alpha1.PromotionItemKind]*requeue.Waker

func (r *Reconciler) wakers() wakers {
	return wakers{v1alpha1.PromotionItemWorkflow: r.Workflows, v1alpha1.PromotionItemLayout: r.Layouts}
}

// access to the cluster, by the cache and past it, and to Novu.
type access struct {
	Client client.Client
	Live   client.Reader
	Pool   *connection.Pool
}

// ledger of how Promotions into a target have ended.
func (r access) ledger() *history.Ledger {
	return &history.Ledger{Client: r.Client, Live: r.Live}
}

// note writes status in the middle of a reconcile. Without any condition, tools would take the Promotion for done.
func (r access) note(ctx context.Context, s *scope) error {
	if status := &s.promotion.Status; len(status.Conditions) == 0 {
		reconcile.Begin(reconcile.Conditions{List: &status.Conditions, Generation: s.promotion.Generation})
	}
	if err := reconcile.WriteStatus(ctx, r.Client, r.Live, s.promotion, s.before); err != nil {
		return err
	}
	s.before = s.promotion.DeepCopy()
	return nil
}

// history of what promotions have brought to their targets.
func (r access) history() *history.Store {
	return &history.Store{Client: r.Client, Live: r.Live}
}

// vouching is history that takes for the Promotion's own only what its status vouches for.
func (r access) vouching(s *scope) *history.Store {
	store := r.history()
	store.Vouch = func(ctx context.Context, digest string) error {
		s.promotion.Status.RecordDigest = digest
		return r.note(ctx, s)
	}
	return store
}

// ofOthers are the records of other Promotions.
func ofOthers(records []*history.Record, p *v1alpha1.Promotion) (rest []*history.Record) {
	for _, record := range records {
		if record.PromotionUID != p.UID {
			rest = append(rest, record)
		}
	}
	return rest
}

// now is the time by the clock of the pool.
func (r access) now() *metav1.Time {
	now := metav1.NewTime(r.Pool.Clock().Now())
	return &now
}
