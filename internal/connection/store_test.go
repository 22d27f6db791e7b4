// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connection

import (
	"errors"
	"testing"

	"k8s.io/utils/clock"

	"novu-operator.dev/internal/novu"
)

// One environment that holds ever more takes the room of no small one, and gives it back in the end.
func TestTablesShareTheMemory(t *testing.T) {
	s := &store{}
	hold := func(b *Backend, r Resource, n int64) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.count(r, n)
	}
	greedy := newBackend(novu.Environment{ID: "greedy"}, clock.RealClock{}, s)
	if err := hold(greedy, Workflows, smallTable+mostSurplus); err != nil {
		t.Fatal(err)
	}
	if err := hold(greedy, Workflows, smallTable+mostSurplus+1); !novu.IsCrowded(err) {
		t.Errorf("more than all may hold: %v", err)
	}
	other := newBackend(novu.Environment{ID: "other"}, clock.RealClock{}, s)
	for n, fits := range map[int64]bool{0: true, smallTable: true, smallTable + 1: false} {
		if err := hold(other, Layouts, n); (err == nil) != fits {
			t.Errorf("%d bytes beside a greedy environment: %v", n, err)
		}
	}
	if err := errors.Join(hold(greedy, Workflows, 10), hold(other, Layouts, smallTable+1)); err != nil {
		t.Error("the room is not given back:", err)
	}
	greedy.close()
	other.close()
	if n := s.surplus.Load(); n != 0 {
		t.Errorf("%d bytes are counted at the end", n)
	}
}
