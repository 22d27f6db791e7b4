// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// duplicate makes Novu's list show the workflow twice, the younger with another internal id. Two that are created in one
// moment look like that.
func duplicate(s *harness.Stage, id string) (fix func()) {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.Novu.URL+"/v2/workflows?limit=100", http.NoBody)
	s.Must(err)
	request.Header.Set("Authorization", "ApiKey "+s.Novu.Environment("Development").SecretKey)
	response, err := http.DefaultClient.Do(request)
	s.Must(err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	s.Must(err)
	var list struct {
		Data struct {
			Workflows  []map[string]any `json:"workflows"`
			TotalCount int              `json:"totalCount"`
		} `json:"data"`
	}
	s.Must(json.Unmarshal(raw, &list))
	for _, w := range list.Data.Workflows {
		if w["workflowId"] != id {
			continue
		}
		twin := maps.Clone(w)
		twin["_id"], twin["createdAt"] = twinID, "2100-01-01T00:00:00.000Z"
		list.Data.Workflows = append(list.Data.Workflows, twin)
	}
	list.Data.TotalCount = len(list.Data.Workflows)
	body, err := json.Marshal(list)
	s.Must(err)
	return s.Novu.Inject(novutest.Fault{Method: http.MethodGet, Path: "/v2/workflows", Status: http.StatusOK, Body: body})
}

const twinID = "0123456789abcdef01234567"

// Where Novu holds two workflows of one id nobody knows which one a write would reach.
func TestDuplicatesAreReportedAndNotTouched(t *testing.T) {
	s := stage(t, novutest.Options{})
	w := edited(s, orderShipped, "order-shipped")
	fix := duplicate(s, "order-shipped")
	s.Novu.ClearRequests()
	look(s, "dev")
	twice := func() {
		t.Helper()
		message := s.NotReady(w, "order-shipped", v1alpha1.ReasonDuplicated)
		if !strings.Contains(message, w.Status.ID) || !strings.Contains(message, twinID) {
			t.Errorf("the message does not name both: %s", message)
		}
	}
	twice()
	reported(s, v1alpha1.ReasonDuplicated, twinID)
	s.YAML(strings.Replace(orderShipped, "name: Order shipped", "name: Edited", 1))
	twice()
	s.Must(s.Delete(s.Context(), w.DeepCopy())) // under Retain it just goes
	s.Gone(w, "order-shipped")
	s.YAML(strings.Replace(orderShipped, "  name: Order shipped", "  deletionPolicy: Delete\n  name: Edited", 1))
	twiceBody := func() string { return s.NotReady(w, "order-shipped", v1alpha1.ReasonDuplicated) }
	if message := twiceBody(); !strings.Contains(message, twinID) {
		t.Errorf("a new object is not told: %s", message)
	}
	expect(t, "calls", objects(s))
	fix()
	look(s, "dev")
	s.Ready(w, "order-shipped")
	if got := stored(s, "order-shipped").Name; got != "Edited" {
		t.Errorf("when there is only one again, Novu holds %q", got)
	}

	fix = duplicate(s, "order-shipped")
	look(s, "dev")
	s.NotReady(w, "order-shipped", v1alpha1.ReasonDuplicated)
	s.Novu.ClearRequests()
	s.Must(s.Delete(s.Context(), w.DeepCopy()))
	if message := s.NotReady(w, "order-shipped", v1alpha1.ReasonDeletionBlocked); !strings.Contains(message, twinID) {
		t.Errorf("the message does not name both: %s", message)
	}
	expect(t, "calls to delete", objects(s))
	fix()
	look(s, "dev")
	s.Gone(w, "order-shipped")
}
