// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package remote_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/remote"
)

// room is a Novu server with connections to two of its environments, which were listed once.
type room struct {
	*testing.T
	novu           *novutest.Server
	source, target *connection.Connection
	uncertain      []v1alpha1.UncertainCreation
}

func newRoom(t *testing.T) *room {
	t.Helper()
	t.Parallel()
	r := &room{T: t, novu: novutest.Start(t, novutest.Options{PaidTier: true})}
	r.source, r.target = r.connect("Development"), r.connect("Production")
	return r
}

func (r *room) connect(environment string) *connection.Connection {
	r.Helper()
	pool := connection.NewPool(connection.Options{})
	c, err := pool.Connect(r.Context(), types.NamespacedName{Name: environment}, connection.Settings{
		BaseURL: r.novu.URL, SecretKey: r.novu.Environment(environment).SecretKey,
	})
	r.must(err)
	_, err = c.Look(r.Context(), c.Now())
	r.must(err)
	r.novu.ClearRequests()
	return c
}

func (r *room) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// greeting is a workflow on its way to Novu.
func (r *room) greeting(name string) *remote.Write[novu.WorkflowRequest] {
	return &remote.Write[novu.WorkflowRequest]{
		Ref: remote.Ref{ID: "greeting"}, Want: &novu.WorkflowRequest{WorkflowID: "greeting", Name: name, Active: true},
		Uncertain: func(c v1alpha1.UncertainCreation) { r.uncertain = append(r.uncertain, c) },
	}
}

func (r *room) fault(method string, change func(*novutest.Fault)) {
	fault := novutest.Fault{Method: method, Times: 1}
	change(&fault)
	r.novu.Inject(fault)
}

func TestPutUpdatesFirst(t *testing.T) {
	r := newRoom(t)
	made, created, err := remote.Workflows.Put(t.Context(), r.target, r.greeting("one"))
	r.must(err)
	again, createdAgain, err := remote.Workflows.Put(t.Context(), r.target, r.greeting("two"))
	r.must(err)
	if !created || createdAgain || made.ID != again.ID || again.Name != "two" || len(r.novu.Workflows("Production")) != 1 {
		t.Errorf("created %v and %v: %+v, %+v", created, createdAgain, made, again)
	}
	if entry, ok := r.target.Lookup(connection.Workflows, "greeting"); !ok || entry.UpdatedAt != again.UpdatedAt {
		t.Errorf("the snapshot has %+v", entry)
	}
}

// TestCreationWithoutAnAnswer is remembered, so that what comes of it late is found.
func TestCreationWithoutAnAnswer(t *testing.T) {
	for name, send := range map[string]func(r *room) error{
		"created": func(r *room) error {
			_, _, err := remote.Workflows.Put(t.Context(), r.target, r.greeting("one"))
			return err
		},
		"copied": func(r *room) error {
			_, err := remote.Copy(t.Context(), r.source, r.target, r.greeting("one"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			_, _, err := remote.Workflows.Put(t.Context(), r.source, r.greeting("one"))
			r.must(err)
			for _, fault := range []novutest.Fault{{Method: http.MethodPost}, {Method: http.MethodPut, Path: "/v2/workflows/greeting/sync"}} {
				fault.Reset, fault.Times = novutest.AfterCommit, 1
				r.novu.Inject(fault)
			}
			err = send(r)
			uncertain, ok := errors.AsType[*remote.UncertainError](err)
			if !ok || !uncertain.Until.After(r.target.Now()) || len(r.uncertain) != 1 {
				t.Fatalf("got %v, remembered %+v", err, r.uncertain)
			}
			if got := len(r.novu.Workflows("Production")); got != 1 {
				t.Errorf("Novu holds %d", got)
			}
		})
	}
}

// TestResumedCreation: an operator before this one may have sent it, and Novu may carry it out late.
func TestResumedCreation(t *testing.T) {
	r := newRoom(t)
	w := r.greeting("one")
	w.Resumed = true
	_, _, err := remote.Workflows.Put(t.Context(), r.target, w)
	r.must(err)
	if len(r.uncertain) != 1 || !remote.Undecided(r.uncertain, time.Now()).IsZero() {
		t.Errorf("remembered %+v", r.uncertain)
	}
}

// TestStray: Novu stores a second workflow of one workflowID under another one.
func TestStray(t *testing.T) {
	for name, test := range map[string]struct {
		fault *novutest.Fault
		left  int
	}{
		"is deleted":        {left: 1},
		"cannot be deleted": {fault: &novutest.Fault{Method: http.MethodDelete, Status: http.StatusServiceUnavailable}, left: 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.fault(http.MethodPost, func(f *novutest.Fault) {
				f.Hook = func(*http.Request) {
					_, err := r.target.Client.CreateWorkflow(context.Background(), r.greeting("theirs").Want)
					r.must(err)
				}
			})
			if test.fault != nil {
				r.novu.Inject(*test.fault)
			}
			_, _, err := remote.Workflows.Put(t.Context(), r.target, r.greeting("ours"))
			stray, ok := errors.AsType[*remote.SuffixedError](err)
			if !ok || (stray.Err != nil) != (test.fault != nil) || !strings.HasPrefix(stray.Stray.ID, "greeting-") {
				t.Fatalf("got %v", err)
			}
			if got := len(r.novu.Workflows("Production")); got != test.left {
				t.Errorf("Novu holds %d", got)
			}
		})
	}
}

// TestTakenLayout: Novu refuses a layoutID that another writer has taken in the same moment.
func TestTakenLayout(t *testing.T) {
	for name, overwrite := range map[string]bool{"is overwritten": true, "is told": false} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			r.fault(http.MethodPost, func(f *novutest.Fault) {
				f.Hook = func(*http.Request) {
					_, err := r.target.Client.CreateLayout(context.Background(), &novu.LayoutRequest{LayoutID: "brand", Name: "theirs"})
					r.must(err)
				}
			})
			got, _, err := remote.Layouts.Put(t.Context(), r.target, &remote.Write[novu.LayoutRequest]{
				Ref: remote.Ref{ID: "brand"}, Want: &novu.LayoutRequest{LayoutID: "brand", Name: "ours"}, Overwrite: overwrite,
			})
			taken, told := errors.AsType[*remote.TakenError](err)
			if overwrite && (err != nil || got.Name != "ours") || !overwrite && (!told || taken.ID != "brand") {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// TestBeforeCreation: what keeps an object from being created is asked after the update, and nothing is sent then.
func TestBeforeCreation(t *testing.T) {
	r := newRoom(t)
	w, no := r.greeting("one"), errors.New("not now")
	w.BeforeCreation = func(context.Context) error { return no }
	if _, _, err := remote.Workflows.Put(t.Context(), r.target, w); !errors.Is(err, no) || r.novu.Count(http.MethodPost, "/") != 0 {
		t.Errorf("got %v", err)
	}
}

// TestCreationIsNotCutOff by a shutdown: whether Novu carries it out would not be known.
func TestCreationIsNotCutOff(t *testing.T) {
	r := newRoom(t)
	ctx, cancel := context.WithCancel(t.Context())
	r.fault(http.MethodPost, func(f *novutest.Fault) { f.Hook = func(*http.Request) { cancel() } })
	if _, created, err := remote.Workflows.Put(ctx, r.target, r.greeting("one")); err != nil || !created {
		t.Errorf("got %v", err)
	}
}

func TestRemove(t *testing.T) {
	r := newRoom(t)
	r.must(remote.Workflows.Remove(t.Context(), r.target, remote.Ref{ID: "greeting"})) // absence is success
	_, _, err := remote.Workflows.Put(t.Context(), r.target, r.greeting("one"))
	r.must(err)
	r.must(remote.Workflows.Remove(t.Context(), r.target, remote.Ref{ID: "greeting"}))
	have, err := remote.Workflows.Read(t.Context(), r.target, remote.Ref{ID: "greeting"})
	if have != nil || err != nil {
		t.Errorf("Novu holds %+v, %v", have, err)
	}
	if _, known := r.target.Lookup(connection.Workflows, "greeting"); known {
		t.Error("the snapshot still has it")
	}
}

// TestDefaultLayoutStays: Novu refuses to delete the default layout of an environment.
func TestDefaultLayoutStays(t *testing.T) {
	r := newRoom(t)
	w := &remote.Write[novu.LayoutRequest]{Ref: remote.Ref{ID: "brand"}, Want: &novu.LayoutRequest{LayoutID: "brand", Name: "b"}}
	_, _, err := remote.Layouts.Put(t.Context(), r.target, w)
	r.must(err)
	err = remote.Layouts.Remove(t.Context(), r.target, w.Ref)
	if _, fixed := errors.AsType[*remote.DefaultLayoutError](err); !fixed {
		t.Errorf("got %v", err)
	}
}
