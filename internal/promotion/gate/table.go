// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import "novu-operator.dev/api/v1alpha1"

// Gate is one that the operator brings along. Those of spec.promotionPolicy.gates have names of their own, which may not be
// that of one of these.
type Gate struct {
	// Name in status.gates.
	Name string
	// Reasons for which it is closed, beside those for which an Environment that it looks at cannot be used. The table of
	// fates says for each how long a Promotion waits, and that others go first meanwhile.
	Reasons []string
	// has reports whether the target has it.
	has func(*v1alpha1.Environment) bool
	// check decides. It is not asked about rollbacks.
	check func(*Input) v1alpha1.GateStatus
}

// Gates of the operator, in the order in which they are asked.
var Gates = []Gate{{
	Name: "order", Reasons: []string{v1alpha1.ReasonOrder}, check: order,
	has: func(e *v1alpha1.Environment) bool { return len(e.Spec.PromotionPolicy.AfterRefs) > 0 },
}, {
	Name: "soak", Reasons: []string{v1alpha1.ReasonSoaking}, check: soak,
	has: func(e *v1alpha1.Environment) bool {
		return e.Spec.PromotionPolicy.Soak != nil && e.Spec.PromotionPolicy.Soak.Duration > 0
	},
}, {
	Name: "window", Reasons: []string{v1alpha1.ReasonWindowClosed, v1alpha1.ReasonGateFailed}, check: window,
	has: func(e *v1alpha1.Environment) bool { return len(e.Spec.PromotionPolicy.Windows) > 0 },
}, {
	Name: "freeze", Reasons: []string{v1alpha1.ReasonFrozen}, check: freeze,
	has: func(e *v1alpha1.Environment) bool {
		return e.Spec.PromotionPolicy.Freeze != nil || e.Status.Freeze != nil
	},
}, {
	Name: "source", Reasons: []string{v1alpha1.ReasonEnvironmentNotReady}, check: source,
	has: func(*v1alpha1.Environment) bool { return true },
}}

// OwnReasons are those for which a gate of spec.promotionPolicy.gates is closed.
var OwnReasons = []string{v1alpha1.ReasonGateClosed, v1alpha1.ReasonGateFailed}
