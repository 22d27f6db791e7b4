// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// crowded is a stage with fewer workers than there are Environments whose server does not answer.
type crowded struct {
	*harness.Stage
	slow *novutest.Server // serves the Environments slow-0, slow-1, …
}

const (
	crowdedWorkers = 2
	slowOnes       = 3 * crowdedWorkers
)

func newCrowded(t *testing.T) *crowded {
	t.Helper()
	var names []string
	for i := range slowOnes {
		names = append(names, fmt.Sprintf("slow-%d", i))
	}
	c := &crowded{Stage: unmanaged(t, novutest.Options{}), slow: novutest.Start(t, novutest.Options{Environments: names})}
	harness.StartManager(t, harness.ManagerOptions{
		Namespaces: []string{c.Namespace}, Controllers: controllers.Options{MaxConcurrentReconciles: crowdedWorkers},
	})
	return c
}

// connect makes the Environments of the slow server. extra is YAML of further fields of spec.
func (c *crowded) connect(extra string) {
	c.Helper()
	for i := range slowOnes {
		name := fmt.Sprintf("slow-%d", i)
		c.Secret(name, map[string]string{"secretKey": c.slow.Environment(name).SecretKey})
		c.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: %s}
spec: {apiURL: %s, secretKeyRef: {name: %s}%s}`, name, c.slow.URL, name, extra))
	}
}

// connected waits until the slow Environments are ready, and makes requests hang from then on.
func (c *crowded) connected(fault novutest.Fault) {
	c.Helper()
	for i := range slowOnes {
		c.Ready(&v1alpha1.Environment{}, fmt.Sprintf("slow-%d", i))
	}
	settle(c.Stage)
	c.slow.ClearRequests()
	c.slow.Inject(fault)
}

// hung waits until that many requests hang, which is more than there are workers.
func (c *crowded) hung(method, path string, n int) {
	c.Helper()
	c.Eventually("requests hang", func() error {
		pending := 0
		for _, r := range c.slow.Requests() {
			if r.Status == 0 && strings.HasPrefix(r.Method, method) && strings.HasPrefix(r.Path, path) {
				pending++
			}
		}
		if pending < n {
			return fmt.Errorf("%d of %d", pending, n)
		}
		return nil
	})
}

// workflows makes some that refer to the slow Environments in turn.
func (c *crowded) workflows(n int, extra string) {
	c.Helper()
	for i := range n {
		c.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: slow-%d}
spec:
  environmentRef: {name: slow-%d}
  name: Slow
  steps: [{stepID: a, type: InApp, inApp: {body: x}}]
%s`, i, i%slowOnes, extra))
	}
}

// unhurt shows that an Environment which answers is served while the others hang.
func (c *crowded) unhurt() {
	c.Helper()
	before := len(c.slow.Requests())
	c.Environment("dev", "Development", "")
	c.YAML(orderShipped)
	c.Ready(&v1alpha1.Workflow{}, "order-shipped")
	c.YAML(strings.Replace(orderShipped, "name: Order shipped", "name: Edited", 1))
	c.Ready(&v1alpha1.Workflow{}, "order-shipped")
	if got := stored(c.Stage, "order-shipped").Name; got != "Edited" {
		c.Errorf("Novu holds %q", got)
	}
	if before == 0 {
		c.Error("nothing has hung")
	}
}

// However many Environments do not answer, and whatever of them does not, the others are served.
func TestHungEnvironmentsHoldNobodyUp(t *testing.T) {
	t.Parallel()
	hang := func(method, path string) novutest.Fault {
		return novutest.Fault{Method: method, Path: path, Hang: true}
	}
	for name, play := range map[string]func(c *crowded){
		"the first contact": func(c *crowded) {
			c.slow.Inject(hang("", ""))
			c.connect("")
			c.hung(http.MethodGet, "/v1/environments/me", slowOnes)
		},
		"the first poll": func(c *crowded) {
			c.slow.Inject(hang("", "/v2/layouts"))
			c.connect("")
			c.hung(http.MethodGet, "/v2/layouts", slowOnes)
		},
		"the body of an answer": func(c *crowded) {
			c.slow.Inject(novutest.Fault{SlowLoris: 1 << 40})
			c.connect("")
			c.hungBodies(slowOnes)
		},
		"writes": func(c *crowded) {
			c.connect("")
			c.connected(hang(http.MethodPut, ""))
			c.workflows(2*slowOnes, "")
			c.hung(http.MethodPut, "/v2/workflows", 2*slowOnes)
		},
		"edits of one environment": func(c *crowded) {
			c.connect("")
			c.connected(hang(http.MethodPut, ""))
			for i := range 40 {
				c.YAML(strings.NewReplacer("order-shipped", fmt.Sprintf("edit-%d", i), "name: dev", "name: slow-0").Replace(orderShipped))
			}
			c.hung(http.MethodPut, "/v2/workflows", 3*crowdedWorkers)
		},
		"deletions": func(c *crowded) {
			c.connect("")
			c.workflows(slowOnes, "  deletionPolicy: Delete")
			for i := range slowOnes {
				c.Ready(&v1alpha1.Workflow{}, fmt.Sprintf("slow-%d", i))
			}
			c.connected(hang(http.MethodDelete, ""))
			for i := range slowOnes {
				w := &v1alpha1.Workflow{}
				w.Namespace, w.Name = c.Namespace, fmt.Sprintf("slow-%d", i)
				c.Must(c.Delete(c.Context(), w))
			}
			c.hung(http.MethodDelete, "/v2/workflows", slowOnes)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrowded(t)
			play(c)
			c.unhurt()
		})
	}
}

// hungBodies waits until that many answers have begun.
func (c *crowded) hungBodies(n int) {
	c.Helper()
	c.Eventually("answers have begun", func() error {
		if got := len(c.slow.Requests()); got < n {
			return fmt.Errorf("%d of %d", got, n)
		}
		return nil
	})
}

// Promotions into targets that do not answer leave the others alone.
func TestHungTargetsHoldNoPromotionUp(t *testing.T) {
	c := newCrowded(t)
	c.Environment("dev", "Development", "")
	c.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
	c.YAML(orderShipped)
	c.Ready(&v1alpha1.Workflow{}, "order-shipped")
	c.Ready(&v1alpha1.Environment{}, "prod")
	c.connect(", promotionPolicy: {sourceRef: {name: dev}}")
	c.connected(novutest.Fault{Hang: true})
	for i := range slowOnes {
		c.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: slow-%d}
spec: {targetRef: {name: slow-%d}}`, i, i))
	}
	c.hung("", "", slowOnes)
	c.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: healthy}
spec: {targetRef: {name: prod}}`)
	c.Ready(&v1alpha1.Promotion{}, "healthy")
}

// An environment that answers reads and no writes is not connected.
func TestWritesWithoutAnswer(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	harness.StartManager(t, harness.ManagerOptions{
		Namespaces: []string{s.Namespace}, Connections: connection.Options{Timeout: 2 * time.Second},
	})
	s.Environment("dev", "Development", "")
	s.YAML(orderShipped)
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	answer := s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Hang: true})
	s.YAML(strings.Replace(orderShipped, "name: Order shipped", "name: Edited", 1))
	if m := s.NotReady(&v1alpha1.Environment{}, "dev", v1alpha1.ReasonWritesUnanswered); !strings.Contains(m, "update workflow") {
		t.Errorf("the message does not say which write got no answer: %s", m)
	}
	answer()
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	s.Ready(&v1alpha1.Environment{}, "dev")
}
