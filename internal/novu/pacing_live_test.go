// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"net/http"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/novutest"
)

// The test server limits like a recorded Novu: 20 calls a second after a burst of
// 110. Nothing may be refused, over real connections and in real time.
func TestNoCallIsRefusedAtTheFreeLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as the limit demands")
	}
	t.Parallel()
	s, c := startNovu(t, novutest.Options{RateLimits: true, Latency: 20 * time.Millisecond})
	must(c.CreateWorkflow(t.Context(), &WorkflowRequest{WorkflowID: "w-0", Name: "W"}))(t)
	start := time.Now()
	converge(c, 80)
	t.Logf("160 calls took %s; the limit alone demands 2.55s", time.Since(start))
	for _, r := range s.Requests() {
		if r.Status == http.StatusTooManyRequests {
			t.Errorf("%s %s was refused", r.Method, r.Path)
		}
	}
}
