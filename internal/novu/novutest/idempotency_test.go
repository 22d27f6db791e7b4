// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/javascript"
)

func (c *client) once(key string) *client { return c.withHeader("Idempotency-Key", key) }

func TestIdempotency(t *testing.T) {
	api := dev(t, Options{Idempotency: true})
	first := api.once("k1").do("POST", "/v2/workflows", newWorkflow("welcome")).want(http.StatusCreated)
	if got := first.header.Get("Idempotency-Key"); got != "k1" || first.header.Get("Idempotency-Replay") != "" {
		t.Errorf("headers %v", first.header)
	}
	again := api.once("k1").do("POST", "/v2/workflows", newWorkflow("welcome")).want(http.StatusCreated)
	if !bytes.Equal(again.raw, first.raw) || again.header.Get("Idempotency-Replay") != "true" {
		t.Errorf("replayed %s\nwith %v", again.raw, again.header)
	}
	spaced := strings.ReplaceAll(string(javascript.JSON(newWorkflow("welcome"))), ",", " , ")
	api.once("k1").do("POST", "/v2/workflows", spaced).want(http.StatusCreated)
	other := api.once("k1").do("POST", "/v2/workflows", newWorkflow("other")).want(http.StatusUnprocessableEntity)
	other.is("message", `Request with key "k1" is being reused for a different body`)
	if other.header.Get("Link") == "" {
		t.Error("no Link")
	}
	if n := len(api.server.Workflows("Development")); n != 1 {
		t.Errorf("%d workflows", n)
	}
}

// TestIdempotencyScope: a key is for an organization, not for an environment, and for POST and PATCH.
func TestIdempotencyScope(t *testing.T) {
	api := dev(t, Options{Idempotency: true})
	first := api.once("k").do("POST", "/v2/workflows", newWorkflow("welcome"))
	api.in("Production").once("k").do("POST", "/v2/workflows", newWorkflow("welcome")).is("data._id", first.get("data._id"))
	if n := len(api.server.Workflows("Production")); n != 0 {
		t.Error("the replay was executed")
	}
	other := *api
	other.key = api.server.AddOrganization("Other", "Theirs")[0].SecretKey
	if got := other.once("k").do("POST", "/v2/workflows", newWorkflow("welcome")); got.text("data._id") == first.text("data._id") {
		t.Error("another organization got the answer")
	}
	put := api.once("p").do("PUT", "/v2/workflows/welcome", first.update(nil)).want(http.StatusOK)
	if put.header.Get("Idempotency-Key") != "" {
		t.Error("PUT takes a key")
	}
	api.once("p").do("PUT", "/v2/workflows/welcome", first.update(object{"name": "x"})).want(http.StatusOK)
	api.once("a").do("PATCH", "/v2/workflows/welcome", object{"active": false}).want(http.StatusOK)
	api.do("PATCH", "/v2/workflows/welcome", object{"active": true}).want(http.StatusOK)
	api.once("a").do("PATCH", "/v2/workflows/welcome", object{"active": false}).is("data.active", false)
	api.do("GET", "/v2/workflows/welcome", nil).is("data.active", true)
}

func TestIdempotencyLimits(t *testing.T) {
	clock := newHourglass()
	api := dev(t, Options{Idempotency: true, Now: clock.time})
	api.once(strings.Repeat("k", 256)).do("POST", "/v2/workflows", newWorkflow("a")).want(http.StatusBadRequest)
	api.once(strings.Repeat("k", 255)).do("POST", "/v2/workflows", newWorkflow("a")).want(http.StatusCreated)
	api.once("day").do("POST", "/v2/workflows", newWorkflow("b")).want(http.StatusCreated)
	clock.turn(25 * time.Hour)
	api.once("day").do("POST", "/v2/workflows", newWorkflow("b")).want(http.StatusCreated)
	if n := len(api.server.Workflows("Development")); n != 3 {
		t.Errorf("%d workflows, want a, b and a second b after a day", n)
	}
}

// TestIdempotentFailure: a failure is kept too, and comes back as another one.
func TestIdempotentFailure(t *testing.T) {
	api := dev(t, Options{Idempotency: true})
	api.once("k").do("POST", "/v2/workflows", object{}).want(http.StatusUnprocessableEntity)
	api.once("k").do("POST", "/v2/workflows", object{}).want(http.StatusServiceUnavailable)
	bad := api.withHeader("Authorization", "ApiKey nope").once("k")
	bad.key = ""
	bad.do("POST", "/v2/workflows", object{}).want(http.StatusUnauthorized) // who asks is settled before
}

// TestIdempotencyInFlight: a second request with the key of one that still runs is refused.
func TestIdempotencyInFlight(t *testing.T) {
	api := dev(t, Options{Idempotency: true})
	var inFlight *answer
	api.server.gap = func() {
		inFlight = api.once("k").do("POST", "/v2/workflows", newWorkflow("welcome"))
	}
	api.once("k").do("POST", "/v2/workflows", newWorkflow("welcome")).want(http.StatusCreated)
	inFlight.want(http.StatusConflict)
	if inFlight.header.Get("Retry-After") != "1" || inFlight.header.Get("Link") == "" {
		t.Errorf("headers %v", inFlight.header)
	}
}

func TestNoIdempotency(t *testing.T) {
	api := dev(t, Options{})
	for range 2 {
		res := api.once("k").do("POST", "/v2/workflows", newWorkflow("welcome")).want(http.StatusCreated)
		if res.header.Get("Idempotency-Key") != "" {
			t.Error("the key is mentioned")
		}
	}
	if n := len(api.server.Workflows("Development")); n != 2 {
		t.Errorf("%d workflows", n)
	}
}
