// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history_test

import (
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/history"
)

func ended(p *v1alpha1.Promotion, phase v1alpha1.PromotionPhase) *history.Attempt {
	p.Status.Phase, p.Status.CompletionTime = phase, &metav1.Time{Time: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	a := history.AttemptOf(p)
	return &a
}

func TestLedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ledger, now := &history.Ledger{Client: w.Client, Live: w.Client}, time.Now()
	release := w.promotion("release")
	release.Spec.TargetRef = v1alpha1.EnvironmentReference{Name: "production"}
	found := func(p *v1alpha1.Promotion) string {
		t.Helper()
		a, err := ledger.Find(t.Context(), p, now)
		w.Must(err)
		if a == nil {
			return ""
		}
		return fmt.Sprint(a.Phase, " ", a.UID)
	}
	w.same("before", found(release), "")
	w.Must(ledger.Enter(t.Context(), release, ended(release, v1alpha1.PromotionPhaseFailed), false))

	again := release.DeepCopy()
	again.UID, again.Status = "another", v1alpha1.PromotionStatus{}
	again.Spec.Abort, again.Spec.RequestedBy = new(true), "somebody"
	w.same("the same again", found(again), "Failed "+string(release.UID))
	w.Must(ledger.Enter(t.Context(), again, ended(again, v1alpha1.PromotionPhaseSucceeded), false))
	w.same("the first end counts", found(again), "Failed "+string(release.UID))

	for name, change := range map[string]func(*v1alpha1.Promotion){
		"other content": func(p *v1alpha1.Promotion) {
			p.Spec.Rollback = &v1alpha1.PromotionRollback{To: v1alpha1.RollbackToPrevious}
		},
		"other name":      func(p *v1alpha1.Promotion) { p.Name = "other" },
		"other namespace": func(p *v1alpha1.Promotion) { p.Namespace, p.Spec.TargetRef.Namespace = "other", release.Namespace },
		"other target":    func(p *v1alpha1.Promotion) { p.Spec.TargetRef.Name = "staging" },
	} {
		p := release.DeepCopy()
		change(p)
		w.same(name, found(p), "")
	}

	var entry appsv1.ControllerRevision
	for _, o := range w.objects("novu-ended-") {
		entry = o
	}
	now = now.Add(48 * time.Hour)
	found(release)
	w.Must(w.Get(t.Context(), types.NamespacedName{Namespace: entry.Namespace, Name: entry.Name}, &entry))
	if len(entry.Annotations) != 1 || len(entry.OwnerReferences) > 0 {
		t.Errorf("it is not noted that the entry is of use: %v", entry.ObjectMeta)
	}
	w.Must(w.Delete(t.Context(), &entry))
	forged := entry.DeepCopy()
	forged.ResourceVersion, forged.UID, forged.Data.Raw = "", "", []byte(`{"namespace":"x"}`)
	w.Must(w.Create(t.Context(), forged))
	w.same("not the operator's", found(release), "")
}

// What the annotation says counts for the Promotion that it is about, and for nothing else.
func TestAnnotatedAttempt(t *testing.T) {
	p := &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "release", UID: "one"}}
	value := ended(p, v1alpha1.PromotionPhaseSucceeded).Annotation()
	for name, test := range map[string]struct {
		value  string
		change func(*v1alpha1.Promotion)
		want   bool
	}{
		"itself":          {value, func(*v1alpha1.Promotion) {}, true},
		"under a new UID": {value, func(p *v1alpha1.Promotion) { p.UID = "two" }, true},
		"elsewhere":       {value, func(p *v1alpha1.Promotion) { p.Namespace = "other" }, true},
		"other name":      {value, func(p *v1alpha1.Promotion) { p.Name = "other" }, false},
		"other spec":      {value, func(p *v1alpha1.Promotion) { p.Spec.Prune = new(true) }, false},
		"approved since":  {value, func(p *v1alpha1.Promotion) { p.Spec.Approvals = []v1alpha1.PromotionApproval{{User: "a"}} }, true},
		"nothing":         {"", func(*v1alpha1.Promotion) {}, false},
		"nonsense":        {"{", func(*v1alpha1.Promotion) {}, false},
		"nobody's":        {"{}", func(*v1alpha1.Promotion) {}, false},
	} {
		p := p.DeepCopy()
		p.Annotations = map[string]string{v1alpha1.AttemptAnnotation: test.value}
		test.change(p)
		if got := history.Annotated(p); (got != nil) != test.want || got != nil && !got.Ended() {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
