// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/printable"
	"novu-operator.dev/internal/promotion/guard"
	"novu-operator.dev/internal/reconcile"
)

// Reasons of gates that are open. Those of closed ones are reasons of conditions in package v1alpha1.
const (
	// ReasonOpen: what the gate asks for holds.
	ReasonOpen = "Open"
	// ReasonRollback: the gate does not hold up rollbacks.
	ReasonRollback = "Rollback"
)

// RecheckInterval is how often objects are read again that no watch tells about.
const RecheckInterval = 30 * time.Second

// Input is all that the gates look at. It is not changed by them.
type Input struct {
	// Now is when the input was gathered.
	Now       time.Time
	Target    *v1alpha1.Environment
	Promotion *v1alpha1.Promotion
	// Items of the plan, but for those that are refused or deleted.
	Items []Item
	// Source is the Environment that is promoted from.
	Source Place
	// After are the Environments of spec.promotionPolicy.afterRefs, in the order of spec.
	After []Place
	// Evidence is what the expressions of spec.promotionPolicy.gates look at, by the name of the gate.
	Evidence map[string]Evidence
}

// Item is one item of a plan.
type Item struct {
	Kind      v1alpha1.PromotionItemKind
	ID        string
	Namespace string
	Name      string
	// Revision that is brought to the target.
	Revision string
	// Unchanged reports whether the target holds it already, so that nothing is written.
	Unchanged bool
}

func (i Item) String() string { return string(i.Kind) + " " + i.Namespace + "/" + i.Name }

// Place is an Environment that items come by on their way to the target.
type Place struct {
	// Name of the Environment object, namespace/name.
	Name string
	// Environment is nil if it cannot be used; then Reason and Message say why.
	Environment     *v1alpha1.Environment
	Reason, Message string
	// Live is what the Environment holds of each of Input.Items. It is empty where no gate asks for it.
	Live []Live
}

// Live is what an Environment holds of an item. The zero value stands for nothing.
type Live struct {
	// Revision that is live.
	Revision string
	// Since is when it came, nil if unknown.
	Since *metav1.Time
	// Drifted reports whether it was changed out of band since.
	Drifted bool
}

// Evidence is what one expression looks at.
type Evidence struct {
	// Objects by their name in the expression, as the API server sent them. Those that do not exist are absent.
	Objects map[string]any
	// Problem says why an object could not be read, and what to do; empty if all could.
	Problem string
}

// Check asks every gate that the target has: first those of the table, then its own in the order of spec.
func Check(ctx context.Context, in *Input) []v1alpha1.GateStatus {
	p := in.Target.Spec.PromotionPolicy
	gates := make([]v1alpha1.GateStatus, 0, len(Gates)+len(p.Gates))
	for _, g := range Gates {
		if g.has(in.Target) {
			gates = append(gates, named(g.Name, in, g.check))
		}
	}
	for i := range p.Gates {
		gates = append(gates, named(p.Gates[i].Name, in, func(in *Input) v1alpha1.GateStatus { return own(ctx, in, &p.Gates[i]) }))
	}
	return gates
}

// named asks one gate. None holds up a rollback: going back must be possible at once, and who may is up to the admission
// policies.
func named(name string, in *Input, check func(*Input) v1alpha1.GateStatus) v1alpha1.GateStatus {
	status := v1alpha1.GateStatus{Open: true, Reason: ReasonRollback, Message: "does not hold up rollbacks"}
	if !in.Promotion.IsRollback() {
		status = check(in)
	}
	status.Name = name
	return status
}

func open(format string, args ...any) v1alpha1.GateStatus {
	return v1alpha1.GateStatus{Open: true, Reason: ReasonOpen, Message: bounded(fmt.Sprintf(format, args...))}
}

// closed makes the status of a closed gate. A zero next means that it is not known when it may open.
func closed(reason string, next time.Time, format string, args ...any) v1alpha1.GateStatus {
	return v1alpha1.GateStatus{Reason: reason, Message: bounded(fmt.Sprintf(format, args...)), NextOpenTime: seconds(next)}
}

// seconds is the first full second that is not before t, as status holds no fractions; nil if t is zero.
func seconds(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	full := t.Truncate(time.Second)
	if full.Before(t) {
		full = full.Add(time.Second)
	}
	return &metav1.Time{Time: full}
}

// bounded cuts a message to what status should hold of it.
func bounded(text string) string { return printable.Truncate(text, 512) }

// freeze stops everything until it is over: what spec states, and what an earlier Environment of this name has left.
func freeze(in *Input) v1alpha1.GateStatus {
	freeze, kept := in.Target.Spec.PromotionPolicy.Freeze, in.Target.Status.Freeze
	switch {
	case kept != nil && kept.EndTime == nil:
		return closed(v1alpha1.ReasonFrozen, time.Time{}, "%s", guard.Explain(in.Target, kept))
	case kept != nil && in.Now.Before(kept.EndTime.Time):
		return closed(v1alpha1.ReasonFrozen, kept.EndTime.Time, "%s", guard.Explain(in.Target, kept))
	case freeze == nil:
		return open("the freeze of an earlier Environment was over at %s", clock(kept.EndTime.Time))
	case freeze.EndTime == nil:
		return closed(v1alpha1.ReasonFrozen, time.Time{}, "Environment %s is frozen until spec.promotionPolicy.freeze is removed: %s",
			reconcile.Key(in.Target), freeze.Reason)
	case in.Now.Before(freeze.EndTime.Time):
		return closed(v1alpha1.ReasonFrozen, freeze.EndTime.Time, "Environment %s is frozen until %s: %s",
			reconcile.Key(in.Target), clock(freeze.EndTime.Time), freeze.Reason)
	}
	return open("the freeze was over at %s", clock(freeze.EndTime.Time))
}

// source asks whether the Environment that is promoted from is well: what it holds may not be what its objects describe if
// it is not.
func source(in *Input) v1alpha1.GateStatus {
	if in.Source.Environment == nil {
		return closed(in.Source.Reason, time.Time{}, "%s", in.Source.Message)
	}
	ready := apimeta.FindStatusCondition(in.Source.Environment.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		return closed(v1alpha1.ReasonEnvironmentNotReady, time.Time{},
			"the operator has not polled Environment %s yet", in.Source.Name)
	case ready.Reason == v1alpha1.ReasonWritesUnanswered:
		// What it holds can be read. If only Promotions write through it, only one that goes on finds out that it is over.
		return open("Environment %s answers reads: %s", in.Source.Name, ready.Message)
	case ready.Status != metav1.ConditionTrue:
		return closed(v1alpha1.ReasonEnvironmentNotReady, time.Time{},
			"Environment %s is not ready: %s", in.Source.Name, ready.Message)
	}
	return open("Environment %s is ready", in.Source.Name)
}

// clock writes a time for people.
func clock(t time.Time) string { return t.UTC().Format("Mon 2006-01-02 15:04:05 UTC") }

// Closed finds the first gate that is closed, nil if all are open, and the earliest time at which one of those that are
// closed may open, nil if that is unknown of all.
func Closed(gates []v1alpha1.GateStatus) (first *v1alpha1.GateStatus, next *metav1.Time) {
	for i := range gates {
		gate := &gates[i]
		if gate.Open {
			continue
		}
		if first == nil {
			first = gate
		}
		if gate.NextOpenTime != nil && (next == nil || gate.NextOpenTime.Before(next)) {
			next = gate.NextOpenTime
		}
	}
	return first, next
}

// Wake is when the gates are to be asked again if nothing that is watched changes before; zero if only that can open them.
// It is kept out of status, where it would change with every poll.
func Wake(in *Input, gates []v1alpha1.GateStatus) time.Time {
	var wake time.Time
	if _, next := Closed(gates); next != nil {
		wake = next.Time
	}
	if again := in.Now.Add(RecheckInterval); polls(in.Target, gates) && (wake.IsZero() || again.Before(wake)) {
		wake = again
	}
	return wake
}

// polls reports whether an expression is among the closed gates that may become true without the Environment's being changed.
func polls(target *v1alpha1.Environment, gates []v1alpha1.GateStatus) bool {
	shut := map[string]bool{}
	for _, gate := range gates {
		shut[gate.Name] = !gate.Open
	}
	for _, gate := range target.Spec.PromotionPolicy.Gates {
		if gate.Expression == "" || !shut[gate.Name] {
			continue
		}
		if _, err := compile(gate.Expression); err == nil {
			return true
		}
	}
	return false
}
