// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// moody answers at random in every way there is.
func moody(s *limitedServer) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		switch rand.IntN(12) {
		case 0:
			return nil, errors.New("reset")
		case 1:
			return badKey(r)
		case 2:
			return answerJSON(500, `{"message":"Internal server error"}`)(r)
		case 3:
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return s.RoundTrip(r)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Whatever happens to thousands of calls, the budget loses no slot, no ticket and
// no probe: afterwards it is idle and works.
func TestNothingIsLost(t *testing.T) {
	for range 5 {
		synctest.Test(t, func(t *testing.T) {
			s := newLimitedServer(refillLazy, 1000)
			b := NewBudget(BudgetConfig{})
			c := newTestClient(t, moody(s), b)
			var all sync.WaitGroup
			for range 3000 {
				all.Go(func() {
					time.Sleep(time.Duration(rand.IntN(20_000)) * time.Millisecond)
					ctx := WithPriority(t.Context(), Priority(rand.IntN(2)))
					if rand.IntN(3) == 0 {
						ctx = WithProbe(ctx)
					}
					ctx, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(5000))*time.Millisecond)
					defer cancel()
					if rand.IntN(4) == 0 {
						_, _ = c.ListIntegrations(ctx)
					} else {
						_, _ = c.UpdateWorkflow(ctx, "w", &WorkflowRequest{})
					}
				})
			}
			all.Wait()
			synctest.Wait()
			if got := b.Snapshot(); got.InFlight != 0 || got.Waiting != 0 || b.circuit.probing {
				t.Fatalf("left behind: %+v, probing %t", got, b.circuit.probing)
			}
			time.Sleep(time.Hour)
			if _, err := newTestClient(t, s, b).GetWorkflow(WithProbe(t.Context()), "w"); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			if b.Snapshot().Circuit.Open {
				t.Error("a good probe left the circuit open")
			}
		})
	}
}
