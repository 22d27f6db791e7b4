// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
)

// promotionOf is a Promotion that was created so many seconds after the first.
func promotionOf(name string, second int, edits ...func(*v1alpha1.Promotion)) *v1alpha1.Promotion {
	p := &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: name, UID: types.UID(name), CreationTimestamp: metav1.Unix(int64(1000+second), 0),
	}}
	for _, edit := range edits {
		edit(p)
	}
	return p
}

func started(p *v1alpha1.Promotion) { p.Status.StartTime = &metav1.Time{Time: time.Unix(2000, 0)} }

func finished(p *v1alpha1.Promotion) {
	p.Status.CompletionTime = &metav1.Time{Time: time.Unix(3000, 0)}
}

func because(err error) func(*v1alpha1.Promotion) {
	return func(p *v1alpha1.Promotion) {
		reconcile.Judge(reconcile.OutcomeOf(err), reconcile.Standing{}).Apply(reconcile.Conditions{List: &p.Status.Conditions})
	}
}

func TestInLine(t *testing.T) {
	waiting := func(reason string) func(*v1alpha1.Promotion) { return because(reconcile.Waitingf(reason, "")) }
	for name, test := range map[string]struct {
		edits []func(*v1alpha1.Promotion)
		want  bool
	}{
		"new":                              {want: true},
		"queued":                           {edits: []func(*v1alpha1.Promotion){waiting(v1alpha1.ReasonQueued)}, want: true},
		"waits for objects":                {edits: []func(*v1alpha1.Promotion){waiting(v1alpha1.ReasonItemsNotReady)}},
		"Novu is down":                     {edits: []func(*v1alpha1.Promotion){because(reconcile.Outcome{Kind: reconcile.Transient, Reason: v1alpha1.ReasonNovuUnavailable})}},
		"Novu is down in the middle":       {edits: []func(*v1alpha1.Promotion){started, because(reconcile.Outcome{Kind: reconcile.Transient, Reason: v1alpha1.ReasonNovuUnavailable})}, want: true},
		"Novu's rate limit":                {edits: []func(*v1alpha1.Promotion){because(reconcile.Outcome{Kind: reconcile.Transient, Reason: v1alpha1.ReasonRateLimited})}, want: true},
		"a user must fix items":            {edits: []func(*v1alpha1.Promotion){waiting(v1alpha1.ReasonItemsRefused)}},
		"may not refer to the target":      {edits: []func(*v1alpha1.Promotion){waiting(v1alpha1.ReasonNamespaceNotAllowed)}},
		"no longer allowed, in the middle": {edits: []func(*v1alpha1.Promotion){started, waiting(v1alpha1.ReasonNamespaceNotAllowed)}},
		"stalled before it started":        {edits: []func(*v1alpha1.Promotion){because(reconcile.Stalledf(v1alpha1.ReasonInvalidSpec, "no"))}},
		"stalled in the middle":            {edits: []func(*v1alpha1.Promotion){started, because(reconcile.Stalledf(v1alpha1.ReasonUnauthorized, "no"))}, want: true},
		"disconnected in the middle":       {edits: []func(*v1alpha1.Promotion){started, waiting(v1alpha1.ReasonEnvironmentNotReady)}, want: true},
		"finished":                         {edits: []func(*v1alpha1.Promotion){started, finished}},
		"a dry run":                        {edits: []func(*v1alpha1.Promotion){func(p *v1alpha1.Promotion) { p.Spec.DryRun = new(true) }}},
		"about to be deleted, finalized":   {edits: []func(*v1alpha1.Promotion){func(p *v1alpha1.Promotion) { p.DeletionTimestamp = &metav1.Time{Time: time.Now()} }}},
	} {
		if got := InLine(promotionOf("p", 0, test.edits...)); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestQueue(t *testing.T) {
	first, second, third := promotionOf("first", 0), promotionOf("second", 1), promotionOf("third", 2)
	running := promotionOf("running", 3, started)
	twin := promotionOf("another", 0) // as old as first, and its name comes before
	for name, test := range map[string]struct {
		p      *v1alpha1.Promotion
		rivals []*v1alpha1.Promotion
		want   string
	}{
		"alone":                        {p: second},
		"the oldest":                   {p: first, rivals: []*v1alpha1.Promotion{third, second}},
		"behind the oldest":            {p: second, rivals: []*v1alpha1.Promotion{third, first}, want: "waiting for Promotion shop/first; position 2 of 3 for this Novu environment"},
		"last":                         {p: third, rivals: []*v1alpha1.Promotion{second, first}, want: "waiting for Promotion shop/first; position 3 of 3 for this Novu environment"},
		"behind one that has started":  {p: first, rivals: []*v1alpha1.Promotion{second, running}, want: "waiting for Promotion shop/running; position 2 of 3 for this Novu environment"},
		"names decide among the equal": {p: first, rivals: []*v1alpha1.Promotion{twin}, want: "waiting for Promotion shop/another; position 2 of 2 for this Novu environment"},
	} {
		t.Run(name, func(t *testing.T) {
			var queue Queue
			err := queue.Enter("env", test.p, test.rivals)
			o := reconcile.OutcomeOf(err)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (o.Kind != reconcile.Waiting || o.Reason != v1alpha1.ReasonQueued || o.Message != test.want):
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// Who was let in keeps the others out until it leaves, whatever the others see of it: caches are behind.
func TestQueueLetsOnlyOneIn(t *testing.T) {
	var queue Queue
	old, young := promotionOf("old", 0), promotionOf("young", 1)
	enter := func(what, environment string, want bool, p *v1alpha1.Promotion, rivals ...*v1alpha1.Promotion) {
		t.Helper()
		if err := queue.Enter(environment, p, rivals); (err == nil) != want {
			t.Fatalf("%s: %v", what, err)
		}
	}
	enter("the only one", "env", true, young)
	enter("an older one comes back", "env", false, old, young)
	enter("the older one is not known to be in line", "env", true, young)
	enter("the one that was let in seems to stand aside", "env", false, old)
	enter("it is looked at again", "env", true, young, old)
	queue.Leave(client.ObjectKeyFromObject(young))
	enter("it stands aside", "env", true, old, young)
	enter("it comes back", "env", false, young, old)
	enter("the key of its Environment leads elsewhere now", "other env", true, old)
	enter("and the way is free", "env", true, young)
	anew := promotionOf("young", 9)
	anew.UID = "another"
	enter("it was deleted and made anew", "env", true, anew)
	queue.Leave(client.ObjectKeyFromObject(old))
	queue.Leave(client.ObjectKeyFromObject(young))
	if len(queue.heads) != 0 {
		t.Errorf("those who have left are remembered: %v", queue.heads)
	}
	enter("who is not the first does not become it", "env", false, young, old)
	if len(queue.heads) != 0 {
		t.Errorf("none was let in: %v", queue.heads)
	}
}

// One that stands aside as it did before changes no status: those that it kept out have to be told.
func TestQueueTellsWhoWaits(t *testing.T) {
	var queue Queue
	refused, good := promotionOf("refused", 0), promotionOf("good", 1)
	if err := queue.Enter("env", refused, nil); err != nil {
		t.Fatal(err)
	}
	if err := queue.Enter("env", good, nil); err == nil {
		t.Fatal("let in beside another")
	}
	if told := queue.Leave(client.ObjectKeyFromObject(good)); len(told) != 0 {
		t.Errorf("told by one that was not let in: %v", told)
	}
	if told := queue.Leave(client.ObjectKeyFromObject(refused)); len(told) != 1 || told[0] != client.ObjectKeyFromObject(good) {
		t.Errorf("told %v", told)
	}
	if told := queue.Leave(client.ObjectKeyFromObject(refused)); len(told) != 0 || len(queue.heads) != 0 {
		t.Errorf("told again %v; remembered %v", told, queue.heads)
	}
}

func TestInterest(t *testing.T) {
	var interest Interest
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	dev, other := types.NamespacedName{Name: "dev"}, types.NamespacedName{Name: "other"}
	p := types.NamespacedName{Name: "p"}
	interest.Changed(dev, at(5))
	if quiet := interest.Join(p, dev, at(10)); !quiet.Equal(at(10)) {
		t.Errorf("quiet since it came: %v", quiet)
	}
	interest.Changed(other, at(11))
	if quiet := interest.Join(p, dev, at(12)); !quiet.Equal(at(10)) {
		t.Errorf("coming again, or another Environment, does not count: %v", quiet)
	}
	interest.Changed(dev, at(13))
	if quiet := interest.Join(p, dev, at(14)); !quiet.Equal(at(13)) {
		t.Errorf("quiet since the last change: %v", quiet)
	}
	if got := interest.In(dev); len(got) != 1 || got[0] != p {
		t.Errorf("interested in dev: %v", got)
	}
	if got := interest.In(other); len(got) != 0 {
		t.Errorf("interested in other: %v", got)
	}
	interest.Leave(p)
	if got := interest.In(dev); len(got) != 0 {
		t.Errorf("interested after leaving: %v", got)
	}
	interest.Changed(other, at(15))
	if len(interest.joined) != 0 {
		t.Errorf("what nobody is interested in is remembered: %v", interest.joined)
	}
}
