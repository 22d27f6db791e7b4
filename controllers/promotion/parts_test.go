// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/requeue"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// poolAt is a pool without connections whose clock stands still.
func poolAt(now time.Time) *connection.Pool {
	return connection.NewPool(connection.Options{Clock: clocktesting.NewFakePassiveClock(now)})
}

// scopeOf is the scope of a reconcile of a Promotion that the changes make up.
func scopeOf(changes ...func(*v1alpha1.Promotion)) *scope {
	p := &v1alpha1.Promotion{}
	p.Namespace, p.Name, p.Generation = "shop", "release", 1
	for _, change := range changes {
		change(p)
	}
	return &scope{promotion: p, before: p.DeepCopy(), initial: p.DeepCopy()}
}

// begunBefore has the Promotion at work for a while.
func begunBefore(d time.Duration) func(*v1alpha1.Promotion) {
	return func(p *v1alpha1.Promotion) {
		p.Status.StartTime = &metav1.Time{Time: noon.Add(-d)}
		p.Status.Plan = &v1alpha1.PromotionPlan{Items: []v1alpha1.PlannedItem{{Name: "letter", State: v1alpha1.ItemStatePending}}}
	}
}

func aborts(p *v1alpha1.Promotion) { p.Spec.Abort = new(true) }

// endedBefore has the Promotion ended for a while, and kept for an hour in all.
func endedBefore(d time.Duration) func(*v1alpha1.Promotion) {
	return func(p *v1alpha1.Promotion) {
		p.Spec.TTLSecondsAfterFinished = new(int32(3600))
		p.Status.CompletionTime = &metav1.Time{Time: noon.Add(-d)}
	}
}

func TestArbiterEndsPromotions(t *testing.T) {
	r := &arbiter{access{Pool: poolAt(noon)}}
	waits := reconcile.Waitingf(v1alpha1.ReasonFrozen, "the target is frozen")
	for name, c := range map[string]struct {
		scope        *scope
		stops        bool
		reason, text string
	}{
		"waits":              {scope: scopeOf()},
		"aborted":            {scope: scopeOf(aborts), stops: true, reason: v1alpha1.ReasonAborted, text: "spec.abort is set: nothing more is written"},
		"at work":            {scope: scopeOf(begunBefore(time.Minute))},
		"aborted at work":    {scope: scopeOf(begunBefore(time.Minute), aborts), reason: v1alpha1.ReasonAborted, text: "spec.abort is set: nothing more is written"},
		"at work for a week": {scope: scopeOf(begunBefore(7 * 24 * time.Hour)), reason: v1alpha1.ReasonTimedOut, text: "it has taken longer than the 1h0m0s of the target's spec.promotionPolicy.timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := r.stop(t.Context(), c.scope); (err != nil) != c.stops {
				t.Errorf("before it begins: %v", err)
			}
			over, cut := &ended{}, r.cutShort(c.scope, waits)
			switch is := errors.As(cut, &over); {
			case c.reason == "" && (is || !errors.Is(cut, waits)):
				t.Errorf("no longer waits: %v", cut)
			case c.reason != "" && (!is || over.reason != c.reason || over.message != c.text+". Before that: the target is frozen"):
				t.Errorf("ends with %v", cut)
			}
			if going := (&underway{}); !errors.Is(r.cutShort(c.scope, going), going) {
				t.Error("a step that goes on by itself is cut short")
			}
		})
	}
}

func TestSchedulerKnowsTheNextStep(t *testing.T) {
	waits := reconcile.Waitingf(v1alpha1.ReasonApprovalsMissing, "no approvals")
	opensIn := func(s *scope, d time.Duration) *scope {
		s.promotion.Status.Plan = &v1alpha1.PromotionPlan{}
		s.lookAgain(noon.Add(d + time.Hour)) // the earliest counts
		s.lookAgain(noon.Add(d))
		return s
	}
	judgedIn := func(s *scope, d time.Duration) *scope {
		s.lookAgain(noon.Add(d))
		return s
	}
	endsIn := func(s *scope, d time.Duration) *scope {
		s.until = noon.Add(d)
		return s
	}
	for name, c := range map[string]struct {
		scope  *scope
		err    error
		at, to time.Duration // both zero: never
	}{
		"ended":                     {scope: scopeOf(func(p *v1alpha1.Promotion) { p.Status.CompletionTime = &metav1.Time{Time: noon} })},
		"ended, and kept":           {scope: scopeOf(endedBefore(time.Minute)), at: 59 * time.Minute, to: 59 * time.Minute},
		"goes on":                   {scope: scopeOf(), err: &underway{}, at: time.Millisecond, to: time.Millisecond},
		"goes on later":             {scope: scopeOf(), err: &underway{after: time.Minute}, at: time.Minute, to: time.Minute},
		"waits":                     {scope: scopeOf(), err: waits, at: 27 * time.Second, to: 33 * time.Second},
		"a gate opens":              {scope: opensIn(scopeOf(), 3*time.Hour), err: waits, at: 3 * time.Hour, to: 3 * time.Hour},
		"a gate has just opened":    {scope: opensIn(scopeOf(), -time.Hour), err: waits, at: time.Second, to: time.Second},
		"Novu is asked":             {scope: judgedIn(scopeOf(), 20*time.Second), err: waits, at: 20 * time.Second, to: 20 * time.Second},
		"Novu is asked, late":       {scope: judgedIn(scopeOf(), time.Hour), err: waits, at: 27 * time.Second, to: 33 * time.Second},
		"has waited almost enough":  {scope: endsIn(scopeOf(), 2*time.Second), err: waits, at: 2 * time.Second, to: 2 * time.Second},
		"has enough time to wait":   {scope: endsIn(scopeOf(), time.Hour), err: waits, at: 27 * time.Second, to: 33 * time.Second},
		"stalled in the middle":     {scope: scopeOf(begunBefore(0)), err: reconcile.Stalledf(v1alpha1.ReasonInvalidSpec, "no"), at: time.Second, to: v1alpha1.DefaultInterval * 11 / 10},
		"stalled before it begins":  {scope: scopeOf(), err: reconcile.Stalledf(v1alpha1.ReasonInvalidSpec, "no")},
		"its time is already over":  {scope: endsIn(scopeOf(), -time.Hour), err: waits, at: time.Second, to: time.Second},
		"an Environment is not yet": {scope: scopeOf(), err: reconcile.Waitingf(v1alpha1.ReasonEnvironmentNotReady, "not yet"), at: 900 * time.Millisecond, to: 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			r := &scheduler{pool: poolAt(noon), backoff: &requeue.Backoff{}}
			result, err := r.next(c.scope, c.err)
			if err != nil || result.RequeueAfter < c.at || result.RequeueAfter > c.to {
				t.Errorf("%v, %v; want one between %v and %v", result.RequeueAfter, err, c.at, c.to)
			}
		})
	}
}

func TestSchedulerHandsOnWhatIsUnexpected(t *testing.T) {
	r, trouble := &scheduler{pool: poolAt(noon), backoff: &requeue.Backoff{}}, errors.New("the disk is full")
	if result, err := r.next(scopeOf(), trouble); !errors.Is(err, trouble) || result.RequeueAfter != 0 {
		t.Errorf("%v, %v", result, err)
	}
}

func TestLifetime(t *testing.T) {
	r := &scheduler{pool: poolAt(noon)}
	createdAgo := func(d time.Duration) func(*v1alpha1.Promotion) {
		return func(p *v1alpha1.Promotion) { p.CreationTimestamp = metav1.Time{Time: noon.Add(-d)} }
	}
	for name, c := range map[string]struct {
		scope   *scope
		left    time.Duration
		expires bool
	}{
		"has not ended":                     {scope: scopeOf(func(p *v1alpha1.Promotion) { p.Spec.TTLSecondsAfterFinished = new(int32(1)) })},
		"has no limit":                      {scope: scopeOf(func(p *v1alpha1.Promotion) { p.Status.CompletionTime = &metav1.Time{Time: noon} })},
		"ended a while ago":                 {scope: scopeOf(endedBefore(20 * time.Minute)), left: 40 * time.Minute, expires: true},
		"is over":                           {scope: scopeOf(endedBefore(2 * time.Hour)), expires: true},
		"ended as another, created lately":  {scope: scopeOf(endedBefore(48*time.Hour), createdAgo(time.Minute)), left: 59 * time.Minute, expires: true},
		"is being deleted, whatever is set": {scope: scopeOf(endedBefore(time.Minute), func(p *v1alpha1.Promotion) { p.DeletionTimestamp = &metav1.Time{Time: noon} })},
	} {
		t.Run(name, func(t *testing.T) {
			if left, expires := r.lifetime(c.scope.promotion); left != c.left || expires != c.expires {
				t.Errorf("%v %v, want %v %v", left, expires, c.left, c.expires)
			}
		})
	}
}

// Objects of every kind can be compared with Novu at once.
func TestEveryKindIsWoken(t *testing.T) {
	t.Parallel()
	r := &Reconciler{Workflows: &requeue.Waker{}, Layouts: &requeue.Waker{}}
	for i := range promotion.Promotables {
		if kind := promotion.Promotables[i].Kind; r.wakers()[kind] == nil {
			t.Errorf("%s has no waker", kind)
		}
	}
}

// What is changed in an Environment wakes the Promotions that take from it, and starts their quiet time again.
func TestWakerTellsThoseThatTakeFromAnEnvironment(t *testing.T) {
	r := &waker{Pool: poolAt(noon), interest: &promotion.Interest{}}
	of := func(name string) types.NamespacedName { return types.NamespacedName{Namespace: "shop", Name: name} }
	join := func(name, environment string) time.Time {
		return r.interest.Join(of(name), of(environment), noon.Add(-time.Hour))
	}
	join("release", "dev")
	join("other", "lab")
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[ctrl.Request]())
	defer queue.ShutDown()
	before := &v1alpha1.Workflow{}
	before.Namespace, before.Name, before.Spec.EnvironmentRef.Name = "shop", "letter", "dev"
	after := before.DeepCopy()

	r.sourceMoves().Update(t.Context(), event.UpdateEvent{ObjectOld: before, ObjectNew: after}, queue)
	if quiet := join("release", "dev"); !quiet.Equal(noon.Add(-time.Hour)) {
		t.Errorf("a change of status starts the quiet time at %v", quiet)
	}
	after.Generation++
	r.sourceMoves().Update(t.Context(), event.UpdateEvent{ObjectOld: before, ObjectNew: after}, queue)
	if quiet := join("release", "dev"); !quiet.Equal(noon) {
		t.Errorf("a change of spec starts the quiet time at %v", quiet)
	}
	if request, _ := queue.Get(); queue.Len() != 0 || request.NamespacedName != of("release") {
		t.Errorf("wakes %v and %d more", request, queue.Len())
	}
}

// What has ended before its time says how it is tried again.
func TestEndsSayHowToTryAgain(t *testing.T) {
	t.Parallel()
	made := func(p *v1alpha1.Promotion) {
		p.UID, p.Spec.TargetRef.Name = "uid-7", "production"
		p.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: "Environment", Name: "production", UID: "uid-1", Controller: new(true),
		}}
	}
	for _, test := range []struct {
		name, reason, want string
		change             []func(*v1alpha1.Promotion)
	}{
		{name: "items failed", reason: v1alpha1.ReasonItemsFailed, want: "create a new Promotion"},
		{name: "it took too long", reason: v1alpha1.ReasonTimedOut, want: "raise the timeout, and create a new Promotion"},
		{name: "an automatic one took too long", reason: v1alpha1.ReasonTimedOut, want: "resume=uid-7", change: []func(*v1alpha1.Promotion){made}},
	} {
		if got := again(scopeOf(test.change...).promotion, test.reason); !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q in it", test.name, got, test.want)
		}
	}
	for _, reason := range []string{v1alpha1.ReasonSuperseded, v1alpha1.ReasonAborted} {
		if got := again(scopeOf().promotion, reason); got != "" {
			t.Errorf("%s: %q", reason, got)
		}
	}
}
