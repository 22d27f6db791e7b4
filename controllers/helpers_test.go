// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/view"
	"novu-operator.dev/test/harness"
)

// writes are the requests since the last ClearRequests that change something, as "PUT /v2/workflows/welcome".
func writes(s *harness.Stage) []string {
	return requests(s, func(r novutest.Request) bool { return r.Method != http.MethodGet })
}

// objects are the requests since the last ClearRequests but lists and the question whose key it is.
func objects(s *harness.Stage) []string {
	shared := []string{"/v2/workflows", "/v2/layouts", "/v1/integrations", "/v1/environments/me"}
	return requests(s, func(r novutest.Request) bool {
		return r.Method != http.MethodGet || !slices.Contains(shared, r.Path)
	})
}

func requests(s *harness.Stage, wanted func(novutest.Request) bool) []string {
	list := []string{}
	for _, r := range s.Novu.Requests() {
		if wanted(r) {
			list = append(list, r.Method+" "+r.Path)
		}
	}
	return list
}

// expect compares lists.
func expect(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "; "), strings.Join(want, "; "))
	}
}

// settle waits until the operator asks Novu nothing more. It stands before statements that something does not happen.
func settle(s *harness.Stage) {
	s.Helper()
	s.Calm(func() int { return len(s.Novu.Requests()) })
}

// asked numbers the annotations that ask for a look.
var asked atomic.Int64

// ask asks for a look at Novu now and waits until it was taken.
func ask(s *harness.Stage, o client.Object, name string) {
	s.Helper()
	value := strconv.FormatInt(asked.Add(1), 10)
	annotate(s, o, name, v1alpha1.RequestedAtAnnotation, value)
	s.Eventually("the requested look", func() error {
		if err := s.Get(s.Context(), s.Key(name), o); err != nil {
			return err
		}
		if got := requestedAt(o); got != value {
			return fmt.Errorf("lastHandledRequest is %q, want %q: %+v", got, value, harness.Conditions(o))
		}
		return nil
	})
}

func requestedAt(o client.Object) string {
	switch o := o.(type) {
	case *v1alpha1.Environment:
		return o.Status.LastHandledRequest
	case view.Object:
		return view.Status(o).LastHandledRequest
	}
	return ""
}

// look makes the Environment look at Novu and waits until what it found is dealt with.
func look(s *harness.Stage, environment string) {
	s.Helper()
	ask(s, &v1alpha1.Environment{}, environment)
	settle(s)
}

func annotate(s *harness.Stage, o client.Object, name, key, value string) {
	s.Helper()
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, key, value)
	o.SetName(name)
	o.SetNamespace(s.Namespace)
	s.Must(s.Patch(s.Context(), o, client.RawPatch("application/merge-patch+json", []byte(patch))))
}

// remove deletes an object and waits until it is gone.
func remove(s *harness.Stage, o client.Object, name string) {
	s.Helper()
	o.SetName(name)
	o.SetNamespace(s.Namespace)
	s.Must(client.IgnoreNotFound(s.Delete(s.Context(), o)))
	s.Gone(o, name)
}

// reported waits until the notes of the events with the reason contain all of the texts. What the operator finds out together
// it tells together: one event may hold several, or each has its own.
func reported(s *harness.Stage, reason string, texts ...string) {
	s.Helper()
	s.Eventually("the event "+reason, func() error {
		var list corev1.EventList
		if err := s.List(s.Context(), &list, client.InNamespace(s.Namespace)); err != nil {
			return err
		}
		var notes []string
		for i := range list.Items {
			if e := &list.Items[i]; e.Reason == reason {
				notes = append(notes, e.Message)
			}
		}
		if len(notes) == 0 {
			return errNotYet
		}
		for _, text := range texts {
			if !slices.ContainsFunc(notes, func(note string) bool { return strings.Contains(note, text) }) {
				return fmt.Errorf("no note contains %q: %q", text, notes)
			}
		}
		return nil
	})
}

// theirs is a client for what other people do in Novu.
func theirs(s *harness.Stage, environment string) *novu.Client {
	s.Helper()
	c, err := novu.New(novu.Config{BaseURL: s.Novu.URL, SecretKey: s.Novu.Environment(environment).SecretKey})
	s.Must(err)
	return c
}

// steps are the internal ids of a workflow's steps in Novu, by stepID.
func steps(s *harness.Stage, workflowID string) map[string]string {
	s.Helper()
	found := map[string]string{}
	for _, step := range stored(s, workflowID).Steps {
		found[step.StepID] = step.ID
	}
	return found
}

// stored is a workflow in Development.
func stored(s *harness.Stage, workflowID string) novutest.WorkflowState {
	s.Helper()
	for _, w := range s.Novu.Workflows("Development") {
		if w.WorkflowID == workflowID {
			return w
		}
	}
	s.Fatalf("Novu holds no workflow %q", workflowID)
	return novutest.WorkflowState{}
}

// kubeWrites counts what a manager writes to the API server, leases excepted.
type kubeWrites struct {
	mu   sync.Mutex
	list []string
}

// config is the test API server's with the counter in front.
func (k *kubeWrites) config(t testing.TB) *rest.Config {
	t.Helper()
	config := rest.CopyConfig(harness.API(t))
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Method != http.MethodGet {
				k.mu.Lock()
				k.list = append(k.list, r.Method+" "+r.URL.Path)
				k.mu.Unlock()
			}
			return next.RoundTrip(r)
		})
	})
	return config
}

func (k *kubeWrites) all() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.list)
}

// of are the writes to objects of a kind, as "PATCH name/status".
func (k *kubeWrites) of(kind string) []string {
	list := []string{}
	for _, write := range k.all() {
		method, path, _ := strings.Cut(write, " ")
		if _, object, ok := strings.Cut(path, "/"+kind); ok {
			list = append(list, method+" "+strings.TrimPrefix(object, "/"))
		}
	}
	return list
}

// drop deletes a Workflow without waiting.
func drop(s *harness.Stage, name string) {
	s.Helper()
	w := &v1alpha1.Workflow{}
	w.SetName(name)
	w.SetNamespace(s.Namespace)
	s.Must(s.Delete(s.Context(), w))
}

// errNotYet means that what is waited for has not happened.
var errNotYet = errors.New("not yet")

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
