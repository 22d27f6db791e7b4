// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/requeue"
)

// Figures of the operator's own work.
const (
	mapTime         figure = "definition-map"
	compareTime     figure = "definition-compare"
	fingerprintTime figure = "definition-fingerprint"
	lookTime        figure = "look-1000"
	wakeTime        figure = "wake-1000"
)

var microBenchmarks = []benchmark{
	{name: "definition", figures: []figure{mapTime, compareTime, fingerprintTime}, run: timeDefinitions},
	{name: "look", figures: []figure{lookTime}, run: timeLook},
	{name: "wake", figures: []figure{wakeTime}, run: timeWake},
}

const thousand = 1000

// perRun is how much processor time f takes, and how much what it is held against takes: of each the best of several
// rounds, in turn. What else the machine does counts little, and for both the same.
func perRun(r *report, f, reference func()) (best, referenceBest time.Duration) {
	const tries = 11
	for range tries {
		best, referenceBest = shorter(best, round(r, f)), shorter(referenceBest, round(r, reference))
	}
	return best, referenceBest
}

// round calls f again and again for a while, and returns how much one call takes of the processors.
func round(r *report, f func()) time.Duration {
	const long = 100 * time.Millisecond
	began, n, took := used(r, syscall.RUSAGE_SELF), 0, time.Duration(0)
	for took < long {
		f()
		n, took = n+1, used(r, syscall.RUSAGE_SELF)-began
	}
	return took / time.Duration(n)
}

// shorter of two times; the first may not be known yet.
func shorter(best, other time.Duration) time.Duration {
	if best == 0 {
		return other
	}
	return min(best, other)
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// timeDefinitions goes through all samples as a reconcile does: make the definition and its revision; compare with what
// Novu holds; hash what Novu holds.
func timeDefinitions(r *report) {
	objects, wanted, held := sampleDefinitions(r)
	each := func(name figure, f func(i int)) {
		all := func(f func(i int)) func() {
			return func() {
				for i := range objects {
					f(i)
				}
			}
		}
		took, reference := perRun(r, all(f), all(func(i int) { _, _ = json.Marshal(objects[i]) }))
		n := float64(len(objects))
		r.Against(name, microseconds(took)/n, "JSON", microseconds(reference)/n)
	}
	each(mapTime, func(i int) {
		want, err := definition.Workflow(objects[i], definition.WorkflowInputs{})
		if err != nil {
			r.Fatal(err)
		}
		definition.Revision(want)
	})
	each(compareTime, func(i int) { definition.CompareWorkflow(wanted[i], held[i]) })
	each(fingerprintTime, func(i int) { definition.WorkflowFingerprint(held[i]) })
}

// sampleDefinitions are the samples as objects, as definitions, and as Novu holds them.
func sampleDefinitions(r *report) (objects []*v1alpha1.Workflow, wanted []*novu.WorkflowRequest, held []*novu.Workflow) {
	server := novutest.Start(r, novutest.Options{PaidTier: true})
	client := clientOf(r, server)
	samples := readSamples(r, "workflows")
	for _, o := range withoutLayouts(workflows(samples, len(samples))) {
		w := &v1alpha1.Workflow{}
		r.Must(runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, w))
		want, err := definition.Workflow(w, definition.WorkflowInputs{})
		r.Must(err)
		have, err := client.CreateWorkflow(r.Context(), want)
		r.Must(err)
		if differences := definition.CompareWorkflow(want, have); len(differences) > 0 {
			r.Fatalf("%s differs from what Novu makes of it: %v", w.Name, differences)
		}
		objects, wanted, held = append(objects, w), append(wanted, want), append(held, have)
	}
	return objects, wanted, held
}

func clientOf(r *report, server *novutest.Server) *novu.Client {
	client, err := novu.New(novu.Config{BaseURL: server.URL, SecretKey: server.Environment("Development").SecretKey})
	r.Must(err)
	return client
}

// timeLook lists a thousand workflows page by page, decodes them, and merges them with what is known.
func timeLook(r *report) {
	server := novutest.New(novutest.Options{PaidTier: true, WorkflowLimit: -1})
	recorder := &recorded{next: server}
	answers := httptest.NewServer(recorder)
	r.Cleanup(answers.Close)
	server.URL = answers.URL
	client := clientOf(r, server)
	for i := range thousand {
		_, err := client.CreateWorkflow(r.Context(), &novu.WorkflowRequest{WorkflowID: fmt.Sprintf("workflow-%04d", i), Name: "w"})
		r.Must(err)
	}
	pool := connection.NewPool(connection.Options{})
	settings := connection.Settings{BaseURL: answers.URL, SecretKey: server.Environment("Development").SecretKey}
	conn, err := pool.Connect(r.Context(), types.NamespacedName{Namespace: "ns", Name: "dev"}, settings)
	r.Must(err)
	look := func() { r.Must(conn.Refresh(r.Context(), connection.Workflows, time.Now())) }
	look() // so that there are answers to repeat
	took, reference := perRun(r, look, func() { recorder.readAll(r, answers.URL, settings.SecretKey) })
	r.Against(lookTime, milliseconds(took), byHand, milliseconds(reference))
	if n := conn.Count(connection.Workflows); n != thousand {
		r.Fatalf("the look found %d workflows, want %d", n, thousand)
	}
}

// recorded answers a GET as it was answered the first time, so that the server's own work is not timed.
type recorded struct {
	next    http.Handler
	answers sync.Map // *httptest.ResponseRecorder by URL
}

func (h *recorded) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodGet {
		h.next.ServeHTTP(w, request)
		return
	}
	answer, known := h.answers.Load(request.RequestURI)
	if !known {
		recorder := httptest.NewRecorder()
		h.next.ServeHTTP(recorder, request)
		answer, _ = h.answers.LoadOrStore(request.RequestURI, recorder)
	}
	first := answer.(*httptest.ResponseRecorder)
	maps.Copy(w.Header(), first.Header())
	w.WriteHeader(first.Code)
	_, _ = w.Write(first.Body.Bytes())
}

// readAll reads every answer that was recorded, and decodes it as it comes.
func (h *recorded) readAll(r *report, address, secretKey string) {
	h.answers.Range(func(uri, _ any) bool {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, address+uri.(string), http.NoBody)
		r.Must(err)
		request.Header.Set("Authorization", "ApiKey "+secretKey)
		response, err := http.DefaultClient.Do(request)
		r.Must(err)
		defer response.Body.Close()
		var answer any
		r.Must(json.NewDecoder(response.Body).Decode(&answer))
		return true
	})
}

// timeWake puts a thousand objects into a work queue and takes them out again.
func timeWake(r *report) {
	queue := priorityqueue.New[ctrl.Request]("bench")
	r.Cleanup(queue.ShutDown)
	waker := &requeue.Waker{}
	r.Must(waker.Start(context.Background(), queue))
	plain := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[types.NamespacedName]())
	r.Cleanup(plain.ShutDown)
	keys := make([]types.NamespacedName, thousand)
	for i := range keys {
		keys[i] = types.NamespacedName{Namespace: "ns", Name: fmt.Sprintf("workflow-%04d", i)}
	}
	took, reference := perRun(r, func() {
		waker.Wake(requeue.PriorityLow, keys...)
		for range keys {
			request, _ := queue.Get()
			queue.Done(request)
		}
	}, func() {
		for _, key := range keys {
			plain.Add(key)
		}
		for range keys {
			key, _ := plain.Get()
			plain.Done(key)
		}
	})
	r.Against(wakeTime, milliseconds(took), "work queue", milliseconds(reference))
}
