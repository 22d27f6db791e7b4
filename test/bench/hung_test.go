// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// Figures of an environment that answers beside many that do not.
const (
	hungEditMedian figure = "edit-hung-p50"
	hungEditWorst  figure = "edit-hung-p99"
)

var hungBenchmarks = []benchmark{{name: "hung", figures: []figure{hungEditMedian, hungEditWorst}, run: editBesideHung}}

const (
	// perFault is how many Environments suffer from each of the four faults: a hundred altogether.
	perFault = 25
	// hungEdits is how many times a user edits a workflow meanwhile.
	hungEdits = 100
)

// editBesideHung edits a workflow of one Environment while a hundred others wait for a server that accepts connections and
// says nothing, for a first answer, for the rest of a body, and for their writes.
func editBesideHung(r *report) {
	o := newOperator(r, novutest.Options{PaidTier: true})
	o.start()
	o.Environment(environmentName, "Development", "")
	o.edit(0)
	o.Ready(&v1alpha1.Workflow{}, "edited")

	o.hang("silent", silence(r), novutest.Fault{})
	o.hang("connect", "", novutest.Fault{Hang: true})
	o.hang("tarpit", "", novutest.Fault{SlowLoris: time.Hour})
	o.hang("writes", "", novutest.Fault{Method: http.MethodPut, Hang: true})
	hand := newHand(r, harness.API(r), o.Novu, "Production")
	object := hand.edited()
	var latencies, references []float64
	for i := 1; i <= hungEdits; i++ {
		before := o.Novu.Count(http.MethodPut, "/v2/workflows")
		began := time.Now()
		o.edit(i)
		for o.Novu.Count(http.MethodPut, "/v2/workflows") == before {
			time.Sleep(time.Millisecond)
			if time.Since(began) > time.Minute {
				r.Fatal("an edit does not reach Novu")
			}
		}
		latencies = append(latencies, milliseconds(time.Since(began)))
		o.Ready(&v1alpha1.Workflow{}, "edited")
		reached, _ := hand.edit(object)
		references = append(references, milliseconds(reached))
	}
	r.Against(hungEditMedian, percentile(latencies, 50), byHand, percentile(references, 50))
	r.Against(hungEditWorst, percentile(latencies, 99), byHand, percentile(references, 99))
}

func (o *operator) edit(n int) {
	o.Helper()
	o.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: edited}
spec:
  environmentRef: {name: %s}
  name: Edit %d
  steps: [{stepID: a, type: InApp, inApp: {body: x}}]`, environmentName, n))
}

// hang makes Environments that suffer from one fault, with three workflows each. An empty address stands for a Novu server
// of their own.
func (o *operator) hang(name, address string, fault novutest.Fault) {
	o.Helper()
	names := make([]string, perFault)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", name, i)
	}
	server := novutest.Start(o.r, novutest.Options{Environments: names})
	server.Inject(fault)
	if address == "" {
		address = server.URL
	}
	for _, each := range names {
		o.Secret(each, map[string]string{"secretKey": server.Environment(each).SecretKey})
		o.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: %[1]s}
spec: {apiURL: %[2]s, secretKeyRef: {name: %[1]s}}`, each, address))
		for i := range 3 {
			o.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: %[1]s-%[2]d}
spec:
  environmentRef: {name: %[1]s}
  name: Hung
  steps: [{stepID: a, type: InApp, inApp: {body: x}}]`, each, i))
		}
	}
}

// silence accepts connections and never answers.
func silence(r *report) (address string) {
	listener, err := (&net.ListenConfig{}).Listen(r.Context(), "tcp", "127.0.0.1:0")
	r.Must(err)
	r.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, conn) }()
		}
	}()
	return "http://" + listener.Addr().String()
}
