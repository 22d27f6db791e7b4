// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// DefaultInterval is the time between two polls of what Novu holds when spec.interval is not set.
const DefaultInterval = 10 * time.Minute

// DefaultSecretKey is the key of the Secret when spec.secretKeyRef.key is not set.
const DefaultSecretKey = "secretKey"

// EffectiveInterval is the time between two polls of what Novu holds; 0 means never.
func (e *Environment) EffectiveInterval() time.Duration {
	if e.Spec.Interval == nil {
		return DefaultInterval
	}
	return e.Spec.Interval.Duration
}

// EffectiveSecretKey is the key inside the Secret that holds the API secret key.
func (e *Environment) EffectiveSecretKey() string {
	return orDefault(e.Spec.SecretKeyRef.Key, DefaultSecretKey)
}

// EffectiveDriftPolicy is the drift policy of children that do not set their own.
func (e *Environment) EffectiveDriftPolicy() DriftPolicy {
	return orDefault(e.Spec.DriftPolicy, DriftPolicyCorrect)
}

// IsPromotionTarget reports whether the environment is written by Promotions only.
func (e *Environment) IsPromotionTarget() bool { return e.Spec.PromotionPolicy != nil }

// EffectiveSource is the Environment that is promoted from. It must only be called on a promotion target.
func (e *Environment) EffectiveSource() types.NamespacedName {
	return e.Spec.PromotionPolicy.SourceRef.In(e.Namespace)
}

// Defaults of spec.promotionPolicy.
const (
	DefaultPromotionTimeout      = time.Hour
	DefaultPromotionHistoryLimit = 10
)

// EffectiveTimeout is how long a promotion may take from its first write on.
func (p *PromotionPolicy) EffectiveTimeout() time.Duration {
	if p.Timeout == nil {
		return DefaultPromotionTimeout
	}
	return p.Timeout.Duration
}

// EffectiveHistoryLimit is how many promotions are remembered.
func (p *PromotionPolicy) EffectiveHistoryLimit() int {
	if p.HistoryLimit == nil {
		return DefaultPromotionHistoryLimit
	}
	return int(*p.HistoryLimit)
}

// EffectiveDriftPolicy says what to do with changes by hand to what promotions brought.
func (p *PromotionPolicy) EffectiveDriftPolicy() DriftPolicy {
	return orDefault(p.DriftPolicy, DriftPolicyDetect)
}

// EffectiveOnFailure says what to do when an item fails.
func (p *PromotionPolicy) EffectiveOnFailure() FailurePolicy {
	return orDefault(p.OnFailure, FailurePolicyStop)
}

// EffectiveMissingIntegrations says what to do when the target cannot deliver through a channel.
func (p *PromotionPolicy) EffectiveMissingIntegrations() MissingIntegrationsPolicy {
	return orDefault(p.MissingIntegrations, MissingIntegrationsWarn)
}

// EffectiveSupersede says what becomes of an automatic Promotion that has not begun.
func (a *AutomaticPromotion) EffectiveSupersede() SupersedePolicy {
	return orDefault(a.Supersede, SupersedeReplace)
}

// IsRollback reports whether the Promotion goes back instead of promoting something new.
func (p *Promotion) IsRollback() bool { return p.Spec.Rollback != nil }

// PromotionName is the name of the Promotion to go back to; empty if it is the previous state.
func (r *PromotionRollback) PromotionName() string {
	if r == nil || r.PromotionRef == nil {
		return ""
	}
	return r.PromotionRef.Name
}

// EffectiveID is the workflowID or layoutID.
func (i *PlannedItem) EffectiveID() string { return orDefault(i.ID, i.Name) }

// Key is the reference as the name of an object.
func (r PromotionReference) Key() types.NamespacedName {
	return types.NamespacedName{Namespace: r.Namespace, Name: r.Name}
}

// In resolves the reference as seen from an object in namespace.
func (r EnvironmentReference) In(namespace string) types.NamespacedName {
	return types.NamespacedName{Namespace: orDefault(r.Namespace, namespace), Name: r.Name}
}

// EffectiveID is the workflowID in Novu.
func (w *Workflow) EffectiveID() string { return orDefault(w.Spec.WorkflowID, w.Name) }

// EffectiveActive reports whether triggers send anything.
func (w *Workflow) EffectiveActive() bool { return w.Spec.Active == nil || *w.Spec.Active }

// EffectiveSeverity is the severity that Novu is told.
func (w *Workflow) EffectiveSeverity() Severity { return orDefault(w.Spec.Severity, SeverityNone) }

// EffectiveValidatePayload reports whether Novu validates payloads.
func (w *Workflow) EffectiveValidatePayload() bool {
	if w.Spec.ValidatePayload == nil {
		return w.Spec.PayloadSchema != nil
	}
	return *w.Spec.ValidatePayload
}

// EffectiveName is the step's name in Novu.
func (s *WorkflowStep) EffectiveName() string { return orDefault(s.Name, s.StepID) }

// EffectiveID is the layoutID in Novu.
func (l *Layout) EffectiveID() string { return orDefault(l.Spec.LayoutID, l.Name) }

// IsDefault reports whether Novu was last seen to use the layout for e-mails that name none.
func (l *Layout) IsDefault() bool { return isTrue(l.Status.Default) }

// EffectiveID is the identifier in Novu.
func (i *Integration) EffectiveID() string { return orDefault(i.Spec.Identifier, i.Name) }

// EffectiveName is the integration's name in Novu.
func (i *Integration) EffectiveName() string { return orDefault(i.Spec.Name, i.EffectiveID()) }

// EffectiveActive reports whether Novu delivers through the integration.
func (i *Integration) EffectiveActive() bool { return i.Spec.Active == nil || *i.Spec.Active }

// EffectiveAdoptionPolicy turns an empty policy into the default, Adopt.
func EffectiveAdoptionPolicy(policy AdoptionPolicy) AdoptionPolicy {
	return orDefault(policy, AdoptionPolicyAdopt)
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// LayoutName is the name of the Layout object that the step names; empty if it names none.
func (s *EmailStep) LayoutName() string {
	if s == nil || s.Layout == nil || s.Layout.Ref == nil {
		return ""
	}
	return s.Layout.Ref.Name
}

// LayoutID is the identifier of the layout that the step names and no Layout object describes; empty if it names none.
func (s *EmailStep) LayoutID() string {
	if s == nil || s.Layout == nil {
		return ""
	}
	return s.Layout.ID
}

// BodyFrom is where the body of the step comes from, nil if it stands in the step itself.
func (s *WorkflowStep) BodyFrom() *BodySource {
	switch {
	case s.InApp != nil:
		return s.InApp.BodyFrom
	case s.Email != nil:
		return s.Email.BodyFrom
	case s.SMS != nil:
		return s.SMS.BodyFrom
	case s.Chat != nil:
		return s.Chat.BodyFrom
	case s.Push != nil:
		return s.Push.BodyFrom
	}
	return nil
}

// CountOf returns what status counts of a kind; zero if nothing is known.
func (e *Environment) CountOf(kind CountedKind) KindCount {
	for _, count := range e.Status.Counts {
		if count.Kind == kind {
			return count
		}
	}
	return KindCount{Kind: kind}
}
