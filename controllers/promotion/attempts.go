// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// attempts knows whether a Promotion has ended before, as another object, and writes down that it begins and how it ends where
// neither the loss of its status nor its deletion reaches.
type attempts struct {
	access

	firsts *firsts
}

// +kubebuilder:rbac:groups=novu-operator.dev,resources=promotions,verbs=patch

// former ends a Promotion that has ended before, as another object: it was restored from a backup, or created again.
type former struct {
	attempt *history.Attempt
	// lost reports whether only the annotation tells of it: what the target itself has known is lost.
	lost bool
}

func (f *former) Error() string {
	return fmt.Sprintf("Promotion %s has ended before, as %s", f.attempt.Name, f.attempt.UID)
}

// firsts remembers which Promotions are known to be first attempts, so that each is looked for once.
type firsts struct {
	mu    sync.Mutex
	known map[types.NamespacedName]types.UID
}

func (f *firsts) isKnown(p *v1alpha1.Promotion) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known[client.ObjectKeyFromObject(p)] == p.UID
}

func (f *firsts) note(p *v1alpha1.Promotion) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = map[types.NamespacedName]types.UID{}
	}
	f.known[client.ObjectKeyFromObject(p)] = p.UID
}

func (f *firsts) forget(key types.NamespacedName) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.known, key)
}

// remember finds out whether the Promotion has ended before: from its annotation, which a backup brings back, or from the
// target's ledger, which knows it when a GitOps tool creates it again. It asks before anything else, once in each process, and again
// after an end was written that status may not have yet.
func (r *attempts) remember(ctx context.Context, s *scope) error {
	p := s.promotion
	told := history.Annotated(p)
	switch {
	case told.Ended():
		return r.restored(ctx, p, told)
	case r.firsts.isKnown(p):
		return nil
	case told != nil && told.UID != p.UID:
		return r.interrupted(p, told.UID, "it was restored from a backup that was made before it had ended")
	case ptr.Deref(p.Spec.DryRun, false):
		r.firsts.note(p)
		return nil
	}
	ended, err := r.ledger().Find(ctx, p, r.Pool.Clock().Now())
	if err != nil {
		return err
	}
	if ended != nil {
		return &former{attempt: ended}
	}
	if p.IsRollback() { // what one from a backup meant is no longer known
		return r.claim(ctx, s)
	}
	return nil
}

// restored is what is known of a Promotion from its annotation alone, or from the target's ledger as well.
func (r *attempts) restored(ctx context.Context, p *v1alpha1.Promotion, told *history.Attempt) error {
	known, err := r.ledger().Find(ctx, p, r.Pool.Clock().Now())
	if err != nil {
		return err
	}
	return &former{attempt: told, lost: known == nil && told.UID != p.UID && !ptr.Deref(p.Spec.DryRun, false)}
}

// predecessor looks for an earlier attempt that has left its record in the target and never came to its end. The target must
// be known.
func (r *attempts) predecessor(ctx context.Context, s *scope) error {
	p := s.promotion
	if r.firsts.isKnown(p) {
		return nil
	}
	left, err := r.history().Left(ctx, s.target, p)
	if err != nil {
		return err
	}
	if left != "" && !promotion.Started(p) {
		return r.interrupted(p, left, "an earlier Promotion of the same name and content was at work when it was deleted")
	}
	r.firsts.note(p)
	return nil
}

// interrupted ends a Promotion of which another object was at work, it is not known how far. To go on where that one
// was may be days too late.
func (r *attempts) interrupted(p *v1alpha1.Promotion, earlier types.UID, why string) error {
	return &former{attempt: &history.Attempt{
		Name: p.Name, UID: earlier, Digest: history.Digest(p), Phase: v1alpha1.PromotionPhaseFailed, Ready: metav1.ConditionFalse,
		Reason: v1alpha1.ReasonInterrupted, CompletionTime: r.now(),
		Message: why + ". What it had written is there, and in the record of the target",
	}}
}

// claim writes down that this attempt begins, in the annotation that a backup keeps.
func (r *attempts) claim(ctx context.Context, s *scope) error {
	if told := history.Annotated(s.promotion); told != nil && told.UID == s.promotion.UID {
		return nil
	}
	attempt := history.Attempt{Name: s.promotion.Name, UID: s.promotion.UID, Digest: history.Digest(s.promotion)}
	return r.annotate(ctx, s.promotion, &attempt)
}

// annotate writes what is known of an attempt into the metadata of the Promotion, unless that has changed since it
// was read.
func (r *attempts) annotate(ctx context.Context, p *v1alpha1.Promotion, attempt *history.Attempt) error {
	value := attempt.Annotation()
	if p.Annotations[v1alpha1.AttemptAnnotation] == value {
		return nil
	}
	if err := reconcile.Annotate(ctx, r.Client, p, v1alpha1.AttemptAnnotation, value, p.ResourceVersion); err != nil {
		return fmt.Errorf("note in Promotion %s which attempt it is: %w", reconcile.Key(p), err)
	}
	return nil
}

// seal remembers how a Promotion has ended where neither the loss of its status nor its deletion reaches: first in the
// target's ledger, then in its annotation. Its status follows; an operator that is killed in between, or that the API server
// refuses the rest, finds the end it has written, and comes to no other.
func (r *attempts) seal(ctx context.Context, p *v1alpha1.Promotion, attempt *history.Attempt) error {
	r.firsts.forget(client.ObjectKeyFromObject(p))
	if !ptr.Deref(p.Spec.DryRun, false) {
		if err := r.ledger().Enter(ctx, p, attempt, automatic.Made(p)); err != nil {
			return err
		}
	}
	return r.annotate(ctx, p, attempt)
}

// sealOnce seals the end of a Promotion that has ended, unless its annotation tells of it.
func (r *attempts) sealOnce(ctx context.Context, p *v1alpha1.Promotion) error {
	if !promotion.Finished(p) || history.Annotated(p).Ended() {
		return nil
	}
	attempt := history.AttemptOf(p)
	return r.seal(ctx, p, &attempt)
}
