// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"reflect"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func at(hour int) *metav1.Time {
	t := metav1.NewTime(time.Date(2026, 11, 27, hour, 0, 0, 0, time.UTC))
	return &t
}

func freeze(until *metav1.Time) *v1alpha1.PromotionFreeze {
	return &v1alpha1.PromotionFreeze{Reason: "launch", EndTime: until}
}

func left(until *metav1.Time) *v1alpha1.KeptFreeze {
	return &v1alpha1.KeptFreeze{Reason: "launch", EndTime: until, FoundTime: *at(12)}
}

// environment is a target; no freeze that is stated: nil.
func environment(uid string, stated *v1alpha1.PromotionFreeze) *v1alpha1.Environment {
	e := &v1alpha1.Environment{}
	e.UID = "1"
	if uid != "" {
		e.UID = "2"
	}
	e.Spec.PromotionPolicy = &v1alpha1.PromotionPolicy{Freeze: stated}
	return e
}

func TestNext(t *testing.T) {
	hold, other := &v1alpha1.PromotionHold{PromotionRef: v1alpha1.PromotionReference{Namespace: "novu", Name: "back"}}, &v1alpha1.PromotionHold{PromotionRef: v1alpha1.PromotionReference{Namespace: "novu", Name: "again"}}
	frozen := State{UID: "1", Freeze: freeze(nil)}
	for name, tc := range map[string]struct {
		old  State
		now  *v1alpha1.Environment
		edit func(e *v1alpha1.Environment)
		want State
	}{
		"nothing":                          {State{}, environment("", nil), nil, State{UID: "1"}},
		"frozen":                           {State{}, environment("", freeze(nil)), nil, frozen},
		"lifted in spec":                   {frozen, environment("", nil), nil, State{UID: "1"}},
		"shortened in spec":                {frozen, environment("", freeze(at(13))), nil, State{UID: "1", Freeze: freeze(at(13))}},
		"no target any more":               {frozen, environment("", nil), func(e *v1alpha1.Environment) { e.Spec.PromotionPolicy = nil }, State{UID: "1"}},
		"created again with its freeze":    {frozen, environment("2", freeze(nil)), nil, State{UID: "2", Freeze: freeze(nil)}},
		"created again without its freeze": {frozen, environment("2", nil), nil, State{UID: "2", Kept: left(nil)}},
		"created again as no target": {
			frozen, environment("2", nil), func(e *v1alpha1.Environment) { e.Spec.PromotionPolicy = nil }, State{UID: "2", Kept: left(nil)},
		},
		"created again with a shorter freeze": {
			frozen, environment("2", freeze(at(13))), nil, State{UID: "2", Freeze: freeze(at(13)), Kept: left(nil)},
		},
		"created again with a longer freeze": {
			State{UID: "1", Freeze: freeze(at(13))}, environment("2", freeze(at(14))), nil, State{UID: "2", Freeze: freeze(at(14))},
		},
		"created again when it is over": {State{UID: "1", Freeze: freeze(at(12))}, environment("2", nil), nil, State{UID: "2"}},
		"over later":                    {State{UID: "2", Kept: left(at(11))}, environment("2", nil), nil, State{UID: "2"}},
		"kept meanwhile":                {State{UID: "2", Kept: left(nil)}, environment("2", nil), nil, State{UID: "2", Kept: left(nil)}},
		"created a third time": {
			State{UID: "1", Kept: left(at(14)), Freeze: freeze(at(13))}, environment("2", nil), nil, State{UID: "2", Kept: left(at(14))},
		},
		"created a third time, frozen for longer since": {
			State{UID: "1", Kept: left(at(13)), Freeze: freeze(nil)}, environment("2", nil), nil, State{UID: "2", Kept: left(nil)},
		},
		"lifted by annotation": {
			State{UID: "2", Kept: left(nil)}, environment("2", nil),
			func(e *v1alpha1.Environment) {
				e.Annotations = map[string]string{v1alpha1.ResumeAnnotation: "freeze-20261127t120000z"}
			}, State{UID: "2"},
		},
		"the annotation of another": {
			State{UID: "2", Kept: left(nil)}, environment("2", nil),
			func(e *v1alpha1.Environment) {
				e.Annotations = map[string]string{v1alpha1.ResumeAnnotation: "freeze-20261127t115959z"}
			}, State{UID: "2", Kept: left(nil)},
		},
		"held":               {State{}, environment("", nil), func(e *v1alpha1.Environment) { e.Status.Hold = hold }, State{UID: "1", Hold: hold}},
		"hold lifted":        {State{UID: "1", Hold: hold}, environment("", nil), nil, State{UID: "1"}},
		"created again held": {State{UID: "1", Hold: hold}, environment("2", nil), nil, State{UID: "2", Hold: hold}},
		"held anew since":    {State{UID: "1", Hold: hold}, environment("2", nil), func(e *v1alpha1.Environment) { e.Status.Hold = other }, State{UID: "2", Hold: other}},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.edit != nil {
				tc.edit(tc.now)
			}
			got := Next(tc.old, tc.now, noon)
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
			tc.now.Status.Hold = got.Hold // as the operator shows it
			if again := Next(got, tc.now, noon); !reflect.DeepEqual(again, got) {
				t.Errorf("it does not stay so: %+v", again)
			}
			if got.Empty() != (got.Freeze == nil && got.Kept == nil && got.Hold == nil) {
				t.Error("empty or not")
			}
		})
	}
}
