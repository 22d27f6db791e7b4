// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// gate is a transport that lets one request through at a time, and notes the order.
type gate struct {
	mu    sync.Mutex
	order []string
	open  chan struct{}
}

func newGate() *gate { return &gate{open: make(chan struct{})} }

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	g.order = append(g.order, r.URL.Path)
	g.mu.Unlock()
	select {
	case <-g.open:
		return answerJSON(200, workflowJSON)(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// pass finishes n requests, one after the other.
func (g *gate) pass(n int) {
	for range n {
		g.open <- struct{}{}
		synctest.Wait()
	}
}

func (g *gate) sent() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.order)
}

// queued starts calls in order, each waiting behind the one before.
func queued(ctx context.Context, c *Client, paths ...string) {
	for _, p := range paths {
		kind, id, _ := strings.Cut(p, "/")
		go func() {
			switch kind {
			case "workflows":
				_, _ = c.GetWorkflow(ctx, id)
			case "layouts":
				_, _ = c.GetLayout(ctx, id)
			case "integrations":
				_, _ = c.ListIntegrations(ctx)
			}
		}()
		synctest.Wait()
	}
}

func names(prefix string, n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%s-%d", prefix, i))
	}
	return out
}

func TestOrderOfWaitingCalls(t *testing.T) {
	for _, tc := range []struct {
		name  string
		queue func(context.Context, *Client)
		want  []string
	}{{
		name:  "first come first served within a kind",
		queue: func(ctx context.Context, c *Client) { queued(ctx, c, names("workflows/w", 5)...) },
		want:  []string{"w-0", "w-1", "w-2", "w-3", "w-4"},
	}, {
		name: "kinds take turns",
		queue: func(ctx context.Context, c *Client) {
			queued(ctx, c, names("workflows/w", 4)...)
			queued(ctx, c, "layouts/l-0", "layouts/l-1", "integrations/")
		},
		want: []string{"l-0", "integrations", "w-0", "l-1", "w-1", "w-2", "w-3"},
	}, {
		name: "a user's edit overtakes background work",
		queue: func(ctx context.Context, c *Client) {
			queued(ctx, c, names("workflows/w", 3)...)
			queued(WithPriority(ctx, PriorityUser), c, "workflows/edited")
		},
		want: []string{"edited", "w-0", "w-1", "w-2"},
	}, {
		name: "edits leave every fifth turn to background work",
		queue: func(ctx context.Context, c *Client) {
			queued(ctx, c, names("workflows/w", 2)...)
			queued(WithPriority(ctx, PriorityUser), c, names("workflows/e", 9)...)
		},
		want: []string{"e-0", "e-1", "e-2", "e-3", "w-0", "e-4", "e-5", "e-6", "e-7", "w-1", "e-8"},
	}} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				c := newTestClient(t, g, NewBudget(BudgetConfig{MaxInFlight: 1}))
				queued(t.Context(), c, "workflows/first")
				tc.queue(t.Context(), c)
				g.pass(len(tc.want) + 1)
				var got []string
				for _, p := range g.sent()[1:] {
					got = append(got, p[strings.LastIndex(p, "/")+1:])
				}
				if !slices.Equal(got, tc.want) {
					t.Errorf("order\n got %v\nwant %v", got, tc.want)
				}
			})
		})
	}
}

// While ten thousand background calls wait at the free limit, an edit goes out with
// the next token.
func TestEditDuringResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newLimitedServer(refillLazy, 100)
		c := newTestClient(t, s, nil)
		ctx, stop := context.WithCancel(t.Context())
		var background sync.WaitGroup
		for i := range 10_000 {
			background.Go(func() { _, _ = c.GetWorkflow(ctx, fmt.Sprintf("w-%d", i)) })
		}
		time.Sleep(20 * time.Second)
		start := time.Now()
		if _, err := c.GetWorkflow(WithPriority(t.Context(), PriorityUser), "edited"); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 300*time.Millisecond {
			t.Errorf("the edit took %s", took)
		}
		stop()
		background.Wait()
		if waiting := c.Budget().Snapshot().Waiting; waiting != 0 {
			t.Errorf("%d calls wait after all were cancelled", waiting)
		}
	})
}
