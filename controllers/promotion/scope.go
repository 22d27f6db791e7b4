// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/promotion/automatic"
	"novu-operator.dev/internal/promotion/gate"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// scope is what one reconcile of a Promotion works with.
type scope struct {
	promotion *v1alpha1.Promotion
	before    *v1alpha1.Promotion // as it is written
	initial   *v1alpha1.Promotion // as it was when the reconcile began

	// target, and for all but a rollback source and origin: where it comes from, and whose objects describe that.
	target, source, origin *v1alpha1.Environment
	session                *promotion.Session
	quiet                  time.Time // since when the definitions of the source have been
	records                []*history.Record
	planned                bool      // the plan was made in this reconcile
	begun                  bool      // the work begins with this reconcile
	wake                   time.Time // when a gate or an approval is to be checked again
	until                  time.Time // when it ends if nothing has changed by then
	foreign                []metav1.Condition
	approvals              *gate.Count // once they are counted
}

// takeForeign takes out of status the conditions that third parties have set as gates, and returns them: the operator reads
// them and must not write them, since they would then be its own.
func takeForeign(p *v1alpha1.Promotion) (taken []metav1.Condition) {
	taken = foreign(p)
	p.Status.Conditions = slices.DeleteFunc(p.Status.Conditions, isForeign)
	return taken
}

// foreign are the conditions that third parties have set as gates.
func foreign(p *v1alpha1.Promotion) (found []metav1.Condition) {
	for _, c := range p.Status.Conditions {
		if isForeign(c) {
			found = append(found, c)
		}
	}
	return found
}

func isForeign(c metav1.Condition) bool { return strings.Contains(c.Type, "/") }

// described reports whether the objects describe the source itself, and not an environment further back.
func (s *scope) described() bool {
	return promotion.Describes(s.origin, s.source)
}

// settle takes the plan over. One that has items which cannot be promoted is only shown.
func (s *scope) settle(planning *promotion.Planning) error {
	s.promotion.Status.Plan = nil
	if err := promotion.Fits(planning.Plan); err != nil {
		return err
	}
	s.promotion.Status.Plan = planning.Plan
	refusal := promotion.Refusal(planning.Plan)
	switch {
	case planning.Stage != promotion.PlanRefused:
		return nil
	case ptr.Deref(s.promotion.Spec.DryRun, false):
		return &ended{reason: v1alpha1.ReasonItemsRefused, message: refusal}
	}
	return reconcile.Waitingf(v1alpha1.ReasonItemsRefused,
		"%s. Nothing is written until that is fixed; then the plan is made again", refusal)
}

// advanced reports whether this reconcile has finished items.
func (s *scope) advanced() bool {
	finished := func(p *v1alpha1.Promotion) int32 {
		if p.Status.Plan == nil {
			return 0
		}
		counts := promotion.Count(p.Status.Plan.Items)
		return counts.Done + counts.RolledBack
	}
	return promotion.Started(s.initial) && finished(s.promotion) > finished(s.initial)
}

// takesItsTurn reports whether a Promotion was made to be carried out after those before it, and not instead: supersede is Queue.
func takesItsTurn(s *scope) bool {
	if promotion.Started(s.promotion) || !automatic.Made(s.promotion) {
		return false
	}
	follow := s.target.Spec.PromotionPolicy.Automatic
	return pinned(s.promotion) || follow != nil && follow.EffectiveSupersede() == v1alpha1.SupersedeQueue
}

// pinned reports whether a Promotion is about certain revisions.
func pinned(p *v1alpha1.Promotion) bool {
	return slices.ContainsFunc(p.Spec.Items, func(i v1alpha1.PromotionItem) bool { return i.Revision != "" })
}

// lookAgain has the Promotion reconciled again at t, if that is before what is known to come.
func (s *scope) lookAgain(t time.Time) {
	if !t.IsZero() && (s.wake.IsZero() || t.Before(s.wake)) {
		s.wake = t
	}
}
