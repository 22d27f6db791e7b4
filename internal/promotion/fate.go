// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

// Patience is how long a Promotion that has not begun waits for something before it ends. Whoever created it may be gone by
// then, and what it was about may have changed: what waits forever is carried out when it is no longer expected.
type Patience time.Duration

const (
	// Ends at once: nothing that may come makes it what was asked for.
	Ends Patience = 0
	// Waits as long as it takes.
	Waits Patience = -1
	// NotHeld is for what never stops it.
	NotHeld Patience = -2

	// ApplyOrder is for what comes a little later when everything is applied together, in whatever order.
	ApplyOrder = Patience(time.Hour)
	// Fixing is for faults that have to be fixed in the source.
	Fixing = Patience(24 * time.Hour)
	// Outage is how long a rollback waits for its target: it is for now or never.
	Outage = Patience(10 * time.Minute)
)

// Fate says what becomes of a Promotion that has not begun and cannot go on for a reason.
type Fate struct {
	// Reason of the condition Ready.
	Reason string
	// Promotion and Rollback are the patience of the two.
	Promotion, Rollback Patience
	// Aside reports whether others go first meanwhile.
	Aside bool
	// Why, for the documentation.
	Why string
}

// Fates is the whole table. Those that the operator made by itself wait for all of it: a newer one takes their place.
var Fates = []Fate{
	{v1alpha1.ReasonQueued, Waits, Waits, false, "its turn comes; rollbacks come first"},
	{v1alpha1.ReasonItemsNotReady, Waits, NotHeld, true, "the operator is bringing them to Novu"},
	{v1alpha1.ReasonItemsRefused, Fixing, Ends, true, "the items are fixed, and the plan is made again"},
	{v1alpha1.ReasonNothingSelected, ApplyOrder, NotHeld, true, "the objects may be applied after the Promotion"},
	{v1alpha1.ReasonEnvironmentNotFound, ApplyOrder, Ends, true, "the Environment may be applied after the Promotion; one that was deleted does not come back by itself"},
	{v1alpha1.ReasonNamespaceNotAllowed, ApplyOrder, Ends, true, "the namespace may be labelled after the Promotion"},
	{v1alpha1.ReasonEnvironmentNotReady, Waits, Outage, true, "the connection to Novu comes, or comes back"},
	{v1alpha1.ReasonEnvironmentSuspended, Waits, Ends, true, "it was suspended on purpose"},
	{v1alpha1.ReasonNotAPromotionTarget, Ends, Ends, true, "nothing was ever to be promoted there"},
	{v1alpha1.ReasonInvalidSpec, Ends, Ends, true, "spec does not change, and what it refers to means something else once it is corrected"},
	{v1alpha1.ReasonPlanTooLarge, Ends, Ends, true, "spec does not change"},
	{v1alpha1.ReasonNothingRecorded, Ends, Ends, true, "what is recorded later is not what was meant"},
	{v1alpha1.ReasonOvertaken, Ends, Ends, true, "the state that was to be undone is gone"},
	{v1alpha1.ReasonOrder, Waits, NotHeld, true, "an Environment of spec.promotionPolicy.afterRefs may soon hold the same revisions"},
	{v1alpha1.ReasonSoaking, Waits, NotHeld, true, "time passes"},
	{v1alpha1.ReasonWindowClosed, Waits, NotHeld, true, "the window opens"},
	{v1alpha1.ReasonFrozen, Waits, NotHeld, true, "the freeze ends"},
	{v1alpha1.ReasonGateClosed, Waits, NotHeld, true, "the gate opens"},
	{v1alpha1.ReasonGateFailed, Waits, NotHeld, true, "the gate is corrected"},
	{v1alpha1.ReasonApprovalsMissing, Waits, Waits, true, "people approve this plan; another one needs approvals of its own"},
	{v1alpha1.ReasonHeld, Waits, NotHeld, true, "the hold is lifted"},
	{v1alpha1.ReasonRateLimited, Waits, Outage, false, "Novu says when to ask again"},
	// There is no telling when these pass, and a rollback, which does not ask the source, may have no trouble at all.
	{v1alpha1.ReasonNovuUnavailable, Waits, Outage, true, "Novu comes back"},
	{v1alpha1.ReasonConnectionFailed, Waits, Outage, true, "Novu comes back"},
	{v1alpha1.ReasonUnexpectedResponse, Waits, Outage, true, "Novu comes back"},
	{v1alpha1.ReasonDryRun, Waits, Outage, true, "the operator is started without --dry-run"},
}

var fates = func() map[string]Fate {
	byReason := make(map[string]Fate, len(Fates))
	for _, f := range Fates {
		byReason[f.Reason] = f
	}
	return byReason
}()

// FateOf a Promotion that cannot go on for the reason. What the table does not name is an answer of Novu's: that may change.
func FateOf(reason string) Fate {
	if f, known := fates[reason]; known {
		return f
	}
	return Fate{Reason: reason, Promotion: Waits, Rollback: Outage}
}

// Patience of the Promotion.
func (f Fate) Patience(p *v1alpha1.Promotion) Patience {
	if p.IsRollback() {
		return f.Rollback
	}
	return f.Promotion
}

// Unplanned is since when the Promotion has had no plan: since now, if it still has one. Its patience is counted from then.
func Unplanned(p *v1alpha1.Promotion, now time.Time) time.Time {
	planned := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionPlanned)
	switch {
	case planned == nil:
		return p.CreationTimestamp.Time
	case planned.Status == metav1.ConditionTrue:
		return now
	case planned.LastTransitionTime.After(p.CreationTimestamp.Time):
		return planned.LastTransitionTime.Time
	}
	return p.CreationTimestamp.Time
}
