// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
)

// environmentNamed is an Environment of the namespace "shop".
func environmentNamed(name string, changes ...func(*v1alpha1.Environment)) *v1alpha1.Environment {
	e := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
	for _, change := range changes {
		change(e)
	}
	return e
}

// The connector goes no further with a key of an environment that is not the one that is meant.
func TestConnectorIdentity(t *testing.T) {
	t.Parallel()
	remote := novu.Environment{ID: "id-1", Name: "Production"}
	tests := map[string]struct {
		specID, specName, known string
		want                    string // reason; empty: it is accepted
	}{
		"anything goes":             {want: ""},
		"the id":                    {specID: "id-1"},
		"another id":                {specID: "id-2", want: v1alpha1.ReasonWrongEnvironment},
		"the name":                  {specName: "Production"},
		"another name":              {specName: "Development", want: v1alpha1.ReasonWrongEnvironment},
		"as before":                 {known: "id-1"},
		"moved":                     {known: "id-2", want: v1alpha1.ReasonEnvironmentChanged},
		"moved, and that is meant":  {known: "id-2", specID: "id-1"},
		"moved, and that is not it": {known: "id-1", specID: "id-2", want: v1alpha1.ReasonWrongEnvironment},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &scope{environment: environmentNamed("production", func(e *v1alpha1.Environment) {
				e.Spec.EnvironmentID, e.Spec.EnvironmentName, e.Status.EnvironmentID = test.specID, test.specName, test.known
			})}
			err := (&connector{}).identity(s, remote)
			got := reconcile.OutcomeOf(err)
			refused := got.Kind == reconcile.Stalled
			switch {
			case !refused && (err != nil || test.want != ""):
				t.Errorf("got %v, want reason %q", err, test.want)
			case refused && (got.Reason != test.want || !got.Poll):
				t.Errorf("got reason %q, try again %v; want %q, and another attempt", got.Reason, got.Poll, test.want)
			}
		})
	}
}

// A poll may be nearly an interval old, so that a timer that comes early counts; without an interval it never is too old.
func TestPollAge(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		interval metav1.Duration
		want     time.Duration
	}{
		"an interval": {metav1.Duration{Duration: 10 * time.Minute}, 8 * time.Minute},
		"none":        {metav1.Duration{}, never},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &scope{environment: environmentNamed("production", func(e *v1alpha1.Environment) { e.Spec.Interval = &test.interval })}
			if got := (&poller{}).pollAge(s); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// A user who waits for an Environment to go learns the root cause, if there is one.
func TestFinalizerTellsTheRootCause(t *testing.T) {
	t.Parallel()
	object := func(deleted bool, reason string) child {
		w := &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "letter"}}
		w.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: "False", Reason: reason, Message: "because"}}
		if deleted {
			w.DeletionTimestamp = &metav1.Time{Time: time.Now()}
		}
		return child{Object: w}
	}
	trouble := connection.Trouble{Reason: v1alpha1.ReasonUnauthorized, Message: "the key is wrong"}
	tests := map[string]struct {
		trouble connection.Trouble
		served  bool
		needy   child
		want    string
	}{
		"nothing is wrong":             {served: true, needy: object(true, v1alpha1.ReasonConnected)},
		"not connected":                {trouble: trouble, needy: object(true, v1alpha1.ReasonConnected), want: "the key is wrong"},
		"was not connected":            {trouble: trouble, served: true, needy: object(true, v1alpha1.ReasonConnected)},
		"the deletion is blocked":      {served: true, needy: object(true, v1alpha1.ReasonDeletionBlocked), want: "shop/letter: "},
		"blocked, and not deleted now": {served: true, needy: object(false, v1alpha1.ReasonDeletionBlocked)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &scope{environment: environmentNamed("production")}
			f := &finalizer{Pool: connection.NewPool(connection.Options{})}
			if test.trouble.Reason != "" {
				f.Pool.Fail(client.ObjectKeyFromObject(s.environment), test.trouble)
			}
			got := f.obstacle(s, []child{test.needy}, test.served)
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it", got, test.want)
			}
		})
	}
}

// What is to outlast an Environment is kept until it was written, and until then another of its name may go, too.
func TestDepartures(t *testing.T) {
	t.Parallel()
	var d departures
	first, second := environmentNamed("production"), environmentNamed("production")
	key := types.NamespacedName{Namespace: "shop", Name: "production"}
	d.add(first)
	d.add(second)
	d.done(first)
	if got := d.of(key); got != second {
		t.Errorf("after the first was written: got %p, want the second, %p", got, second)
	}
	d.done(second)
	if got := d.of(key); got != nil {
		t.Errorf("after the second was written: got %p, want none", got)
	}
}
