// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestNeverMoreThanMaxInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		b := NewBudget(BudgetConfig{})
		queued(t.Context(), newTestClient(t, g, b), names("workflows/w", 20)...)
		s := b.Snapshot()
		if len(g.sent()) != 8 || s.InFlight != 8 || s.MaxInFlight != 8 || s.Waiting != 12 {
			t.Errorf("%d sent, snapshot %+v", len(g.sent()), s)
		}
		g.pass(20)
		if s := b.Snapshot(); s.InFlight != 0 || s.Waiting != 0 {
			t.Errorf("after all: %+v", s)
		}
	})
}

// Two clients of one environment, two kinds of object: one budget.
func TestClientsShareABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		b := NewBudget(BudgetConfig{MaxInFlight: 3})
		queued(t.Context(), newTestClient(t, g, b), names("workflows/w", 3)...)
		queued(t.Context(), newTestClient(t, g, b), "integrations/")
		if n := len(g.sent()); n != 3 {
			t.Errorf("%d in flight, want 3", n)
		}
		g.pass(4)
	})
}

func TestCancellingAWait(t *testing.T) {
	for _, tc := range []struct {
		name    string
		context func(context.Context) (context.Context, context.CancelFunc)
		check   func(error) bool
	}{
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Minute, cancel)
			return ctx, cancel
		}, func(err error) bool {
			var throttled *ThrottledError
			return errors.Is(err, context.Canceled) && !errors.As(err, &throttled) && strings.Contains(err.Error(), `get workflow "late"`)
		}},
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Minute)
		}, func(err error) bool {
			var throttled *ThrottledError
			return errors.As(err, &throttled) && errors.Is(err, context.DeadlineExceeded)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				b := NewBudget(BudgetConfig{MaxInFlight: 1})
				c, err := New(Config{SecretKey: testKey, Transport: g, Budget: b, Timeout: time.Hour})
				if err != nil {
					t.Fatal(err)
				}
				queued(t.Context(), c, "workflows/first")
				ctx, cancel := tc.context(t.Context())
				defer cancel()
				start := time.Now()
				_, err = c.GetWorkflow(ctx, "late")
				if !tc.check(err) || time.Since(start) != time.Minute {
					t.Errorf("after %s: %v", time.Since(start), err)
				}
				g.pass(1)
				if s := b.Snapshot(); s.Waiting != 0 || s.InFlight != 0 || len(g.sent()) != 1 {
					t.Errorf("%+v, %d sent", s, len(g.sent()))
				}
			})
		})
	}
}

// A context that is over already must not cost a request or a token.
func TestEndedContextIsNotQueued(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newScripted(t, answerJSON(200, workflowJSON))
	_, err := newTestClient(t, s, nil).GetWorkflow(ctx, "w")
	if !errors.Is(err, context.Canceled) || s.count() != 0 {
		t.Errorf("%d requests, %v", s.count(), err)
	}
}

// The queue is refused to a caller whose time ends before its turn can come.
func TestQueueLongerThanTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newLimitedServer(refillLazy, 100)
		c := newTestClient(t, s, nil)
		ctx, stop := context.WithCancel(t.Context())
		var background sync.WaitGroup
		for range 1000 {
			background.Go(func() { _, _ = c.GetWorkflow(ctx, "w") })
		}
		time.Sleep(10 * time.Second) // about 300 done
		short, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.GetWorkflow(short, "late")
		var throttled *ThrottledError
		if !errors.As(err, &throttled) || time.Since(start) != 0 {
			t.Fatalf("after %s: %v", time.Since(start), err)
		}
		// 700 before it at 20 per second.
		if wait := time.Until(throttled.Until); wait < 30*time.Second || wait > 40*time.Second {
			t.Errorf("told to wait %s", wait)
		}
		if _, err := c.GetWorkflow(WithPriority(short, PriorityUser), "edited"); err != nil {
			t.Errorf("an edit has a shorter queue: %v", err)
		}
		stop()
		background.Wait()
	})
}

func TestSnapshotShowsTheAnnouncedLimit(t *testing.T) {
	policy := `RateLimit-Policy: 150;w=5;burst=165;comment="token bucket";category="global";cost="single";serviceLevel="free"`
	limited := []string{"RateLimit-Limit: 150", "RateLimit-Remaining: 40", "RateLimit-Reset: 1", policy}
	s := newScripted(t, answerJSON(200, `{"data":[]}`, limited...), answerJSON(200, `{"data":[]}`))
	synctest.Test(t, func(t *testing.T) {
		c := newTestClient(t, s, nil)
		for _, want := range []CategorySnapshot{
			{Limit: 150, Burst: 165, Window: 5 * time.Second, Remaining: 37}, // a tenth of a second is kept back
			{}, // limits were turned off
		} {
			if _, err := c.ListIntegrations(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := c.Budget().Snapshot().Categories[CategoryGlobal]; got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
}

// recorder is an Observer that keeps what it hears.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorder) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func (r *recorder) Request(c Category, method, route string, status int, d time.Duration) {
	r.add("%s %s %s %d %s", c, method, route, status, d)
}
func (r *recorder) Waited(c Category, p Priority, d time.Duration) { r.add("waited %s %s %s", c, p, d) }
func (r *recorder) Throttled(c Category, until time.Time) {
	r.add("throttled %s %s", c, time.Until(until))
}
func (r *recorder) CircuitChanged(open bool, cause error) { r.add("circuit %t %v", open, cause != nil) }

func TestObserverHearsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		s := newScripted(t, answerJSON(200, workflowJSON), answer429("2"), answerJSON(401, `{"statusCode":401,"message":"API Key not found"}`), answerError(errors.New("broken")), answerJSON(200, workflowJSON))
		c := newTestClient(t, s, NewBudget(BudgetConfig{Observer: r}))
		ctx := WithPriority(WithProbe(t.Context()), PriorityUser)
		for range 5 {
			_, _ = c.UpdateWorkflow(ctx, "secret-name", &WorkflowRequest{})
		}
		want := []string{
			"waited configuration user 0s", "configuration PUT /v2/workflows/{id} 200 0s",
			"waited configuration user 0s", "configuration PUT /v2/workflows/{id} 429 0s", "throttled configuration 2s",
			"waited configuration user 2s", "configuration PUT /v2/workflows/{id} 401 0s", "circuit true true",
			"waited configuration user 0s", "configuration PUT /v2/workflows/{id} 0 0s",
			"waited configuration user 0s", "configuration PUT /v2/workflows/{id} 200 0s", "circuit false false",
		}
		if !reflect.DeepEqual(r.lines, want) {
			t.Errorf("heard\n%s\nwant\n%s", strings.Join(r.lines, "\n"), strings.Join(want, "\n"))
		}
		if i := slices.IndexFunc(r.lines, func(l string) bool { return strings.Contains(l, "secret-name") }); i >= 0 {
			t.Errorf("a label holds an identifier: %s", r.lines[i])
		}
	})
}

// An injected clock drives pauses; nothing waits on the system's.
func TestBudgetFollowsTheInjectedClock(t *testing.T) {
	clock := &manualClock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	s := newScripted(t, answer429("3600"), answerJSON(200, workflowJSON))
	c := newTestClient(t, s, NewBudget(BudgetConfig{Clock: clock}))
	if _, err := c.GetWorkflow(t.Context(), "w"); err == nil {
		t.Fatal("want 429")
	}
	done := make(chan error, 1)
	go func() { _, err := c.GetWorkflow(t.Context(), "w"); done <- err }()
	for clock.pending() == 0 {
		time.Sleep(time.Millisecond)
	}
	clock.advance(time.Hour)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// manualClock moves only when told.
type manualClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*manualTimer
}

type manualTimer struct {
	clock *manualClock
	at    time.Time
	f     func()
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manualClock) AfterFunc(d time.Duration, f func()) Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := &manualTimer{clock: c, at: c.now.Add(d), f: f}
	c.timers = append(c.timers, timer)
	return timer
}

func (c *manualClock) pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

func (c *manualClock) advance(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	var due []func()
	c.timers = slices.DeleteFunc(c.timers, func(t *manualTimer) bool {
		if t.at.After(c.now) {
			return false
		}
		due = append(due, t.f)
		return true
	})
	c.mu.Unlock()
	for _, f := range due {
		f()
	}
}

func (t *manualTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	before := len(t.clock.timers)
	t.clock.timers = slices.DeleteFunc(t.clock.timers, func(x *manualTimer) bool { return x == t })
	return len(t.clock.timers) < before
}
