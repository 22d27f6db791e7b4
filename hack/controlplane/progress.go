// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"bytes"
	"sync"
	"time"
)

// every calls report at each interval until the returned function is called.
func every(interval time.Duration, report func()) (stop func()) {
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				report()
			}
		}
	})
	return func() {
		close(done)
		wait.Wait()
	}
}

// lineCounter keeps what a command prints and counts its lines while it runs.
type lineCounter struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

// Write implements io.Writer and never fails.
func (c *lineCounter) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buffer.Write(p)
}

func (c *lineCounter) count() int { return bytes.Count(c.bytes(), []byte("\n")) }

func (c *lineCounter) bytes() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.buffer.Bytes())
}

// lastLines returns the last n lines of text without surrounding space.
func lastLines(text []byte, n int) string {
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-n):], []byte("\n")))
}
