// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package poll_test watches what the operator does while nothing happens.
package poll_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// interval of the Environments; only the fake clock lets it pass.
const interval = time.Hour

// world is a stage with a clock that the test moves, and a count of what the operator writes to the API server.
type world struct {
	*harness.Stage

	clock  *testingclock.FakePassiveClock
	writes writes
	pokes  int
}

// writes records the requests that change something in the API server.
type writes struct {
	mu   sync.Mutex
	list []string
	next http.RoundTripper
}

func (w *writes) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		w.mu.Lock()
		w.list = append(w.list, r.Method+" "+r.URL.Path)
		w.mu.Unlock()
	}
	return w.next.RoundTrip(r)
}

func (w *writes) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.list
	w.list = nil
	return list
}

func newWorld(t *testing.T, o novutest.Options) *world {
	t.Helper()
	t.Parallel()
	w := &world{Stage: harness.NewStage(t, o), clock: testingclock.NewFakePassiveClock(time.Now())}
	config := rest.CopyConfig(harness.API(t))
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		w.writes.next = next
		return &w.writes
	})
	harness.StartManager(t, harness.ManagerOptions{
		Config: config, Namespaces: []string{w.Namespace}, Connections: connection.Options{Clock: w.clock},
	})
	return w
}

func (w *world) environments(names ...string) {
	for _, name := range names {
		w.Environment(name, "Development", "interval: 1h")
	}
	w.Ready(&v1alpha1.Environment{}, names...)
}

// workflows makes n workflows and waits until they and the Environment's counts are settled.
func (w *world) workflows(n int, environment string) {
	var names []string
	for i := range n {
		name := fmt.Sprintf("%s-wf-%02d", environment, i)
		w.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: %s}
spec:
  environmentRef: {name: %s}
  name: Workflow %d
  steps:
  - {stepID: text, type: SMS, sms: {body: "Hello {{subscriber.firstName}}"}}
`, name, environment, i))
		names = append(names, name)
	}
	w.Ready(&v1alpha1.Workflow{}, names...)
	w.Eventually("the Environment counts its workflows", func() error {
		var e v1alpha1.Environment
		w.Must(w.Get(w.Context(), w.Key(environment), &e))
		if c := e.CountOf(v1alpha1.CountedWorkflow); int(c.Total) < n || c.NotReady != 0 {
			return fmt.Errorf("counts %+v", c)
		}
		return nil
	})
	w.quiet()
	w.writes.take()
	w.Novu.ClearRequests()
}

// pass lets time pass and has an Environment looked after. The timer that would do so runs on real time; a touched Secret
// wakes the Environment, and nothing else, just the same.
func (w *world) pass(d time.Duration, environments ...string) (calls, written []string) {
	w.Helper()
	w.clock.SetTime(w.clock.Now().Add(d))
	for _, name := range environments {
		w.pokes++
		secret := &corev1.Secret{}
		w.Must(w.Get(w.Context(), w.Key(name+"-key"), secret))
		poked := secret.DeepCopy()
		poked.Labels = map[string]string{"poke": fmt.Sprint(w.pokes)}
		w.Must(w.Patch(w.Context(), poked, client.MergeFrom(secret)))
	}
	w.quiet()
	for _, r := range w.Novu.Requests() {
		calls = append(calls, r.Method+" "+r.Path)
	}
	w.Novu.ClearRequests()
	return calls, w.writes.take()
}

// quiet waits until the operator has asked nothing of anybody for a while.
func (w *world) quiet() {
	w.Helper()
	w.Calm(func() int {
		w.writes.mu.Lock()
		defer w.writes.mu.Unlock()
		return len(w.Novu.Requests()) + len(w.writes.list)
	})
}

var look = []string{"GET /v2/layouts", "GET /v1/integrations", "GET /v2/workflows"}

func (w *world) expect(what string, got []string, want ...string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestSteadyState(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.environments("dev")
	w.workflows(12, "dev")
	for i := range 4 {
		calls, written := w.pass(interval, "dev")
		w.expect(fmt.Sprintf("calls in interval %d", i), calls, look...)
		w.expect(fmt.Sprintf("writes to Kubernetes in interval %d", i), written)
	}
	calls, written := w.pass(interval/2, "dev")
	w.expect("calls before the interval is over", calls)
	w.expect("writes to Kubernetes before the interval is over", written)
}

func TestEverySixthLookComparesInFull(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.environments("dev")
	w.workflows(5, "dev")
	for n := 2; n <= 13; n++ { // the first poll was when the Environment connected
		calls, written := w.pass(interval, "dev")
		w.expect(fmt.Sprintf("writes to Kubernetes at look %d", n), written)
		want := len(look)
		if n%6 == 0 {
			want += 5
		}
		if len(calls) != want {
			w.Errorf("%d calls at look %d, want %d: %q", len(calls), n, want, calls)
		}
	}
}

// Novu takes a deleted layout out of a step without moving the workflow's time. Only the comparison that comes with every
// sixth poll finds it, also for a workflow that nothing has woken since it was written.
func TestSilentChangeIsFoundBySixthLook(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	remote, err := novu.New(novu.Config{BaseURL: w.Novu.URL, SecretKey: w.Novu.Environment("Development").SecretKey})
	w.Must(err)
	for _, id := range []string{"default", "brand"} { // the first one cannot be deleted
		_, err = remote.CreateLayout(w.Context(), &novu.LayoutRequest{LayoutID: id, Name: id})
		w.Must(err)
	}
	w.environments("dev")
	w.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: branded}
spec:
  environmentRef: {name: dev}
  name: Branded
  steps:
  - {stepID: mail, type: Email, email: {subject: Hello, body: "<p>Hello</p>", editorType: HTML, layout: {type: ID, id: brand}}}
`)
	w.Ready(&v1alpha1.Workflow{}, "branded")
	w.quiet()
	w.Must(remote.DeleteLayout(w.Context(), "brand"))
	_, err = remote.CreateLayout(w.Context(), &novu.LayoutRequest{LayoutID: "brand", Name: "brand"})
	w.Must(err)
	for n := 2; n <= 6; n++ {
		if used := w.Novu.Workflows("Development")[0].Steps[0].ControlValues["layoutId"]; used != nil {
			t.Fatalf("before look %d the step uses layout %v", n, used)
		}
		w.pass(interval, "dev")
	}
	if used := w.Novu.Workflows("Development")[0].Steps[0].ControlValues["layoutId"]; used != "brand" {
		t.Errorf("after the sixth poll the step uses layout %v", used)
	}
}

func TestOnlyWhatMovedIsRead(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.environments("dev")
	w.workflows(6, "dev")
	remote, err := novu.New(novu.Config{BaseURL: w.Novu.URL, SecretKey: w.Novu.Environment("Development").SecretKey})
	w.Must(err)

	w.edit(remote, "dev-wf-02", "Edited by hand")
	calls, _ := w.pass(interval, "dev")
	w.expect("calls after an edit", calls, append(slices.Clone(look), "GET /v2/workflows/dev-wf-02", "PUT /v2/workflows/dev-wf-02")...)

	w.Must(remote.DeleteWorkflow(w.Context(), "dev-wf-04"))
	w.Novu.ClearRequests()
	calls, _ = w.pass(interval, "dev")
	w.expect("calls after a deletion", calls, append(slices.Clone(look), "PUT /v2/workflows/dev-wf-04", "POST /v2/workflows")...)

	w.pass(interval, "dev") // the correction has held and is no longer shown
	w.pass(0, "dev")        // the Environment counts again
	calls, written := w.pass(interval, "dev")
	w.expect("calls when all is well again", calls, look...)
	w.expect("writes when all is well again", written)
}

// edit changes a workflow's name as somebody with the dashboard would: the steps keep their ids.
func (w *world) edit(remote *novu.Client, id, name string) {
	w.Helper()
	have, err := remote.GetWorkflow(w.Context(), id)
	w.Must(err)
	request := &novu.WorkflowRequest{WorkflowID: id, Name: name, Active: true, Severity: have.Severity}
	for _, step := range have.Steps {
		request.Steps = append(request.Steps, novu.StepRequest{
			ID: step.ID, StepID: step.StepID, Name: step.Name, Type: step.Type, ControlValues: step.ControlValues,
		})
	}
	_, err = remote.UpdateWorkflow(w.Context(), id, request)
	w.Must(err)
	w.Novu.ClearRequests()
}

func TestTwoEnvironmentsOfOneNovuShareTheLook(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.environments("one", "two")
	w.workflows(3, "one")
	w.workflows(3, "two")
	w.pass(interval, "one", "two") // one learns how many there are of two
	calls, written := w.pass(interval, "one", "two")
	w.expect("calls", calls, look...)
	w.expect("writes to Kubernetes", written)

	remote, err := novu.New(novu.Config{BaseURL: w.Novu.URL, SecretKey: w.Novu.Environment("Development").SecretKey})
	w.Must(err)
	w.edit(remote, "one-wf-01", "Edited by hand")
	w.edit(remote, "two-wf-01", "Edited by hand")
	calls, _ = w.pass(interval, "one", "two")
	for _, id := range []string{"one-wf-01", "two-wf-01"} {
		if !slices.Contains(calls, "PUT /v2/workflows/"+id) {
			t.Errorf("%s was not corrected: %q", id, calls)
		}
	}
	if lists := strings.Count(strings.Join(calls, "\n")+"\n", "GET /v2/workflows\n"); lists != 1 {
		t.Errorf("the workflows were listed %d times: %q", lists, calls)
	}
}

func TestIntervalZeroNeverLooksAgain(t *testing.T) {
	w := newWorld(t, novutest.Options{})
	w.Environment("dev", "Development", "interval: 0s")
	w.Ready(&v1alpha1.Environment{}, "dev")
	w.workflows(2, "dev")
	calls, written := w.pass(100*interval, "dev")
	w.expect("calls", calls)
	w.expect("writes to Kubernetes", written)
}
