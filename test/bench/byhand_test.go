// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// hand does without an operator what the operator does: the same calls to the same Novu server, and the same writes to the
// same API server, in the same run. What it needs is what the machine needs at that moment, and an operator is held
// against it.
type hand struct {
	client.WithWatch
	r           *report
	novu        *novutest.Server
	secretKey   string
	namespace   string
	watch       watch.Interface
	body        map[string]any // of a workflow, for Novu
	edits, made int
	limit       *rate.Limiter // of calls to Novu, if there is one
}

// twin is a kind like Workflow that the operator does not know. For the API server it is as much work.
var twin = schema.GroupVersionKind{Group: "bench.example", Version: "v1alpha1", Kind: "Workflow"}

const byHand = "by hand"

// newHand needs an environment of the Novu server that no operator works on, or one that it does not mind sharing.
func newHand(r *report, config *rest.Config, server *novutest.Server, environment string) *hand {
	h := &hand{r: r, novu: server, secretKey: server.Environment(environment).SecretKey}
	installTwin(r, config)
	var err error
	h.WithWatch, err = client.NewWithWatch(config, client.Options{Scheme: controllers.NewScheme()})
	r.Must(err)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "by-hand-"}}
	r.Must(h.Create(r.Context(), namespace))
	h.namespace = namespace.Name
	h.body = definitions(r, 1)[0]
	h.body["origin"] = "novu-cloud" // as the operator says
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(twin)
	h.watch, err = h.Watch(r.Context(), list, client.InNamespace(h.namespace))
	r.Must(err)
	r.Cleanup(h.watch.Stop)
	return h
}

func installTwin(r *report, config *rest.Config) {
	raw, err := os.ReadFile(filepath.Join(harness.Root(r), "config", "crd", "bases", "novu-operator.dev_workflows.yaml"))
	r.Must(err)
	crd := &apiextensionsv1.CustomResourceDefinition{}
	r.Must(yaml.Unmarshal(raw, crd))
	crd.Name, crd.Spec.Group = crd.Spec.Names.Plural+"."+twin.Group, twin.Group
	crd.Spec.Names.ShortNames, crd.Spec.Names.Categories = nil, nil
	_, err = envtest.InstallCRDs(config, envtest.CRDInstallOptions{CRDs: []*apiextensionsv1.CustomResourceDefinition{crd}})
	r.Must(err)
}

// create makes one more object, of which Novu knows nothing yet.
func (h *hand) create() *unstructured.Unstructured {
	h.made++
	o := workflows(readSamples(h.r, "workflows"), 1)[0]
	o.SetGroupVersionKind(twin)
	o.SetNamespace(h.namespace)
	o.SetName(fmt.Sprintf("by-hand-%04d", h.made))
	h.r.Must(h.Create(h.r.Context(), o))
	return o
}

// bring brings the object to Novu, where it is new, and records that.
func (h *hand) bring(o *unstructured.Unstructured) error {
	raw, err := h.request(o)
	if err != nil {
		return err
	}
	if err := h.call(http.MethodPut, "/v2/workflows/"+o.GetName(), raw, http.StatusNotFound); err != nil {
		return err
	}
	if err := h.record(o, "begun"); err != nil {
		return err
	}
	if err := h.call(http.MethodPost, "/v2/workflows", raw, http.StatusCreated); err != nil {
		return err
	}
	if err := h.record(o, "done"); err != nil {
		return err
	}
	return h.event(o)
}

// request is what Novu is sent of the object.
func (h *hand) request(o *unstructured.Unstructured) ([]byte, error) {
	body := maps.Clone(h.body)
	body["workflowId"], body["description"] = o.GetName(), fmt.Sprintf("edit %d", h.edits)
	return json.Marshal(body)
}

// call Novu, and want an answer of that status.
func (h *hand) call(method, path string, body []byte, want int) error {
	if h.limit != nil {
		if err := h.limit.Wait(h.r.Context()); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(h.r.Context(), method, h.novu.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "ApiKey "+h.secretKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != want {
		err = fmt.Errorf("%s %s: %s, want %d: %s", method, path, response.Status, want, answer)
	}
	return err
}

// record writes a condition for what the object is like now.
func (h *hand) record(o *unstructured.Unstructured, message string) error {
	raw, err := json.Marshal(map[string]any{"status": map[string]any{"conditions": []metav1.Condition{{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "ByHand", Message: message,
		ObservedGeneration: o.GetGeneration(), LastTransitionTime: metav1.Now(),
	}}}})
	if err != nil {
		return err
	}
	return h.Status().Patch(h.r.Context(), o.DeepCopy(), client.RawPatch(types.MergePatchType, raw))
}

func (h *hand) event(o *unstructured.Unstructured) error {
	return h.Create(h.r.Context(), &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Namespace: h.namespace, GenerateName: o.GetName() + "."},
		InvolvedObject: corev1.ObjectReference{Namespace: h.namespace, Name: o.GetName(), UID: o.GetUID(), Kind: twin.Kind, APIVersion: o.GetAPIVersion()},
		Reason:         "ByHand", Type: corev1.EventTypeNormal, Message: "The workflow was created in Novu.",
	})
}

// edited is an object that is in Novu, for edit.
func (h *hand) edited() *unstructured.Unstructured {
	o := h.create()
	h.r.Must(h.bring(o))
	return o
}

// edit changes the object as a user does, and returns how long it takes until the change is in Novu, and until the user
// sees that.
func (h *hand) edit(o *unstructured.Unstructured) (reached, seen time.Duration) {
	h.edits++
	began := time.Now()
	patch := fmt.Appendf(nil, `{"spec":{"description":"edit %d"}}`, h.edits)
	h.r.Must(h.Patch(h.r.Context(), o, client.RawPatch(types.MergePatchType, patch)))
	h.await(func(now *unstructured.Unstructured) bool { return now.GetGeneration() == o.GetGeneration() })
	raw, err := h.request(o)
	h.r.Must(err)
	h.r.Must(h.call(http.MethodPut, "/v2/workflows/"+o.GetName(), raw, http.StatusOK))
	reached = time.Since(began)
	message := fmt.Sprintf("edit %d", h.edits)
	h.r.Must(h.record(o, message))
	h.await(func(now *unstructured.Unstructured) bool {
		conditions, _, _ := unstructured.NestedSlice(now.Object, "status", "conditions")
		return len(conditions) == 1 && conditions[0].(map[string]any)["message"] == message
	})
	return reached, time.Since(began)
}

// await waits until the watch shows what was written.
func (h *hand) await(shown func(*unstructured.Unstructured) bool) {
	h.r.Helper()
	for event := range h.watch.ResultChan() {
		if o, ok := event.Object.(*unstructured.Unstructured); ok && shown(o) {
			return
		}
	}
	h.r.Fatal("the API server has ended the watch")
}

// handMade is how many workflows are taken for all of a fleet.
const handMade = 300

// together does something with each, as many at a time as the operator does, and returns how long each takes.
func together[T any](r *report, all []T, do func(T) error) time.Duration {
	const workers = 10
	group := &errgroup.Group{}
	group.SetLimit(workers)
	began := time.Now()
	for _, one := range all {
		group.Go(func() error { return do(one) })
	}
	r.Must(group.Wait())
	return time.Since(began) / time.Duration(len(all))
}

// converge brings new workflows to Novu, and returns how long each takes.
func (h *hand) converge(n int) time.Duration {
	objects := make([]*unstructured.Unstructured, n)
	for i := range objects {
		objects[i] = h.create()
	}
	return together(h.r, objects, h.bring)
}

// compare reads workflows from Novu, and returns how long each takes.
func (h *hand) compare() time.Duration {
	names := make([]string, handMade)
	for i := range names {
		names[i] = fmt.Sprintf("by-hand-%04d", i+1)
	}
	return together(h.r, names, func(name string) error {
		return h.call(http.MethodGet, "/v2/workflows/"+name, nil, http.StatusOK)
	})
}

// list reads what an operator that starts reads: all workflows of the cluster, and three lists of every environment.
func (f *fleet) list(h *hand) time.Duration {
	began := time.Now()
	f.r.Must(f.List(f.r.Context(), &v1alpha1.WorkflowList{}))
	own := *h
	for i := range f.teams {
		own.secretKey = f.novu.Environment(team(i)).SecretKey
		for _, path := range []string{"/v2/workflows?limit=100", "/v2/layouts?limit=100", "/v1/integrations"} {
			f.r.Must(own.call(http.MethodGet, path, nil, http.StatusOK))
		}
	}
	return time.Since(began)
}

// measureProcessor measures now and then, until the function is called that it returns, how much processor time it takes
// to make JSON of a workflow and to read it a hundred times: processor time is longer on a busy machine, too.
func measureProcessor(f *fleet) (each func() time.Duration) {
	var (
		took  time.Duration
		times int
		work  = workflows(readSamples(f.r, "workflows"), 1)[0]
	)
	measure := func() {
		const together = 50
		took += processorTime(f.r, func() {
			for range together {
				raw, _ := json.Marshal(work.Object)
				_ = json.Unmarshal(raw, &map[string]any{})
			}
		})
		times += together
	}
	measure()
	stop := f.every(time.Second, measure)
	return func() time.Duration {
		stop()
		return hundred * took / time.Duration(times)
	}
}

// processorTime is what this thread uses while it calls do.
func processorTime(r *report, do func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const thisThread = 1 // RUSAGE_THREAD, on Linux
	began := used(r, thisThread)
	do()
	return used(r, thisThread) - began
}

// used is the processor time, of the system for it too, that the thread or the process has used so far.
func used(r *report, who int) time.Duration {
	var usage syscall.Rusage
	r.Must(syscall.Getrusage(who, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
