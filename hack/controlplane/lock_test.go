// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

func TestLockTakesTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path, func(time.Duration) { t.Error("the first had to wait") })
	if err != nil {
		t.Fatal(err)
	}
	waiting, taken := make(chan struct{}, 1), make(chan error, 1)
	go func() {
		second, err := lock(t.Context(), path, func(time.Duration) { waiting <- struct{}{} })
		if err == nil {
			second()
		}
		taken <- err
	}()
	<-waiting
	select {
	case err := <-taken:
		t.Fatalf("the second got the lock while the first held it: %v", err)
	default:
	}
	unlock()
	if err := <-taken; err != nil {
		t.Errorf("after the first gave it up: %v", err)
	}
}

func TestLockGivesUpWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path, func(time.Duration) {})
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := lock(ctx, path, func(time.Duration) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("lock() error = %v; want context.Canceled", err)
	}
}

func TestLockNeedsItsFolder(t *testing.T) {
	if _, err := lock(t.Context(), filepath.Join(t.TempDir(), "absent", "lock"), func(time.Duration) {}); err == nil {
		t.Error("lock() in an absent folder succeeded")
	}
}
