// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"strings"
	"testing"
)

func TestStartServes(t *testing.T) {
	s := Start(t, Options{})
	req, err := http.NewRequest(http.MethodGet, s.URL+"/v1/environments/me", strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "ApiKey "+s.Environment("Production").SecretKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || s.Count("GET", "/v1/environments") != 1 {
		t.Fatalf("status %d, %d requests counted", res.StatusCode, s.Count("GET", "/v1/environments"))
	}
}
