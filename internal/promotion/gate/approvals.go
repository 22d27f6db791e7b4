// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/reconcile"
)

// Count is what the approvals of a Promotion come to.
type Count struct {
	// Counted are the approvals that count now, in the order of spec.
	Counted []v1alpha1.CountedApproval
	// Seen belongs into status.approvals: every approval of spec and when it was seen first, whether it counts or not. It
	// has those of other plans and those that have expired too, which else would begin again when they are next looked at.
	Seen []v1alpha1.CountedApproval
	// Required is how many the target asks for, Missing how many of them there are not yet.
	Required, Missing int
	// Message for people.
	Message string
	// Next is when the next of the counted approvals expires, nil if none does.
	Next *metav1.Time
}

// tally sorts approvals by what becomes of them.
type tally struct {
	rules *v1alpha1.PromotionApprovals
	p     *v1alpha1.Promotion
	now   time.Time

	counted                                 []v1alpha1.CountedApproval
	otherPlan, notListed, byAuthor, overdue []string
	next                                    time.Time
}

// Approvals counts the approvals of a Promotion's current plan. Rollbacks need them only if the target says so.
func Approvals(p *v1alpha1.Promotion, target *v1alpha1.Environment, now time.Time) Count {
	count := Count{Seen: seen(p, now)}
	rules := target.Spec.PromotionPolicy.Approvals
	if rules == nil || p.IsRollback() && !ptr.Deref(rules.Rollbacks, false) {
		rules = &v1alpha1.PromotionApprovals{}
	}
	t := &tally{rules: rules, p: p, now: now}
	for _, approval := range count.Seen {
		t.add(approval)
	}
	count.Counted, count.Next = t.counted, seconds(t.next)
	count.Required = int(rules.Required)
	count.Missing = max(0, count.Required-len(t.counted))
	count.Message = t.message(count.Missing)
	return count
}

// seen is every approval of spec with the time at which it was seen first, or first seen renewed.
func seen(p *v1alpha1.Promotion, now time.Time) []v1alpha1.CountedApproval {
	approvals := make([]v1alpha1.CountedApproval, 0, len(p.Spec.Approvals))
	for _, given := range p.Spec.Approvals {
		same := func(a v1alpha1.CountedApproval) bool { return a.User == given.User && a.PlanHash == given.PlanHash }
		if slices.ContainsFunc(approvals, same) {
			continue
		}
		approval := v1alpha1.CountedApproval{
			User: given.User, PlanHash: given.PlanHash, Renewal: given.Renewal, FirstSeenTime: metav1.NewTime(now).Rfc3339Copy(),
		}
		if n := slices.IndexFunc(p.Status.Approvals, same); n >= 0 && p.Status.Approvals[n].Renewal == given.Renewal {
			approval.FirstSeenTime = p.Status.Approvals[n].FirstSeenTime
		}
		approvals = append(approvals, approval)
	}
	return approvals
}

// deniesRequester reports whether the approval of the user who asked for the Promotion does not count.
func (t *tally) deniesRequester() bool {
	return t.rules.RequesterApproval == v1alpha1.RequesterApprovalDeny
}

func (t *tally) hash() string {
	if t.p.Status.Plan == nil {
		return ""
	}
	return t.p.Status.Plan.Hash
}

func (t *tally) add(approval v1alpha1.CountedApproval) {
	user, ends := approval.User, time.Time{}
	if after := t.rules.ExpireAfter; after != nil {
		ends = approval.FirstSeenTime.Add(after.Duration)
	}
	switch {
	case t.hash() == "" || approval.PlanHash != t.hash():
		t.otherPlan = append(t.otherPlan, user)
	case len(t.rules.Users) > 0 && !slices.Contains(t.rules.Users, user):
		t.notListed = append(t.notListed, user)
	case t.deniesRequester() && t.p.Spec.RequestedBy == "":
	case t.deniesRequester() && t.p.Spec.RequestedBy == user:
		t.byAuthor = append(t.byAuthor, user)
	case !ends.IsZero() && !t.now.Before(ends):
		t.overdue = append(t.overdue, user)
	default:
		t.counted = append(t.counted, approval)
		if !ends.IsZero() && (t.next.IsZero() || ends.Before(t.next)) {
			t.next = ends
		}
	}
}

// message says how far the count is and why approvals do not count.
func (t *tally) message(missing int) string {
	if t.rules.Required == 0 {
		return "no approvals are required"
	}
	parts := []string{fmt.Sprintf("%d of %d approvals", len(t.counted), t.rules.Required)}
	if len(t.counted) > 0 {
		parts[0] += " by " + users(t.counted)
	}
	if missing > 0 {
		parts = append(parts, t.lacking()...)
	}
	return bounded(strings.Join(parts, "; "))
}

// lacking says what keeps approvals from counting, and what to do.
func (t *tally) lacking() (parts []string) {
	say := func(users []string, format string) {
		if len(users) > 0 {
			parts = append(parts, fmt.Sprintf(format, some(users)))
		}
	}
	if t.deniesRequester() && t.p.Spec.RequestedBy == "" { // to approve this one would be in vain
		return append(parts, "none counts because it is not known who asked for this Promotion: create a new one with spec.requestedBy")
	}
	if t.hash() == "" {
		return append(parts, "the plan is not made yet")
	}
	say(t.otherPlan, "%s approved another plan")
	say(t.byAuthor, "%s asked for the Promotion and cannot approve it")
	say(t.notListed, "%s is not among spec.promotionPolicy.approvals.users of the target")
	say(t.overdue, "the approval of %s has expired: give it again by raising its renewal by one")
	return append(parts, "approve the plan "+definition.Short(t.hash())+" by adding its whole status.plan.hash to spec.approvals")
}

func users(approvals []v1alpha1.CountedApproval) string {
	names := make([]string, 0, len(approvals))
	for _, approval := range approvals {
		names = append(names, approval.User)
	}
	return some(names)
}

// some names the first few users.
func some(names []string) string { return reconcile.First(3, names) }
