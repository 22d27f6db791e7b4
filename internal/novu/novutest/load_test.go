// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// TestMixedLoad lets everything happen at once; the race detector looks on.
func TestMixedLoad(t *testing.T) {
	api := dev(t, Options{WorkflowLimit: -1, Idempotency: true})
	var done sync.WaitGroup
	for worker := range 8 {
		done.Go(func() {
			for i := range 20 {
				id := fmt.Sprintf("w%d-%d", worker, i)
				made := api.do("POST", "/v2/workflows", newWorkflow(id, mail("mail")))
				api.do("PUT", "/v2/workflows/"+id, made.update(object{"name": "x"}))
				api.do("GET", "/v2/workflows?limit=5", nil)
				api.do("PUT", "/v2/workflows/"+id+"/sync", object{"targetEnvironmentId": api.server.Environment("Production").ID})
				api.do("POST", "/v2/layouts", newLayout(id))
				api.do("POST", "/v1/integrations", object{"providerId": "sendgrid", "channel": "email", "identifier": id, "active": true})
				remove := api.server.Inject(Fault{Path: "/nowhere", Status: 503})
				api.server.Snapshot("Development")
				api.server.Requests()
				remove()
				if i%2 == 0 {
					api.do("DELETE", "/v2/workflows/"+id, nil)
				}
			}
		})
	}
	done.Wait()
	if n, m := len(api.server.Workflows("Development")), len(api.server.Workflows("Production")); n != 80 || m != 160 {
		t.Errorf("%d workflows in Development and %d in Production, want 80 and 160", n, m)
	}
	primary := 0
	for _, i := range api.server.Integrations("Development") {
		if i.Primary {
			primary++
		}
	}
	if primary != 1 {
		t.Errorf("%d primary integrations", primary)
	}
}

// TestManyEnvironments: ten thousand workflows in a hundred environments stay findable.
func TestManyEnvironments(t *testing.T) {
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("env%d", i))
	}
	api := dev(t, Options{Environments: names})
	for _, name := range names {
		c := api.in(name)
		for i := range 100 {
			c.create(newWorkflow(fmt.Sprintf("w%d", i), mail("mail")))
		}
	}
	for _, name := range names {
		c := api.in(name)
		made := c.do("GET", "/v2/workflows/w99", nil).want(http.StatusOK)
		c.do("PUT", "/v2/workflows/w99", made.update(nil)).want(http.StatusOK)
		c.do("GET", "/v2/workflows?limit=100", nil).is("data.totalCount", 100)
	}
}

func BenchmarkGet(b *testing.B) {
	benchmark(b, func(c *client, _ *answer) { c.do("GET", "/v2/workflows/w50", nil) })
}
func BenchmarkUpdate(b *testing.B) {
	benchmark(b, func(c *client, a *answer) { c.do("PUT", "/v2/workflows/w50", a.update(nil)) })
}
func BenchmarkList(b *testing.B) {
	benchmark(b, func(c *client, _ *answer) { c.do("GET", "/v2/workflows?limit=100", nil) })
}

func benchmark(b *testing.B, ask func(*client, *answer)) {
	b.Helper()
	api := dev(b, Options{})
	for i := range 100 {
		api.create(newWorkflow(fmt.Sprintf("w%d", i), mail("mail")))
	}
	made := api.do("GET", "/v2/workflows/w50", nil)
	for b.Loop() {
		ask(api, made)
	}
}
