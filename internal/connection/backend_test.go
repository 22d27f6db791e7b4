// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connection_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	testingclock "k8s.io/utils/clock/testing"

	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

// room is a Novu server, a clock that only tests move, and a pool.
type room struct {
	*testing.T
	novu  *novutest.Server
	clock *testingclock.FakePassiveClock
	pool  *connection.Pool
}

func newRoom(t *testing.T, o novutest.Options) *room {
	t.Helper()
	t.Parallel()
	c := testingclock.NewFakePassiveClock(time.Now())
	return &room{T: t, novu: novutest.Start(t, o), clock: c, pool: connection.NewPool(connection.Options{Clock: c})}
}

func (r *room) settings(environment string) connection.Settings {
	return connection.Settings{BaseURL: r.novu.URL, SecretKey: r.novu.Environment(environment).SecretKey}
}

func (r *room) connect(name string, settings connection.Settings) *connection.Connection {
	r.Helper()
	c, err := r.pool.Connect(r.Context(), types.NamespacedName{Namespace: "ns", Name: name}, settings)
	if err != nil {
		r.Fatal(err)
	}
	return c
}

func (r *room) look(c *connection.Connection, notBefore time.Time) bool {
	r.Helper()
	did, err := c.Look(r.Context(), notBefore)
	if err != nil {
		r.Fatal(err)
	}
	return did
}

func (r *room) pass(d time.Duration) { r.clock.SetTime(r.clock.Now().Add(d)) }

func (r *room) create(c *connection.Connection, id string) *novu.Workflow {
	r.Helper()
	made, err := c.Client.CreateWorkflow(r.Context(), &novu.WorkflowRequest{WorkflowID: id, Name: id, Active: true})
	if err != nil {
		r.Fatal(err)
	}
	return made
}

func TestLookListsEachResourceOnce(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	c := r.connect("dev", r.settings("Development"))
	r.create(c, "welcome")
	r.novu.ClearRequests()
	if !r.look(c, r.clock.Now()) {
		t.Error("the first poll did not list")
	}
	if n := len(r.novu.Requests()); n != 3 {
		t.Errorf("a look made %d calls, want 3", n)
	}
	entry, ok := c.Lookup(connection.Workflows, "welcome")
	if !ok || entry.ID == "" || entry.UpdatedAt == "" {
		t.Errorf("the look did not find the workflow: %+v", entry)
	}
	if c.Count(connection.Integrations) != 1 {
		t.Errorf("%d integrations, want the Inbox alone: the other environment's is not ours", c.Count(connection.Integrations))
	}
	if r.look(c, r.clock.Now()) || len(r.novu.Requests()) != 3 {
		t.Error("a look that is recent enough was repeated")
	}
	r.pass(time.Minute)
	if !r.look(c, r.clock.Now()) {
		t.Error("a look that is too old was not repeated")
	}
}

func TestOneListServesAllWhoWaitForIt(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	c := r.connect("dev", r.settings("Development"))
	arrived, release := make(chan struct{}), make(chan struct{})
	r.novu.Inject(novutest.Fault{Path: "/v2/workflows", Times: 1, Hook: func(*http.Request) { close(arrived); <-release }})
	r.novu.ClearRequests()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if err := c.Refresh(t.Context(), connection.Workflows, r.clock.Now()); err != nil {
				t.Error(err)
			}
		})
	}
	<-arrived
	close(release)
	group.Wait()
	if n := len(r.novu.Requests()); n != 1 {
		t.Errorf("20 callers made %d calls, want 1", n)
	}
}

func TestRefreshGivesUpWithItsCaller(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	c := r.connect("dev", r.settings("Development"))
	hung := make(chan struct{})
	r.novu.Inject(novutest.Fault{Path: "/v2/workflows", Times: 1, Hang: true, Hook: func(*http.Request) { close(hung) }})
	first, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Refresh(first, connection.Workflows, r.clock.Now()) }()
	<-hung
	second, leave := context.WithCancel(t.Context())
	leave()
	if err := c.Refresh(second, connection.Workflows, r.clock.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits behind a list that hangs got %v", err)
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that listed got %v", err)
	}
	if err := c.Refresh(t.Context(), connection.Workflows, r.clock.Now()); err != nil {
		t.Errorf("a list after one that was given up: %v", err)
	}
}

// Nobody waits for a list any more when its Environment is deleted, or leads elsewhere.
func TestListEndsWithItsConnection(t *testing.T) {
	for name, end := range map[string]func(*room){
		"deleted": func(r *room) { r.pool.Forget(types.NamespacedName{Namespace: "ns", Name: "dev"}) },
		"changed": func(r *room) { r.connect("dev", r.settings("Production")) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, novutest.Options{})
			c := r.connect("dev", r.settings("Development"))
			hung := make(chan struct{})
			r.novu.Inject(novutest.Fault{Path: "/v2/workflows", Times: 1, Hang: true, Hook: func(*http.Request) { close(hung) }})
			done := make(chan error, 1)
			go func() { done <- c.Refresh(t.Context(), connection.Workflows, r.clock.Now()) }()
			<-hung
			end(r)
			var over *novu.CircuitOpenError
			if err := <-done; !errors.As(err, &over) {
				t.Errorf("the list ended with %v", err)
			}
		})
	}
}

func TestFailedListKeepsWhatIsKnown(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	c := r.connect("dev", r.settings("Development"))
	r.create(c, "welcome")
	r.look(c, r.clock.Now())
	looked := c.LookedAt()
	r.pass(time.Minute)
	r.novu.Inject(novutest.Fault{Path: "/v2/workflows", Status: http.StatusInternalServerError, Times: 1})
	if _, err := c.Look(t.Context(), r.clock.Now()); err == nil {
		t.Fatal("a failed list is no error")
	}
	if _, ok := c.Lookup(connection.Workflows, "welcome"); !ok || !c.LookedAt().Equal(looked) {
		t.Error("a failed list changed what is known")
	}
}

func TestDoubtMakesTheNextReaderLookAgain(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	c := r.connect("dev", r.settings("Development"))
	r.look(c, r.clock.Now())
	r.novu.ClearRequests()
	r.pass(time.Second)
	began := c.ListedAt(connection.Workflows)
	refresh := func() {
		if err := c.Refresh(t.Context(), connection.Workflows, began); err != nil {
			t.Fatal(err)
		}
	}
	refresh()
	if n := r.novu.Count("GET", "/v2/workflows"); n != 0 {
		t.Fatalf("a list that is new enough was repeated %d times", n)
	}
	c.Doubt(connection.Workflows, "lost")
	r.pass(time.Second)
	refresh()
	refresh()
	if n := r.novu.Count("GET", "/v2/workflows"); n != 1 {
		t.Errorf("%d lists after a write was lost sight of, want 1", n)
	}
}

func TestDoubtOfKnownObjectForgetsItsState(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	c := r.connect("dev", r.settings("Development"))
	made := r.create(c, "welcome")
	r.look(c, r.clock.Now())
	c.Doubt(connection.Workflows, "welcome")
	entry, ok := c.Lookup(connection.Workflows, "welcome")
	if !ok || entry.ID != made.ID || entry.UpdatedAt != "" {
		t.Errorf("a doubted object is %+v, %v; want its id without a time", entry, ok)
	}
	r.pass(time.Second)
	r.look(c, r.clock.Now())
	if entry, _ = c.Lookup(connection.Workflows, "welcome"); entry.UpdatedAt == "" {
		t.Error("a new list does not end the doubt")
	}
}

func TestEverySixthLookBeginsARoundOfComparisons(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	c := r.connect("dev", r.settings("Development"))
	var rounds []int
	for range 13 {
		r.look(c, r.clock.Now())
		rounds = append(rounds, c.FullCheck())
		r.pass(time.Minute)
	}
	for i, round := range rounds {
		if want := (i + 1) / 6; round != want {
			t.Fatalf("rounds %v: look %d belongs to %d, want %d", rounds, i+1, round, want)
		}
	}
}

func TestAllIsTheCallersOwn(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	c := r.connect("dev", r.settings("Development"))
	r.look(c, r.clock.Now())
	clear(c.All(connection.Integrations))
	if len(c.All(connection.Integrations)) != 1 {
		t.Error("who changes the answer changes the table")
	}
}

func TestAuthor(t *testing.T) {
	for want, user := range map[string]novu.User{
		"Ada Lovelace": {ID: "1", FirstName: "Ada", LastName: "Lovelace"},
		"Ada":          {ID: "1", FirstName: "Ada"},
		"64ab":         {ID: "64ab"},
		"":             {},
	} {
		if got := connection.Author(user); got != want {
			t.Errorf("Author(%+v) = %q, want %q", user, got, want)
		}
	}
}

// Of several layouts of one id, which two creations at the same time can make, the oldest one counts, and all are named.
func TestListNamesDuplicatesOfALayout(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	c := r.connect("dev", r.settings("Development"))
	r.novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/layouts", Status: http.StatusOK, Body: []byte(
		`{"data":{"totalCount":3,"layouts":[` +
			`{"_id":"2","layoutId":"base","createdAt":"2026-01-01T00:00:02.000Z"},` +
			`{"_id":"3","layoutId":"other","createdAt":"2026-01-01T00:00:03.000Z"},` +
			`{"_id":"1","layoutId":"base","createdAt":"2026-01-01T00:00:01.000Z"}]}}`)})
	r.look(c, time.Time{})
	base, _ := c.Lookup(connection.Layouts, "base")
	if other, _ := c.Lookup(connection.Layouts, "other"); base.ID != "1" || !slices.Equal(base.Duplicates, []string{"1", "2"}) || other.Duplicates != nil {
		t.Errorf("base is %+v, other %+v", base, other)
	}
}
