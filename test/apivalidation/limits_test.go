// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

// The longest texts that the operator writes into status, in bytes: see internal/reconcile (conditions), internal/novu (identifiers
// and names), internal/promotion (notes), internal/definition (values) and controllers.
const (
	conditionText = 2048
	identifier    = 512
	novuName      = 256
	note          = 512
	value         = 256
)

var text = strings.Repeat

// What a status cannot take is never written, and the object stays as it is forever. So each status is written with as much as the
// operator ever puts into it.
func TestEnvironmentStatusTakesWhatTheOperatorWrites(t *testing.T) {
	t.Parallel()
	now := metav1.NewTime(time.Unix(1_800_000_000, 0))
	e := &v1alpha1.Environment{}
	e.Name, e.Namespace, e.Spec.SecretKeyRef.Name = "example", newNamespace(t), "novu"
	if err := strict.Create(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	count := int32(1_000_000)
	e.Status = v1alpha1.EnvironmentStatus{
		Conditions: conditions(now, 8), ObservedGeneration: 1 << 40,
		EnvironmentID: text("a", identifier), EnvironmentName: text("ä", novuName), EnvironmentType: text("t", novuName+len("…")),
		ApplicationIdentifier: text("a", identifier), OrganizationID: text("a", identifier), LastHandledRequest: text("r", 1<<17),
		RateLimits: []v1alpha1.RateLimitStatus{
			{Category: "configuration", Limit: count, Burst: count, WindowSeconds: count}, {Category: "global", Limit: 1},
		},
		Counts: []v1alpha1.KindCount{
			{Kind: v1alpha1.CountedWorkflow, Total: count}, {Kind: v1alpha1.CountedLayout}, {Kind: v1alpha1.CountedIntegration},
		},
		Target:             &v1alpha1.TargetCounts{},
		ActivePromotionRef: promotionRef(),
		Hold: &v1alpha1.PromotionHold{
			PromotionRef: *promotionRef(), UID: types.UID(text("u", 36)), StartTime: now,
			Reason: "rolled back to what Promotion " + text("p", 253) + " left",
		},
		Freeze: &v1alpha1.KeptFreeze{Reason: text("ä", 256), EndTime: &now, FoundTime: now},
	}
	if err := strict.Status().Update(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	e.Status = v1alpha1.EnvironmentStatus{Conditions: conditions(now, 1)}
	if err := strict.Status().Update(t.Context(), e); err != nil {
		t.Fatalf("one of which little is known: %v", err)
	}
}

func TestPromotionStatusTakesWhatTheOperatorWrites(t *testing.T) {
	t.Parallel()
	now := metav1.NewTime(time.Unix(1_800_000_000, 0))
	p := &v1alpha1.Promotion{}
	p.Name, p.Namespace, p.Spec.TargetRef.Name = "example", newNamespace(t), "production"
	if err := strict.Create(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	digest := text("a", 64)
	p.Status = v1alpha1.PromotionStatus{
		Conditions: conditions(now, 8+16), ObservedGeneration: 1 << 40, Phase: v1alpha1.PromotionPhaseApplying, Progress: "10000/10000",
		SourceEnvironmentID: text("a", identifier), TargetEnvironmentID: text("a", identifier), Strategy: v1alpha1.PromotionStrategyApply,
		Plan:         &v1alpha1.PromotionPlan{Hash: digest, ShortHash: digest[:12], Items: []v1alpha1.PlannedItem{fullItem(now)}, LeftOut: 10_000},
		NextOpenTime: &now, PinsDigest: digest, RecordDigest: digest, RestoresRef: promotionRef(), StartTime: &now, CompletionTime: &now,
		RollbackPoint: &v1alpha1.RollbackPoint{PromotionUID: types.UID(text("u", 36)), Record: 1, Before: true, LatestRecord: 1 << 40},
	}
	for i := range 5 + 16 { // those of the operator, and spec.promotionPolicy.gates
		p.Status.Gates = append(p.Status.Gates, v1alpha1.GateStatus{
			Name: fmt.Sprintf("%s%02d", text("g", 61), i), Reason: text("R", 1024), Message: text("m", note), NextOpenTime: &now,
		})
	}
	for i := range 64 {
		p.Status.Approvals = append(p.Status.Approvals, v1alpha1.CountedApproval{
			User: fmt.Sprintf("%s%02d", text("ä", 254), i), PlanHash: digest, Renewal: 1000, FirstSeenTime: now,
		})
	}
	if err := strict.Status().Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// fullItem is an item of a plan with as much as there can be.
func fullItem(now metav1.Time) v1alpha1.PlannedItem {
	digest, steps := text("a", 64), make([]string, 100)
	for i := range steps {
		steps[i] = text("s", 128)
	}
	changes := make([]v1alpha1.Difference, 20)
	for i := range changes {
		changes[i] = v1alpha1.Difference{Path: text("p", value), From: text("f", value), To: text("t", value), Unmanaged: true}
	}
	return v1alpha1.PlannedItem{
		Kind: v1alpha1.PromotionItemWorkflow, Namespace: text("n", 63), Name: text("n", 253), ID: text("i", identifier),
		Action: v1alpha1.PlanActionUpdate, Revision: digest, SourceHash: digest, TargetHash: digest, State: v1alpha1.ItemStateRolledBack,
		Steps: &v1alpha1.PlannedSteps{Added: steps, Removed: steps, Moved: steps}, Changes: changes, MoreChanges: 100_000,
		Message:           fmt.Sprintf("its layout %q is left out", text("l", identifier)),
		UncertainCreation: &v1alpha1.UncertainCreation{StartTime: now, Outline: digest},
	}
}

// conditions are so many, as long as the operator makes them.
func conditions(now metav1.Time, count int) (list []metav1.Condition) {
	for i := range count {
		list = append(list, metav1.Condition{
			Type: fmt.Sprintf("Condition%d", i), Status: metav1.ConditionTrue, Reason: "Reason", Message: text("m", conditionText),
			LastTransitionTime: now,
		})
	}
	return list
}

func promotionRef() *v1alpha1.PromotionReference {
	return &v1alpha1.PromotionReference{Namespace: text("n", 63), Name: text("p", 253)}
}
