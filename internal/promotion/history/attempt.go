// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"encoding/json"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"novu-operator.dev/api/v1alpha1"
)

// Attempt is what is known of one attempt of a Promotion apart from its status, which backups do not keep: which attempt it
// was, what it was about, and how it has ended. It is kept twice: in an annotation of the Promotion, which comes back with a
// backup, and in the target's [Ledger], which outlasts the Promotion.
type Attempt struct {
	// Name of the Promotion: a copy under another name is another attempt.
	Name string `json:"name"`
	// UID of the Promotion that made the attempt.
	UID types.UID `json:"uid"`
	// Digest of what it was about.
	Digest string `json:"digest"`

	Phase          v1alpha1.PromotionPhase      `json:"phase,omitempty"`
	Ready          metav1.ConditionStatus       `json:"ready,omitempty"`
	Reason         string                       `json:"reason,omitempty"`
	Message        string                       `json:"message,omitempty"`
	Progress       string                       `json:"progress,omitempty"`
	PlanHash       string                       `json:"planHash,omitempty"`
	RestoresRef    *v1alpha1.PromotionReference `json:"restoresRef,omitempty"`
	StartTime      *metav1.Time                 `json:"startTime,omitempty"`
	CompletionTime *metav1.Time                 `json:"completionTime,omitempty"`
}

// AttemptOf is the attempt of a Promotion, as its status has it.
func AttemptOf(p *v1alpha1.Promotion) Attempt {
	a := Attempt{Name: p.Name, UID: p.UID, Digest: Digest(p)}
	if p.Status.CompletionTime == nil {
		return a
	}
	a.Phase, a.Progress, a.RestoresRef = p.Status.Phase, p.Status.Progress, p.Status.RestoresRef
	a.StartTime, a.CompletionTime = p.Status.StartTime, p.Status.CompletionTime
	if p.Status.Plan != nil {
		a.PlanHash = p.Status.Plan.Hash
	}
	if ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		a.Ready, a.Reason, a.Message = ready.Status, ready.Reason, ready.Message
	}
	if len(a.Message) > mostMessage {
		a.Message = string([]rune(a.Message[:mostMessage])) + "…"
	}
	return a
}

// mostMessage is how much of a message is kept, in bytes.
const mostMessage = 1024

// Ended reports whether there is an attempt and it is known how it has ended. Otherwise it was at work when this was written.
func (a *Attempt) Ended() bool { return a != nil && a.CompletionTime != nil }

// Annotated is the attempt that the Promotion's annotation tells of, if that is about this very Promotion, under whatever UID;
// nil: none. Only the operator, and who restores backups, can write it.
func Annotated(p *v1alpha1.Promotion) *Attempt {
	a := &Attempt{}
	err := json.Unmarshal([]byte(p.Annotations[v1alpha1.AttemptAnnotation]), a)
	if err != nil || a.Name != p.Name || a.Digest != Digest(p) || a.UID == "" {
		return nil
	}
	return a
}

// Annotation is the value of the annotation that tells of the attempt.
func (a *Attempt) Annotation() string {
	text, _ := json.Marshal(a) // plain strings and times
	return string(text)
}

// Digest stands for what a Promotion is about: all of spec but who approves, who asks, whether it is aborted, and how long
// it stays.
func Digest(p *v1alpha1.Promotion) string {
	spec := p.Spec.DeepCopy()
	spec.Approvals, spec.RequestedBy, spec.Abort, spec.TTLSecondsAfterFinished = nil, "", nil, nil
	spec.DryRun, spec.Prune = orAbsent(spec.DryRun), orAbsent(spec.Prune)
	text, _ := json.Marshal(spec) // in the order of the fields, and of keys in maps
	return digest(text)
}

// orAbsent is the flag, without one that is false: it means the same as none.
func orAbsent(flag *bool) *bool {
	if ptr.Deref(flag, false) {
		return flag
	}
	return nil
}
