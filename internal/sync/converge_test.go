// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

// result is how a comparison ended.
type result struct {
	calls     string // requests to Novu, in order
	described string // what was done
	reason    string // of the outcome; empty: success
	drift     bool
}

// convergeCases are what an object and Novu may be like before a comparison.
var convergeCases = map[string]struct {
	prepare  func(s *scene)
	text     string // the definition; wanted if empty
	readOnly bool
	want     result
}{
	"new": {want: result{calls: "update, create", described: "created"}},
	"new, and in Novu already": {
		prepare: func(s *scene) { s.held = &held{text: "old"} },
		want:    result{calls: "update", described: "updated"},
	},
	"new, adoption refused, and not in Novu": {
		prepare: func(s *scene) { s.object.Spec.AdoptionPolicy = v1alpha1.AdoptionPolicyRefuse },
		want:    result{calls: "get, create", described: "created"},
	},
	"new, adoption refused, and in Novu": {
		prepare: func(s *scene) {
			s.object.Spec.AdoptionPolicy = v1alpha1.AdoptionPolicyRefuse
			s.held = &held{text: "old"}
		},
		want: result{calls: "get, get", reason: v1alpha1.ReasonAdoptionRefused},
	},
	"new, adoption refused, and in Novu as wanted": {
		prepare: func(s *scene) {
			s.object.Spec.AdoptionPolicy = v1alpha1.AdoptionPolicyRefuse
			s.held = &held{text: wanted}
		},
		want: result{calls: "get, get"},
	},
	"new, adoption refused, and Novu does not answer": {
		prepare: func(s *scene) {
			s.object.Spec.AdoptionPolicy = v1alpha1.AdoptionPolicyRefuse
			s.fails["get"] = lost()
		},
		want: result{calls: "get", reason: v1alpha1.ReasonNovuUnavailable},
	},
	"found by a fresh list": {
		prepare: func(s *scene) {
			s.synced()
			s.found, s.listed = s.listed, nil
		},
		want: result{},
	},
	"several of one id": {
		prepare: func(s *scene) { s.synced().listed.Duplicates = []string{"a", "b"} },
		want:    result{reason: v1alpha1.ReasonDuplicated},
	},
	"nothing has changed": {
		prepare: func(s *scene) { s.synced() },
		want:    result{},
	},
	"nothing has changed, and drift was left": {
		prepare: func(s *scene) { s.synced().driftLeft(v1alpha1.DriftPolicyDetect) },
		want:    result{drift: true},
	},
	"nothing has changed, and corrections were given up": {
		prepare: func(s *scene) { s.synced().driftLeft(v1alpha1.DriftPolicyCorrect) },
		want:    result{reason: v1alpha1.ReasonNotConverging, drift: true},
	},
	"the definition has changed": {
		prepare: func(s *scene) { s.synced() }, text: "other",
		want: result{calls: "update", described: "updated"},
	},
	"the definition has changed, and it was deleted in Novu": {
		prepare: func(s *scene) { s.synced().held = nil }, text: "other",
		want: result{calls: "update, create", described: "created"},
	},
	"spec has changed beside the definition": {
		prepare: func(s *scene) { s.synced().object.Generation = 2 },
		want:    result{calls: "get"},
	},
	"the user asks": {
		prepare: func(s *scene) { s.synced().ask() },
		want:    result{calls: "get"},
	},
	"another drift policy than before": {
		prepare: func(s *scene) { s.synced().object.Spec.DriftPolicy = v1alpha1.DriftPolicyDetect },
		want:    result{calls: "get"},
	},
	"touched, and as wanted": {
		prepare: func(s *scene) { s.synced().edited().held.text = wanted },
		want:    result{calls: "get"},
	},
	"touched, and in Novu's own form": {
		prepare: func(s *scene) {
			s.synced().edited()
			s.object.Status.RemoteHash = definition.Revision("edited")
		},
		want: result{calls: "get"},
	},
	"drift is corrected": {
		prepare: func(s *scene) { s.synced().edited() },
		want:    result{calls: "get, update", described: "updated", drift: true},
	},
	"drift is reported": {
		prepare: func(s *scene) { s.synced().edited().object.Spec.DriftPolicy = v1alpha1.DriftPolicyDetect },
		want:    result{calls: "get", drift: true},
	},
	"drift is ignored": {
		prepare: func(s *scene) { s.synced().edited().object.Spec.DriftPolicy = v1alpha1.DriftPolicyIgnore },
		want:    result{calls: "get"},
	},
	"drift that comes back is given up": {
		prepare: func(s *scene) { s.synced().edited().corrected(patience) },
		want:    result{calls: "get", reason: v1alpha1.ReasonNotConverging, drift: true},
	},
	"drift that comes back is corrected when the user asks": {
		prepare: func(s *scene) { s.synced().edited().corrected(patience).ask() },
		want:    result{calls: "get, update", described: "updated", drift: true},
	},
	"drift, and the definition has changed, too": {
		prepare: func(s *scene) { s.synced().edited() }, text: "other",
		want: result{calls: "get, update", described: "updated"},
	},
	"deleted in Novu is corrected": {
		prepare: func(s *scene) { s.synced().listed, s.held = nil, nil },
		want:    result{calls: "update, create", described: "created", drift: true},
	},
	"deleted in Novu is reported": {
		prepare: func(s *scene) {
			s.synced().listed, s.held = nil, nil
			s.object.Spec.DriftPolicy = v1alpha1.DriftPolicyDetect
		},
		want: result{reason: v1alpha1.ReasonDeletedInNovu, drift: true},
	},
	"deleted in Novu since it was listed": {
		prepare: func(s *scene) { s.synced().edited().held = nil },
		want:    result{calls: "get, update, create", described: "created", drift: true},
	},
	"code-first": {
		prepare: func(s *scene) { s.synced().edited().held.codeFirst = true },
		want:    result{calls: "get", reason: v1alpha1.ReasonCodeFirst},
	},
	"Novu does not answer": {
		prepare: func(s *scene) { s.synced().edited().fails["get"] = lost() },
		want:    result{calls: "get", reason: v1alpha1.ReasonNovuUnavailable},
	},
	"Novu refuses the definition": {
		prepare: func(s *scene) { s.synced().fails["update"] = refused(http.StatusBadRequest) }, text: "other",
		want: result{calls: "update", reason: v1alpha1.ReasonRejected},
	},
	"another writer was faster": {
		prepare: func(s *scene) {
			s.fails["create"] = refused(http.StatusConflict)
			s.creating = func() { s.edited() }
		},
		want: result{calls: "update, create, get, update", described: "updated"},
	},
	"taken, and not to be found": {
		prepare: func(s *scene) { s.fails["create"] = refused(http.StatusConflict) },
		want:    result{calls: "update, create", reason: v1alpha1.ReasonRejected},
	},
	"Novu complained, and may no longer": {
		prepare: func(s *scene) {
			s.synced().held.faulty = true
			s.converger.Reassessments.Mark(client.ObjectKeyFromObject(s.object))
		},
		want: result{calls: "get, update", described: "written once more, to have it judged again,"},
	},
	"dry run of a creation": {
		readOnly: true,
		want:     result{reason: v1alpha1.ReasonDryRun},
	},
	"dry run of a change": {
		prepare: func(s *scene) { s.synced() }, text: "other", readOnly: true,
		want: result{calls: "get", reason: v1alpha1.ReasonDryRun},
	},
}

func TestConverge(t *testing.T) {
	for name, test := range convergeCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, test.readOnly)
			if test.prepare != nil {
				test.prepare(s)
			}
			text := test.text
			if text == "" {
				text = wanted
			}
			scope, err := s.converge(t.Context(), text)
			got := result{calls: strings.Join(s.calls, ", "), described: scope.described, reason: reasonOf(err), drift: scope.drift != ""}
			if got != test.want {
				t.Errorf("got  %+v (%v)\nwant %+v", got, err, test.want)
			}
			if status := view.Status(s.object); err == nil && test.want.described != "" &&
				(status.Revision != definition.Revision(text) || status.RemoteUpdatedAt != s.held.updatedAt) {
				t.Errorf("status does not tell of the write: %+v", status)
			}
		})
	}
}

func (s *scene) ask() *scene {
	s.object.Annotations = map[string]string{v1alpha1.RequestedAtAnnotation: "now"}
	return s
}

// driftLeft lets the last comparison have found drift and left it.
func (s *scene) driftLeft(policy v1alpha1.DriftPolicy) *scene {
	apimeta.SetStatusCondition(&s.object.Status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionDrifted, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonDriftDetected, Message: "edited",
	})
	s.object.Spec.DriftPolicy, s.object.Status.DriftPolicy = policy, policy
	return s
}

// corrected lets the same drift have been corrected so many times before.
func (s *scene) corrected(times int32) *scene {
	text := wanted
	s.object.Status.Correction = definition.Revision(s.Compare(nil, &text, s.held))
	s.object.Status.UnconvergedWrites = times
	return s
}

// reasonOf is the reason of an outcome.
func reasonOf(err error) string { return reconcile.TroubleOf(err).Reason }

// TestCreationWithoutAnAnswer: nothing is sent before it has come to its end, and the object is looked for again.
func TestCreationWithoutAnAnswer(t *testing.T) {
	s := newScene(t, false)
	s.fails["create"] = lost()
	_, err := s.converge(t.Context(), wanted)
	outcome := reconcile.OutcomeOf(err)
	if outcome.Kind != reconcile.Transient || outcome.RetryAfter.Before(s.conn.Now().Add(time.Second)) {
		t.Errorf("got %#v", err)
	}
}

// TestCreationIsAnnounced where a crash must not let the operator forget that the object is its own.
func TestCreationIsAnnounced(t *testing.T) {
	for name, prepare := range map[string]func(*v1alpha1.Workflow){
		"is deleted one day":  func(w *v1alpha1.Workflow) { w.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete },
		"adoption is refused": func(w *v1alpha1.Workflow) { w.Spec.AdoptionPolicy = v1alpha1.AdoptionPolicyRefuse },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, false)
			prepare(s.object)
			s.fails["create"] = refused(http.StatusBadRequest)
			if _, err := s.converge(t.Context(), wanted); err == nil {
				t.Fatal("a refusal is a success")
			}
			if len(s.noted) != 1 || !s.noted[0].Creating || s.noted[0].EnvironmentID != s.conn.Environment().ID {
				t.Errorf("noted %+v", s.noted)
			}
			if s.object.Status.Creating {
				t.Error("what Novu has refused is still announced")
			}
		})
	}
}

// TestCreationIsCutOff: the status of a creation whose answer the operator could not wait for is written all the same.
func TestCreationIsCutOff(t *testing.T) {
	s := newScene(t, false)
	ctx, cancel := context.WithCancel(t.Context())
	s.fails["create"], s.creating = lost(), cancel
	if _, err := s.converge(ctx, wanted); err == nil || len(s.noted) != 1 {
		t.Errorf("got %v, noted %+v", err, s.noted)
	}
}

// TestRecheckAfterAnUnansweredComparison: what asked for a comparison asks again.
func TestRecheckAfterAnUnansweredComparison(t *testing.T) {
	s := newScene(t, false).synced().ask()
	s.fails["get"] = lost()
	if _, err := s.converge(t.Context(), wanted); err == nil {
		t.Fatal("no error")
	}
	s.calls, s.fails, s.object.Annotations = nil, nil, nil
	if _, err := s.converge(t.Context(), wanted); err != nil || len(s.calls) != 1 {
		t.Errorf("calls %v, %v", s.calls, err)
	}
}

// TestDuplicatesAreNamed so that the user can delete all but one.
func TestDuplicatesAreNamed(t *testing.T) {
	s := newScene(t, false).synced()
	s.listed = &connection.Entry{ID: "a", Duplicates: []string{"a", "b"}}
	if _, err := s.converge(t.Context(), wanted); err == nil || !strings.Contains(err.Error(), "a, b") {
		t.Errorf("got %v", err)
	}
}
