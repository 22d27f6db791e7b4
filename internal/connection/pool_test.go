// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connection_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
)

func name(n string) types.NamespacedName { return types.NamespacedName{Namespace: "ns", Name: n} }

func TestConnectAsksOnce(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	settings := r.settings("Development")
	first := r.connect("dev", settings)
	if got := first.Environment(); got.Name != "Development" || got.ID != r.novu.Environment("Development").ID {
		t.Errorf("connected to %+v", got)
	}
	if second := r.connect("dev", settings); second != first || len(r.novu.Requests()) != 1 {
		t.Errorf("the same settings asked again: %d calls", len(r.novu.Requests()))
	}
	settings.BaseURL += "/"
	if second := r.connect("dev", settings); second == first || second.Backend != first.Backend {
		t.Error("another spelling of the URL must ask again and find the same Novu environment")
	}
}

func TestGetWaitsForTheFirstLook(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	if r.pool.Get(name("dev")) != nil {
		t.Error("there is a connection before the first")
	}
	c := r.connect("dev", r.settings("Development"))
	if r.pool.Get(name("dev")) != nil {
		t.Error("a connection that has not looked is handed out")
	}
	r.look(c, r.clock.Now())
	if r.pool.Get(name("dev")) != c {
		t.Error("the connection is not handed out")
	}
}

func TestWhatConnectionsShare(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	dev, prod := r.settings("Development"), r.settings("Production")
	a, b, other := r.connect("a", dev), r.connect("b", dev), r.connect("prod", prod)
	if a.Backend != b.Backend || a.Budget() != b.Budget() {
		t.Error("two Environments on one Novu environment do not share the work")
	}
	if a.Backend == other.Backend || a.Budget() == other.Budget() {
		t.Error("two Novu environments share their tables or budgets")
	}
	if a.HashKey() != b.HashKey() || a.HashKey() == other.HashKey() || strings.Contains(a.HashKey(), dev.SecretKey) {
		t.Error("the key of hashes must follow from the secret key and not show it")
	}
	r.novu.RotateKey("Development")
	c := r.connect("c", r.settings("Development"))
	if c.Backend != a.Backend {
		t.Error("a new key leads to the same Novu environment")
	}
	if c.Budget() == a.Budget() {
		t.Error("a key that is refused would stop the one that works")
	}
}

func TestConnectionsMadeTogetherShareToo(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	made := make([]*connection.Connection, 16)
	var group sync.WaitGroup
	for i := range made {
		group.Go(func() {
			c, err := r.pool.Connect(t.Context(), name(strconv.Itoa(i)), r.settings("Development"))
			if err != nil {
				t.Error(err)
			}
			made[i] = c
		})
	}
	group.Wait()
	for _, c := range made {
		if c == nil || c.Backend != made[0].Backend || c.Budget() != made[0].Budget() {
			t.Fatal("connections that were made together do not share")
		}
	}
}

func TestRefusedKeyStopsOnlyItself(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	old := r.connect("old", r.settings("Development"))
	r.novu.RotateKey("Development")
	fresh := r.connect("fresh", r.settings("Development"))
	if _, err := old.Client.AllLayouts(t.Context()); !novu.IsUnauthorized(err) {
		t.Fatalf("the old key got %v", err)
	}
	if !old.Budget().Snapshot().Circuit.Open {
		t.Error("the circuit of the refused key is closed")
	}
	if _, err := fresh.Client.AllLayouts(t.Context()); err != nil {
		t.Errorf("the new key cannot work: %v", err)
	}
}

func TestFailureDropsTheConnection(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	settings := r.settings("Development")
	r.look(r.connect("dev", settings), r.clock.Now())
	settings.SecretKey = "wrong"
	if _, err := r.pool.Connect(t.Context(), name("dev"), settings); !novu.IsUnauthorized(err) {
		t.Fatalf("a wrong key got %v", err)
	}
	if r.pool.Get(name("dev")) != nil {
		t.Error("the connection with the former key is still handed out")
	}
}

func TestBackendLivesAsLongAsSomebodyUsesIt(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	a, b := r.connect("a", r.settings("Development")), r.connect("b", r.settings("Development"))
	r.look(a, r.clock.Now())
	r.pool.Drop(name("a"))
	r.pool.Drop(name("never"))
	if c := r.connect("a", r.settings("Development")); c.Backend != b.Backend || c.LookedAt().IsZero() {
		t.Error("what is known was lost although somebody still used it")
	}
	r.pool.Drop(name("a"))
	r.pool.Drop(name("b"))
	if c := r.connect("a", r.settings("Development")); c.Backend == b.Backend || !c.LookedAt().IsZero() {
		t.Error("what is known outlives all connections")
	}
}

func TestLeadingTo(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	dev, prod := r.novu.Environment("Development").ID, r.novu.Environment("Production").ID
	a, b, p := r.connect("a", r.settings("Development")), r.connect("b", r.settings("Development")), r.connect("p", r.settings("Production"))
	if got := r.pool.LeadingTo(dev); len(got) != 0 {
		t.Errorf("%v lead to Development before anybody looked", got)
	}
	for _, c := range []*connection.Connection{a, b, p} {
		r.look(c, r.clock.Now())
	}
	got := r.pool.LeadingTo(dev)
	if len(got) != 2 || !slices.Contains(got, name("a")) || !slices.Contains(got, name("b")) {
		t.Errorf("%v lead to Development, want a and b", got)
	}
	if got := r.pool.LeadingTo(prod); !slices.Equal(got, []types.NamespacedName{name("p")}) {
		t.Errorf("%v lead to Production, want p", got)
	}
	if got := r.pool.LeadingTo("elsewhere"); len(got) != 0 {
		t.Errorf("%v lead to what nobody knows", got)
	}
}

func TestSameNovu(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	theirs := r.novu.AddOrganization("Other", "Abroad")[0]
	dev, prod := r.connect("dev", r.settings("Development")), r.connect("prod", r.settings("Production"))
	abroad := r.connect("abroad", connection.Settings{BaseURL: r.novu.URL, SecretKey: theirs.SecretKey})
	if !dev.SameNovu(prod) || dev.SameNovu(abroad) {
		t.Error("only environments of one organization are of the same Novu")
	}
}

func TestReadOnlyPoolWritesNothing(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	r.pool = connection.NewPool(connection.Options{ReadOnly: true})
	c := r.connect("dev", r.settings("Development"))
	if _, err := c.Client.CreateWorkflow(t.Context(), &novu.WorkflowRequest{WorkflowID: "x"}); err == nil {
		t.Error("a write went out")
	}
	if n := r.novu.Count("POST", "/"); n != 0 || !r.pool.ReadOnly() {
		t.Errorf("%d writes reached Novu", n)
	}
}

func TestGuardedPool(t *testing.T) {
	r, lost := newRoom(t, novutest.Options{}), errors.New("the lease is lost")
	var refusal error
	r.pool.Guard(func() error { return refusal })
	c := r.connect("dev", r.settings("Development"))
	for _, refusal = range []error{nil, lost, nil} {
		if err := c.Client.DeleteWorkflow(t.Context(), "x"); errors.Is(err, lost) != (refusal != nil) {
			t.Errorf("the guard says %v, the call %v", refusal, err)
		}
	}
	if n := r.novu.Count("DELETE", "/"); n != 2 {
		t.Errorf("%d writes reached Novu, want 2", n)
	}
}

// What the pool remembers of an Environment object goes with it.
func TestForget(t *testing.T) {
	p, dev := connection.NewPool(connection.Options{}), name("dev")
	if p.Tried(dev) {
		t.Error("nobody has tried yet")
	}
	if !p.Try(dev) || p.Try(dev) {
		t.Error("the first try alone is news")
	}
	p.Drop(dev)
	if !p.Tried(dev) {
		t.Error("that a connection was lost does not undo the try")
	}
	p.Forget(dev)
	if p.Tried(dev) || !p.Try(dev) {
		t.Error("the pool still remembers it")
	}
}

// A key that was replaced may still work elsewhere, and Novu may still quote it.
func TestFormerKeysStayHidden(t *testing.T) {
	r := newRoom(t, novutest.Options{})
	former := r.settings("Development")
	r.connect("dev", former)
	r.novu.RotateKey("Development")
	c := r.connect("dev", r.settings("Development"))
	r.novu.Inject(novutest.Fault{Status: 400, Body: []byte(`{"statusCode":400,"message":"not ` + former.SecretKey[5:25] + `"}`)})
	if _, err := c.Client.AllLayouts(t.Context()); err == nil || !strings.Contains(err.Error(), "not ***") {
		t.Errorf("got %v", err)
	}
}
