// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// halfDead answers reads, and writes of the methods that it does not leave hanging.
func halfDead(t *testing.T, hung map[string]bool) *Client {
	t.Helper()
	s := newScripted(t, func(r *http.Request) (*http.Response, error) {
		if hung[r.Method] {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return fine(r)
	})
	return newTestClient(t, s, NewBudget(BudgetConfig{}))
}

func write(ctx context.Context, c *Client, method string) (err error) {
	request := &WorkflowRequest{WorkflowID: "w"}
	switch method {
	case http.MethodPost:
		_, err = c.CreateWorkflow(ctx, request)
	case http.MethodPut:
		_, err = c.UpdateWorkflow(ctx, "w", request)
	case http.MethodDelete:
		err = c.DeleteWorkflow(ctx, "w")
	}
	return err
}

func TestWritesWithoutAnswerAreHeldBack(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		for name, limit := range map[string]time.Duration{"the client's timeout": time.Hour, "the caller's deadline": 25 * time.Second} {
			t.Run(method+" with "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					hung := map[string]bool{method: true}
					c := halfDead(t, hung)
					try := func(method string) error {
						ctx, cancel := context.WithTimeout(t.Context(), limit)
						defer cancel()
						return write(ctx, c, method)
					}
					for range 3 {
						_ = try(method)
						if _, err := c.GetWorkflow(t.Context(), "w"); err != nil {
							t.Fatal("a read is not answered:", err)
						}
						for _, other := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
							if other == method {
								continue
							}
							if err := try(other); err != nil {
								t.Fatal("another write is not answered:", err)
							}
						}
					}
					s := c.Budget().Snapshot()
					if !s.Writes.Open || s.Circuit.Open || !IsUnavailable(s.Writes.Cause) {
						t.Fatalf("after three of them: writes %+v, all %+v", s.Writes, s.Circuit)
					}
					var open *CircuitOpenError
					if err := try(method); !errors.As(err, &open) || open.Method != method {
						t.Errorf("the next one: %v", err)
					}
					if _, err := c.GetWorkflow(t.Context(), "w"); err != nil {
						t.Error("a read:", err)
					}
					time.Sleep(trialFirst)
					if err := try(method); errors.As(err, &open) {
						t.Error("no trial goes out:", err)
					}
					hung[method] = false
					time.Sleep(2 * trialFirst)
					if err := try(method); err != nil {
						t.Error("a trial that is answered:", err)
					}
					if c.Budget().Snapshot().Writes.Open {
						t.Error("still open after an answer")
					}
				})
			})
		}
	}
}

func TestOneTrialAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := halfDead(t, map[string]bool{http.MethodPut: true})
		for range 3 {
			_ = write(t.Context(), c, http.MethodPut)
			_ = try(t.Context(), c, "get")
		}
		time.Sleep(trialFirst)
		refused := make(chan bool, 5)
		for range 5 {
			go func() {
				err := write(t.Context(), c, http.MethodPut)
				refused <- errors.As(err, new(*CircuitOpenError))
			}()
		}
		time.Sleep(time.Minute)
		n := 0
		for range 5 {
			if <-refused {
				n++
			}
		}
		if n != 4 {
			t.Errorf("%d of 5 were refused, want 4", n)
		}
		time.Sleep(staleStall)
		if c.Budget().Snapshot().Writes.Open {
			t.Error("still open although nobody wants to write")
		}
	})
}

// What waits for its turn when writes are held back does not find out the same one after the other.
func TestHeldBackWritesDoNotQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := halfDead(t, map[string]bool{http.MethodPut: true})
		began := time.Now()
		ended := make(chan time.Duration, 100)
		for range 100 {
			go func() {
				_ = write(t.Context(), c, http.MethodPut)
				ended <- time.Since(began)
			}()
		}
		var last time.Duration
		for range 100 {
			last = max(last, <-ended)
		}
		if most := 4 * defaultTimeout; last > most {
			t.Errorf("the last of 100 ended after %s, want %s at most", last, most)
		}
	})
}

// A probe that is refused while it waits, because writes of its kind do not come back, is over: the next one may go out.
func TestRefusedProbeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{MaxInFlight: 1})
		permit, err := b.acquire(t.Context(), updateWorkflow)
		if err != nil {
			t.Fatal(err)
		}
		b.mu.Lock()
		b.circuit.trip(b.now(), false, errors.New("down"))
		b.mu.Unlock()
		refused := make(chan error)
		go func() {
			_, err := b.acquire(WithProbe(t.Context()), updateWorkflow)
			refused <- err
		}()
		synctest.Wait()
		b.mu.Lock()
		waiting := b.circuit.probing
		b.refuseWaiting(func(*ticket) error { return errors.New("writes hang") })
		b.mu.Unlock()
		if err := <-refused; err == nil || !waiting || b.circuit.probing {
			t.Errorf("got %v, probing before %t and after %t", err, waiting, b.circuit.probing)
		}
		permit.settle(t.Context(), nil, nil)
	})
}
