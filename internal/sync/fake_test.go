// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"net/http"
	"strconv"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/view"
)

// held is what the fake Novu holds of an object; the definition is its text.
type held struct {
	text, updatedAt, by string
	codeFirst, faulty   bool
}

func (h *held) facts() remote.Facts {
	return remote.Facts{
		ID: "internal", UpdatedAt: h.updatedAt, UpdatedBy: h.by, Hash: definition.Revision(h.text), CodeFirst: h.codeFirst,
		Errors: h.faulty, Issues: h.faulty,
	}
}

func (h *held) entry() connection.Entry {
	return connection.Entry{ID: "internal", UpdatedAt: h.updatedAt, UpdatedBy: h.by}
}

// fake is an adapter to a Novu in memory, which holds at most one object, and the object's state in the cluster.
type fake struct {
	calls []string
	held  *held
	// listed is what the snapshot of the environment says; found is what the next list will say.
	listed, found *connection.Entry
	writes        int
	// fails are the errors of the next requests, by name.
	fails map[string]error
	// creating is called when a creation is sent.
	creating func()
}

var _ Adapter[*v1alpha1.Workflow, string, held] = (*fake)(nil)

type fakeScope = Scope[*v1alpha1.Workflow]

// call notes a request. It fails as the test says.
func (f *fake) call(name string) error {
	f.calls = append(f.calls, name)
	return f.fails[name]
}

func (f *fake) Kind() *remote.Kind[held, string] {
	return &remote.Kind[held, string]{
		Resource: connection.Workflows, Promoted: true, Facts: (*held).facts, Entry: (*held).entry,
		Requests: remote.Requests[held, string]{
			Update: func(_ context.Context, _ *novu.Client, _ remote.Ref, want *string) (*held, error) {
				if err := f.call("update"); err != nil {
					return nil, err
				}
				if f.held == nil {
					return nil, remote.ErrAbsent
				}
				return f.store(*want), nil
			},
			Create: func(_ context.Context, _ *connection.Connection, want *string) (*held, error) {
				if err := f.call("create"); err != nil {
					if f.creating != nil {
						f.creating()
					}
					return nil, err
				}
				return f.store(*want), nil
			},
		},
	}
}

func (f *fake) store(text string) *held {
	f.writes++
	f.held = &held{text: text, updatedAt: "write " + strconv.Itoa(f.writes)}
	return f.held
}

func (f *fake) Want(context.Context, *fakeScope) (*string, error) { return new(string), nil }

func (f *fake) Revision(_ *fakeScope, want *string) (revision, secrets string) {
	return definition.Revision(*want), ""
}

func (f *fake) Find(s *fakeScope) (connection.Entry, bool) {
	if f.found != nil && !s.Conn.ListedAt(connection.Workflows).IsZero() {
		return *f.found, true
	}
	if f.listed == nil {
		return connection.Entry{}, false
	}
	return *f.listed, true
}

func (f *fake) Observe(context.Context, *fakeScope) (*held, error) {
	return f.held, f.call("get")
}

func (f *fake) Write(s *fakeScope, want *string, _ *held) *remote.Write[string] {
	return &remote.Write[string]{Ref: remote.Ref{ID: s.ID()}, Want: want}
}

func (f *fake) Compare(_ *fakeScope, want *string, have *held) []v1alpha1.Difference {
	if *want == have.text {
		return nil
	}
	return []v1alpha1.Difference{{Path: "text", From: have.text, To: *want}}
}

func (f *fake) Record(*fakeScope, *held) {}

func (f *fake) Complaints(*v1alpha1.Workflow) (errors, warnings string) { return "", "" }

// scene is one object before a reconcile, and the fake Novu.
type scene struct {
	*testing.T
	*fake
	object    *v1alpha1.Workflow
	noted     []v1alpha1.SyncStatus
	converger *converger[*v1alpha1.Workflow, string, held]
	conn      *connection.Connection
}

const wanted = "wanted"

// newScene is of an object that was never reconciled, and of a Novu that does not hold it.
func newScene(t *testing.T, readOnly bool) *scene {
	t.Helper()
	server := novutest.Start(t, novutest.Options{PaidTier: true})
	pool := connection.NewPool(connection.Options{ReadOnly: readOnly})
	conn, err := pool.Connect(t.Context(), types.NamespacedName{Name: "dev"}, connection.Settings{
		BaseURL: server.URL, SecretKey: server.Environment("Development").SecretKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{T: t, fake: &fake{fails: map[string]error{}}, object: &v1alpha1.Workflow{}, conn: conn}
	s.object.Name, s.object.Generation = "greeting", 1
	r := &Reconciler[*v1alpha1.Workflow, string, held]{Pool: pool, Adapter: s.fake, Reassessments: &Reassessments{}}
	s.converger = r.converger()
	s.converger.note = func(_ context.Context, scope *fakeScope) error {
		s.noted = append(s.noted, *scope.Sync().DeepCopy())
		return nil
	}
	return s
}

// synced makes the scene one after a reconcile that has written the definition.
func (s *scene) synced() *scene {
	s.held = &held{text: wanted, updatedAt: "write 0"}
	entry := s.held.entry()
	s.listed = &entry
	status := view.Status(s.object)
	status.ObservedGeneration, status.ID, status.EnvironmentID = 1, "internal", s.conn.Environment().ID
	status.Revision, status.RemoteHash = definition.Revision(wanted), s.held.facts().Hash
	status.RemoteUpdatedAt, status.DriftPolicy = "write 0", v1alpha1.DriftPolicyCorrect
	return s
}

// edited lets another writer change what Novu holds.
func (s *scene) edited() *scene {
	s.held = &held{text: "edited", updatedAt: "edit", by: "ada@example.com"}
	entry := s.held.entry()
	s.listed = &entry
	return s
}

// converge runs one reconcile's comparison with the definition.
func (s *scene) converge(ctx context.Context, definitionText string) (*fakeScope, error) {
	scope := NewScope(s.object, nil, nil)
	scope.Conn, scope.Environment = s.conn, &v1alpha1.Environment{}
	scope.stage, scope.revision = stageResolved, definition.Revision(definitionText)
	return scope, s.converger.converge(ctx, scope, &definitionText)
}

// lost is a request whose answer did not come.
func lost() error {
	return &novu.Error{Method: http.MethodPost, StatusCode: http.StatusBadGateway, Message: "bad gateway"}
}

func refused(status int) error {
	return &novu.Error{Method: http.MethodPost, StatusCode: status, Message: "no"}
}
