// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/view"
)

// failing are ways in which Novu fails to answer a third of the reads.
var failing = map[string][]novutest.Fault{
	"resets": {{Reset: novutest.BeforeCommit, Every: 3}},
	"500":    {{Status: http.StatusInternalServerError, Every: 3}},
	"429":    {{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"0"}}, Every: 3}},
	"mixed":  {{Reset: novutest.BeforeCommit, Every: 6}, {Status: http.StatusInternalServerError, Every: 5}},
}

// countFor is how many items are read: few where the client itself waits after each refusal, in real time.
func countFor(way string) int {
	if way == "429" {
		return 12
	}
	return 95
}

func (w *world) failingReads(faults []novutest.Fault) (heal func()) {
	var removes []func()
	for _, f := range faults {
		f.Method, f.Path = http.MethodGet, "/v2/workflows/"
		removes = append(removes, w.novu.Inject(f))
	}
	return func() {
		for _, remove := range removes {
			remove()
		}
	}
}

// However a third of the reads fails, a plan gets further with each round, and is made with less than twice the reads.
func TestDraftOfAFailingNovu(t *testing.T) {
	for name, faults := range failing {
		t.Run(name, func(t *testing.T) {
			count := countFor(name) // in both environments
			w := newWorld(t, novutest.Options{})
			var objects []view.Object
			for i := range count {
				id := fmt.Sprintf("w%d", i)
				objects = append(objects, w.workflow(w.source, id, "new"))
				w.workflow(w.target, id, "old")
			}
			planner := w.planner(bySync)
			w.must(planner.refresh(t.Context()))
			w.novu.ClearRequests()
			heal := w.failingReads(faults)
			defer heal()
			left, rounds, vain := count, 0, 0
			for left > 0 && rounds < 40 && vain < 5 {
				rounds++
				w.pass(2 * time.Second)
				draft, err := planner.Draft(t.Context(), itemsOf(objects...), time.Minute)
				if err != nil {
					vain++
					continue
				}
				if draft.Unread > left {
					t.Fatalf("round %d: %d unread, before %d", rounds, draft.Unread, left)
				}
				left = draft.Unread
				if left == 0 && (!draft.Complete() || int(Count(draft.Items).Update) != count) {
					t.Errorf("the plan: %+v", Count(draft.Items))
				}
			}
			calls := w.novu.Count(http.MethodGet, "/v2/workflows/")
			t.Logf("%d calls in %d rounds, %d of them in vain", calls, rounds, vain)
			if left > 0 || calls > 2*2*count {
				t.Errorf("%d of %d are not read after %d rounds, with %d calls", left, count, rounds, calls)
			}
		})
	}
}

// A Novu that answers nothing is asked a few times in each round, not for every item.
func TestDraftOfADeadNovu(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	var objects []view.Object
	for i := range 60 {
		objects = append(objects, w.workflow(w.source, fmt.Sprintf("w%d", i), "new"))
	}
	planner := w.planner(bySync)
	w.must(planner.refresh(t.Context()))
	w.novu.ClearRequests()
	defer w.failingReads([]novutest.Fault{{Status: http.StatusInternalServerError}})()
	_, err := planner.Draft(t.Context(), itemsOf(objects...), time.Minute)
	if calls := w.novu.Count(http.MethodGet, "/v2/workflows/"); err == nil || calls > mostTroubles+readers {
		t.Errorf("%d calls: %v", calls, err)
	}
}

// After a restart all of a plan is read again to verify it; what was read counts here, too.
func TestVerifyAtAFailingNovu(t *testing.T) {
	for name, faults := range failing {
		t.Run(name, func(t *testing.T) {
			count := countFor(name)
			w := newWorld(t, novutest.Options{})
			var objects []view.Object
			for i := range count {
				id := fmt.Sprintf("w%d", i)
				objects = append(objects, w.workflow(w.source, id, "same"))
				w.workflow(w.target, id, "same")
			}
			session, items := w.plan(byApply, objects...)
			w.restart()
			fresh := w.session()
			fresh.entries = session.entries
			execution := w.execution(fresh, byApply)
			w.novu.ClearRequests()
			defer w.failingReads(faults)()
			var err error
			for range 30 {
				w.pass(2 * time.Second)
				if err = execution.Verify(t.Context(), items); err == nil {
					break
				}
			}
			calls := w.novu.Count(http.MethodGet, "/v2/workflows/")
			if err != nil || calls > 2*count || int(Count(items).Done) != count || Count(items).Failed != 0 {
				t.Errorf("%d calls: %v: %+v", calls, err, Count(items))
			}
			for i := range items {
				if items[i].State != v1alpha1.ItemStateDone {
					t.Errorf("%+v", items[i])
				}
			}
		})
	}
}
