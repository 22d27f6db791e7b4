// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"encoding/json"
	"net/http"
	"slices"

	"novu-operator.dev/internal/novu/javascript"
)

// resetPath is a control route of the server, not of Novu: it starts a fresh server for a replayed scenario.
const resetPath = "/_test/reset"

type resetRequest struct {
	Scenario string   `json:"scenario"`
	Requires []string `json:"requires"`
}

// serveReset starts a new server on its own port, with the switches that the scenario requires, and answers the
// address, ids and keys to replay it with. The server of the reset before is closed.
func (s *Server) serveReset(w http.ResponseWriter, r *http.Request) {
	var req resetRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, "reset wants {\"scenario\":…,\"requires\":[…]}: "+err.Error(), http.StatusBadRequest)
		return
	}
	opts := s.opts
	opts.BasePath, opts.Environments = "", nil
	opts.RateLimits = opts.RateLimits || slices.Contains(req.Requires, "rate-limits")
	opts.Idempotency = opts.Idempotency || slices.Contains(req.Requires, "idempotency")
	opts.PaidTier = opts.PaidTier || slices.Contains(req.Requires, "paid-tier")
	fresh := New(opts)
	if err := fresh.Listen("127.0.0.1:0"); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.resetMu.Lock()
	old := s.resetSrv
	s.resetSrv = fresh
	s.resetMu.Unlock()
	if old != nil {
		old.Close()
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(javascript.JSON(fresh.seed()))
}

// seed are the values that recorded exchanges have placeholders for.
func (s *Server) seed() map[string]string {
	dev, prod := s.Environment(developmentName), s.Environment(productionName)
	org := s.store.organizations[0]
	return map[string]string{
		"BASE_URL":    s.URL,
		"DEV_API_KEY": dev.SecretKey, "DEV_ENV_ID": dev.ID, "DEV_ENV_IDENTIFIER": dev.Identifier,
		"PROD_API_KEY": prod.SecretKey, "PROD_ENV_ID": prod.ID, "PROD_ENV_IDENTIFIER": prod.Identifier,
		"ORG_ID": org.id, "USER_ID": org.userID, "USER_JWT": org.session,
	}
}
