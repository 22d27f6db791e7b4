// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion/guard"
	"novu-operator.dev/test/harness"
)

const (
	thawed = "promotionPolicy: {sourceRef: {name: dev}}"
	iced   = "promotionPolicy: {sourceRef: {name: dev}, freeze: {reason: launch week}}"
)

// frozenStage has something to promote, and a target that is frozen.
func frozenStage(t *testing.T) (*harness.Stage, *harness.Manager) {
	t.Helper()
	s := unmanaged(t, novuEnvironments)
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	s.Environment("prod", "Production", iced)
	s.YAML(fmt.Sprintf(three, "hello"))
	s.Ready(&v1alpha1.Environment{}, "dev", "prod")
	return s, m
}

// What is kept of a target is not read at each reconcile, and a freeze that comes later is kept all the same.
func TestGuardIsReadOnce(t *testing.T) {
	var lists atomic.Int32
	config := rest.CopyConfig(harness.API(t))
	s := unmanaged(t, novuEnvironments)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodGet && strings.Contains(r.URL.RawQuery, url.QueryEscape(guard.Label)) {
				lists.Add(1)
			}
			return next.RoundTrip(r)
		})
	})
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}, Config: config})
	s.Environment("dev", "Development", "")
	s.Environment("prod", "Production", thawed)
	s.Ready(&v1alpha1.Environment{}, "dev", "prod")
	settle(s)
	before := lists.Load()
	for range 3 {
		look(s, "prod")
		settle(s)
	}
	if n := lists.Load() - before; before == 0 || n > 0 {
		t.Errorf("what is kept was read %d times, and %d times more by three polls", before, n)
	}
	s.Environment("prod", "Production", iced)
	s.Eventually("the freeze is kept", func() error {
		var list appsv1.ControllerRevisionList
		s.Must(s.List(t.Context(), &list, client.InNamespace(s.Namespace), client.HasLabels{guard.Label}))
		if len(list.Items) != 1 {
			return fmt.Errorf("%d objects keep something", len(list.Items))
		}
		return nil
	})
	again(s, thawed)
	keptFrozen(s)
}

// again deletes the target and creates it again.
func again(s *harness.Stage, extra string) {
	s.Helper()
	remove(s, &v1alpha1.Environment{}, "prod")
	s.Environment("prod", "Production", extra)
}

// keptFrozen waits until the target reports itself as frozen although its spec does not, and returns how that is lifted.
func keptFrozen(s *harness.Stage) (token string) {
	s.Helper()
	c := s.Condition(&v1alpha1.Environment{}, "prod", v1alpha1.ConditionFrozen, metav1.ConditionTrue, v1alpha1.ReasonFreezeKept)
	if !strings.Contains(c.Message, "launch week") || !strings.Contains(c.Message, "verb resume") {
		s.Error(c.Message)
	}
	_, rest, _ := strings.Cut(c.Message, v1alpha1.ResumeAnnotation+"=")
	token, _, _ = strings.Cut(rest, " ")
	return token
}

// notFrozen waits until the target is ready and nothing is kept.
func notFrozen(s *harness.Stage) {
	s.Helper()
	s.Eventually("no freeze is kept", func() error {
		var prod v1alpha1.Environment
		s.Must(s.Get(s.Context(), s.Key("prod"), &prod))
		if c := apimeta.FindStatusCondition(prod.Status.Conditions, v1alpha1.ConditionFrozen); c != nil || prod.Status.Freeze != nil {
			return fmt.Errorf("%v, %v", c, prod.Status.Freeze)
		}
		return nil
	})
	s.Ready(&v1alpha1.Environment{}, "prod")
}

// guards are the objects that keep what outlasts targets.
func guards(s *harness.Stage) (names []string) {
	s.Helper()
	var list appsv1.ControllerRevisionList
	s.Must(s.List(s.Context(), &list, client.InNamespace(s.Namespace)))
	for i := range list.Items {
		if strings.HasPrefix(list.Items[i].Name, "novu-guard-") {
			names = append(names, list.Items[i].Name)
		}
	}
	return names
}

// A freeze outlasts its Environment until somebody lifts it who may, and then it does not come back.
func TestFreezeOutlastsItsEnvironment(t *testing.T) {
	s, _ := frozenStage(t)
	again(s, thawed)
	waiting := promote(s, "release", "prod", "")
	s.NotReady(waiting, "release", v1alpha1.ReasonFrozen)
	token := keptFrozen(s)
	reported(s, v1alpha1.ReasonFreezeKept, token)

	again(s, thawed) // once more, and as no target at first
	if next := keptFrozen(s); next != token {
		t.Errorf("it is lifted by %q, and before by %q", next, token)
	}
	again(s, "")
	s.Ready(&v1alpha1.Environment{}, "prod")
	s.Environment("prod", "Production", thawed)
	keptFrozen(s)
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, "freeze-20260101t000000z") // of another freeze
	settle(s)
	keptFrozen(s)
	waiting = promote(s, "later", "prod", "")
	s.NotReady(waiting, "later", v1alpha1.ReasonFrozen)

	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, token)
	notFrozen(s)
	s.Ready(waiting, "later")
	again(s, thawed)
	notFrozen(s)
	if left := guards(s); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// What is lifted in spec stays lifted.
func TestFreezeIsLifted(t *testing.T) {
	s, _ := frozenStage(t)
	s.Environment("prod", "Production", thawed)
	promoted(s, promote(s, "release", "prod", ""), "release", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	s.Eventually("nothing is kept", func() error {
		if left := guards(s); len(left) > 0 {
			return fmt.Errorf("left: %v", left)
		}
		return nil
	})
	again(s, thawed)
	notFrozen(s)
}

// A target that is frozen and deleted at once, or deleted and created again at once, or while no operator runs, stays frozen.
func TestFreezeOutlastsRaces(t *testing.T) {
	s, m := frozenStage(t)
	s.Environment("prod", "Production", thawed)
	s.Eventually("nothing is kept", func() error {
		if left := guards(s); len(left) > 0 {
			return fmt.Errorf("left: %v", left)
		}
		return nil
	})
	s.Environment("prod", "Production", iced)
	remove(s, &v1alpha1.Environment{}, "prod")
	s.Environment("prod", "Production", thawed)
	waiting := promote(s, "release", "prod", "")
	keptFrozen(s)
	s.NotReady(waiting, "release", v1alpha1.ReasonFrozen)

	s.Environment("prod", "Production", iced) // which takes the place of what is kept
	notFrozen(s)
	s.Must(m.Stop())
	again(s, thawed)
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	keptFrozen(s)
	s.NotReady(waiting, "release", v1alpha1.ReasonFrozen)
	if there := s.Novu.Workflows("Production"); len(there) > 0 {
		t.Errorf("Production holds %v", there)
	}
}

// A hold outlasts its Environment, and so do the records, for the same Novu environment and for no other.
func TestHoldAndRecordsOutlastTheirEnvironment(t *testing.T) {
	s := following(t, "historyLimit: 5", "")
	s.YAML(fmt.Sprintf(three, "one"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 1)[0].Name)
	s.YAML(fmt.Sprintf(three, "two"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 2)[1].Name)
	back := promote(s, "undo", "prod", "rollback: {to: Previous}")
	s.Condition(back, "undo", v1alpha1.ConditionReady, "True", v1alpha1.ReasonRolledBack)
	unmarked(s, "prod")

	remove(s, &v1alpha1.Environment{}, "prod")
	follow(s, "prod", "Production", "dev", "historyLimit: 5", "")
	heldAgain(s, "undo")
	settle(s)
	made(s, "prod", 0)
	forth := promote(s, "redo", "prod", "rollback: {to: Previous}")
	s.Condition(forth, "redo", v1alpha1.ConditionReady, "True", v1alpha1.ReasonRolledBack)
	if got := textIn(s, "Production"); got != "two" {
		t.Errorf("Production says %q", got)
	}
	unmarked(s, "prod")

	remove(s, &v1alpha1.Environment{}, "prod")
	s.Environment("prod", "Staging", thawed)
	s.NotReady(promote(s, "foreign", "prod", "rollback: {to: Previous}"), "foreign", v1alpha1.ReasonNothingRecorded)
	remove(s, &v1alpha1.Environment{}, "prod")
	follow(s, "prod", "Production", "dev", "historyLimit: 5", "")
	heldAgain(s, "redo")
	s.YAML(fmt.Sprintf(three, "three"))
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, string(forth.UID))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 1)[0].Name)
}

// Until the operator knows which Novu environment a target is that was created again, and so what holds it, nothing is promoted
// into it.
func TestTargetOfUnknownIdentityIsNotFollowed(t *testing.T) {
	s := following(t, "", "")
	follow(s, "staging", "Staging", "dev", "", "")
	s.YAML(fmt.Sprintf(three, "one"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 1)[0].Name)
	s.Ready(&v1alpha1.Promotion{}, made(s, "staging", 1)[0].Name)
	s.YAML(fmt.Sprintf(three, "two"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 2)[1].Name)
	s.Ready(&v1alpha1.Promotion{}, made(s, "staging", 2)[1].Name)
	back := promote(s, "undo", "prod", "rollback: {to: Previous}")
	s.Condition(back, "undo", v1alpha1.ConditionReady, "True", v1alpha1.ReasonRolledBack)
	unmarked(s, "prod")

	remove(s, &v1alpha1.Environment{}, "prod")
	available := s.Novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v1/environments/me", Status: http.StatusServiceUnavailable})
	follow(s, "prod", "Production", "dev", "", "")
	s.YAML(fmt.Sprintf(three, "three"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "staging", 3)[2].Name)
	if own := madeNow(s, "prod"); len(own) > 0 {
		t.Errorf("%s was made before the hold was known", own[0].Name)
	}
	available()
	heldAgain(s, "undo")
	settle(s)
	made(s, "prod", 0)
}

// heldAgain waits until the target shows the hold that the rollback has set.
func heldAgain(s *harness.Stage, by string) {
	s.Helper()
	s.Eventually("the hold of "+by, func() error {
		var prod v1alpha1.Environment
		s.Must(s.Get(s.Context(), s.Key("prod"), &prod))
		if prod.Status.Hold == nil || prod.Status.Hold.PromotionRef.Name != by {
			return fmt.Errorf("hold is %+v", prod.Status.Hold)
		}
		return nil
	})
}
