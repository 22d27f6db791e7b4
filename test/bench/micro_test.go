package bench

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/reconcile"
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

// perRun is how long f takes: the best of several rounds, so that what else the machine does counts little.
func perRun(f func()) time.Duration {
	const (
		tries = 11
		long  = 100 * time.Millisecond
	)
	best := time.Duration(0)
	for range tries {
		began, n := time.Now(), 0
		for time.Since(began) < long {
			f()
			n++
		}
		if each := time.Since(began) / time.Duration(n); best == 0 || each < best {
			best = each
		}
	}
	return best
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// timeDefinitions goes through all samples as a reconcile does: make the definition and its revision; compare with what
// Novu holds; hash what Novu holds.
func timeDefinitions(r *report) {
	objects, wanted, held := sampleDefinitions(r)
	each := func(f func(i int)) float64 {
		return microseconds(perRun(func() {
			for i := range objects {
				f(i)
			}
		})) / float64(len(objects))
	}
	r.Figure(mapTime, each(func(i int) {
		want, err := definition.Workflow(objects[i], definition.WorkflowInputs{})
		if err != nil {
			r.Fatal(err)
		}
		definition.Revision(want)
	}))
	r.Figure(compareTime, each(func(i int) { definition.CompareWorkflow(wanted[i], held[i]) }))
	r.Figure(fingerprintTime, each(func(i int) { definition.WorkflowFingerprint(held[i]) }))
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
	answers := httptest.NewServer(&recorded{next: server})
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
	r.Figure(lookTime, milliseconds(perRun(func() {
		if err := conn.Refresh(r.Context(), connection.Workflows, time.Now()); err != nil {
			r.Fatal(err)
		}
	})))
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

// timeWake puts a thousand objects into a work queue and takes them out again.
func timeWake(r *report) {
	queue := priorityqueue.New[ctrl.Request]("bench")
	r.Cleanup(queue.ShutDown)
	waker := &reconcile.Waker{}
	r.Must(waker.Start(context.Background(), queue))
	keys := make([]types.NamespacedName, thousand)
	for i := range keys {
		keys[i] = types.NamespacedName{Namespace: "ns", Name: fmt.Sprintf("workflow-%04d", i)}
	}
	r.Figure(wakeTime, milliseconds(perRun(func() {
		waker.Wake(reconcile.PriorityLow, keys...)
		for range keys {
			request, _ := queue.Get()
			queue.Done(request)
		}
	})))
}
