// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"errors"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
)

// TestBlocked: what keeps an object from being deleted is told as the reason for that, and tried again.
func TestBlocked(t *testing.T) {
	const waiting, stalled, transient = reconcile.Waiting, reconcile.Stalled, reconcile.Transient
	later := time.Unix(1000, 0)
	for name, test := range map[string]struct {
		cause    reconcile.Outcome
		teardown bool
		want     reconcile.Outcome
	}{
		"the Environment is not there": {
			cause: reconcile.Outcome{Kind: waiting, Reason: v1alpha1.ReasonEnvironmentNotFound, Reference: true},
			want:  reconcile.Outcome{Kind: waiting, Reason: v1alpha1.ReasonDeletionBlocked},
		},
		"the circuit is open": {
			cause: reconcile.Outcome{Kind: waiting, Reason: v1alpha1.ReasonEnvironmentNotReady, Quiet: true, Poll: true},
			want:  reconcile.Outcome{Kind: waiting, Reason: v1alpha1.ReasonDeletionBlocked, Poll: true},
		},
		"the namespace goes, too": {
			cause: reconcile.Outcome{Kind: waiting, Reason: v1alpha1.ReasonEnvironmentNotFound}, teardown: true,
			want: reconcile.Outcome{Kind: waiting, Reason: v1alpha1.ReasonDeletionBlocked, Poll: true},
		},
		"workflows use the layout": {
			cause: reconcile.Outcome{Kind: stalled, Reason: v1alpha1.ReasonLayoutInUse, Poll: true},
			want:  reconcile.Outcome{Kind: stalled, Reason: v1alpha1.ReasonLayoutInUse, Poll: true},
		},
		"Novu has several": {
			cause: reconcile.Outcome{Kind: stalled, Reason: v1alpha1.ReasonDuplicated},
			want:  reconcile.Outcome{Kind: stalled, Reason: v1alpha1.ReasonDeletionBlocked, Poll: true},
		},
		"a creation is not decided": {
			cause: reconcile.Outcome{Kind: transient, Reason: v1alpha1.ReasonDeletionBlocked, RetryAfter: later},
			want:  reconcile.Outcome{Kind: transient, Reason: v1alpha1.ReasonDeletionBlocked, RetryAfter: later},
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.cause.Message = "because of this"
			got := blocked(test.cause, test.teardown)
			if !strings.Contains(got.Message, test.cause.Message) || !strings.Contains(got.Message, v1alpha1.ForceDetachAnnotation) {
				t.Errorf("the message tells neither why nor what to do: %s", got.Message)
			}
			if got.Message = ""; got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
	for _, err := range []error{nil, errors.New("a fault"), reconcile.ErrGone} {
		if o := reconcile.OutcomeOf(err); blocked(o, true) != o {
			t.Errorf("%v is taken for what blocks a deletion", err)
		}
	}
}
