// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// Figures of an operator with ten thousand workflows in a hundred environments.
const (
	scaleConverge      figure = "scale-convergence"
	scaleConvergeCPU   figure = "scale-convergence-cpu"
	scaleConvergePeak  figure = "scale-convergence-memory"
	scaleConvergeKube  figure = "scale-convergence-kube-writes"
	scaleRestart       figure = "scale-restart"
	scaleRestartCPU    figure = "scale-restart-cpu"
	scaleRestartWrites figure = "scale-restart-novu-writes"
	scaleRestartLists  figure = "scale-restart-lists"
	scaleRestartKube   figure = "scale-restart-kube-writes"
	scaleRestartLost   figure = "scale-restart-ready-lost"
	scaleRestartPeak   figure = "scale-restart-memory"
	scaleResync        figure = "scale-resync"
	scaleMemory        figure = "scale-memory"
	editIdleMedian     figure = "edit-idle-p50"
	editIdleWorst      figure = "edit-idle-p99"
	editBusyMedian     figure = "edit-resync-p50"
	editBusyWorst      figure = "edit-resync-p99"
)

var scaleBenchmarks = []benchmark{{
	name: "scale",
	figures: []figure{
		scaleConverge, scaleConvergeCPU, scaleConvergeKube, scaleConvergePeak,
		scaleRestart, scaleRestartCPU, scaleRestartWrites, scaleRestartLists, scaleRestartKube, scaleRestartLost, scaleRestartPeak,
		editIdleMedian, editIdleWorst, scaleResync, editBusyMedian, editBusyWorst, scaleMemory,
	},
	run: measureScale,
}}

// measureScale follows one operator through its life: everything is new; it is restarted with nothing changed; users edit;
// everything is compared in full while users edit.
func measureScale(r *report) {
	f := newFleet(r)
	path := buildOperator(r)
	config := rest.CopyConfig(f.plane.Config)
	config.QPS = -1
	o := observe(r, config)
	hand := newHand(r, config, f.novu, byHandEnvironment)
	converge(f, o, hand, path)
	p := restart(f, o, hand, path)
	object := hand.edited()
	editIdle(f, o, hand, object)
	editWhileResyncing(f, o, p, hand, object)
	p.settle()
	now, _ := p.memory()
	r.Figure(scaleMemory, now)
	p.stop()
}

// perWorkflow makes times of different fleets comparable.
func (f *fleet) perWorkflow(d time.Duration) float64 { return milliseconds(d) / float64(f.workflows) }

// converge lets a new operator bring everything to Novu.
func converge(f *fleet, o *observer, hand *hand, path string) {
	f.r.Progress("some workflows are brought to Novu by hand")
	reference := hand.converge(handMade)
	processor := measureProcessor(f)
	f.r.Progress("the operator starts with everything new")
	began := time.Now()
	p := startOperator(f.r, path, f.plane.Kubeconfig)
	stop := f.every(5*time.Second, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		f.r.Progress("%d of %d workflows are ready", o.ready, f.workflows)
	})
	p.await("everything is ready", time.Hour, func() error {
		if ready, _ := o.count(); ready < f.workflows {
			return fmt.Errorf("%d of %d workflows are ready", ready, f.workflows)
		}
		return nil
	})
	stop()
	took := time.Since(began)
	p.settle()
	_, peak := p.memory()
	f.r.Progress("%d workflows are ready after %s: %.0f/s", f.workflows, took.Round(time.Second), float64(f.workflows)/took.Seconds())
	f.r.Against(scaleConverge, f.perWorkflow(took), byHand, milliseconds(reference))
	s := p.mustScrape()
	f.r.Against(scaleConvergeCPU, f.perWorkflow(s.cpu()), "100 × JSON", milliseconds(processor()))
	f.r.Figure(scaleConvergeKube, s.kubeWrites()/float64(f.workflows))
	f.r.Progress("for that: %.0f reconciles, %d calls to Novu, %.0f writes to Kubernetes",
		s.sum("controller_runtime_reconcile_total", ""), len(f.novu.Requests()), s.kubeWrites())
	f.r.Figure(scaleConvergePeak, peak)
	p.stop()
}

// restart starts an operator that finds everything as it should be.
func restart(f *fleet, o *observer, hand *hand, path string) *process {
	reference := f.list(hand)
	processor := measureProcessor(f)
	f.r.Progress("the operator starts with nothing changed")
	f.novu.ClearRequests()
	o.count()
	began := time.Now()
	p := startOperator(f.r, path, f.plane.Kubeconfig)
	p.await("every workflow is looked at", 10*time.Minute, func() error {
		s, err := p.scrape()
		if err != nil {
			return err
		}
		if done := s.sum("controller_runtime_reconcile_total", "controller", "workflow"); done < float64(f.workflows) {
			return fmt.Errorf("%.0f reconciles of %d workflows", done, f.workflows)
		}
		return nil
	})
	took := p.settle().Sub(began)
	s := p.mustScrape()
	_, lost := o.count()
	_, peak := p.memory()
	lists := 0
	for _, path := range []string{"/v2/workflows", "/v2/layouts", "/v1/integrations"} {
		lists += f.novu.Count("GET", path)
	}
	f.r.Against(scaleRestart, f.perWorkflow(took), byHand, f.perWorkflow(reference))
	f.r.Against(scaleRestartCPU, f.perWorkflow(s.cpu()), "100 × JSON", milliseconds(processor()))
	f.r.Figure(scaleRestartWrites, float64(len(f.novu.Requests())-f.novu.Count("GET", "")))
	f.r.Figure(scaleRestartLists, float64(lists))
	f.r.Figure(scaleRestartKube, s.kubeWrites())
	f.r.Figure(scaleRestartLost, float64(lost))
	f.r.Figure(scaleRestartPeak, peak)
	return p
}

// edits is how many times a user edits a workflow while the operator is idle.
const edits = 200

// editIdle lets users edit while the operator has nothing else to do.
func editIdle(f *fleet, o *observer, hand *hand, object *unstructured.Unstructured) {
	f.r.Progress("users edit")
	var latencies, references []float64
	for range edits {
		latencies = append(latencies, milliseconds(f.edit(o)))
		_, seen := hand.edit(object)
		references = append(references, milliseconds(seen))
	}
	f.r.Against(editIdleMedian, percentile(latencies, 50), byHand, percentile(references, 50))
	f.r.Against(editIdleWorst, percentile(latencies, 99), byHand, percentile(references, 99))
}

// editWhileResyncing lets users edit while every workflow is read from Novu and compared in full.
func editWhileResyncing(f *fleet, o *observer, p *process, hand *hand, object *unstructured.Unstructured) {
	for look := 2; look < looksInRound; look++ {
		f.request(fmt.Sprintf("look-%d", look))
		f.looked(p, fmt.Sprintf("look-%d", look))
		p.settle()
	}
	reference := hand.compare()
	f.novu.ClearRequests()
	f.r.Progress("everything is compared in full, and users edit")
	began := time.Now()
	var latencies, references []float64
	f.request("full")
	for f.novu.Count("GET", "/v2/workflows/")+f.novu.Count("PUT", "/v2/workflows/")-len(references) < f.workflows {
		latencies = append(latencies, milliseconds(f.edit(o)))
		_, seen := hand.edit(object)
		references = append(references, milliseconds(seen))
		if time.Since(began) > 10*time.Minute {
			f.r.Fatal("the comparison does not come to an end")
		}
	}
	took := time.Since(began)
	f.r.Progress("%d edits within the %s of the comparison", len(latencies), took.Round(100*time.Millisecond))
	f.r.Against(scaleResync, f.perWorkflow(took), byHand, milliseconds(reference))
	f.r.Against(editBusyMedian, percentile(latencies, 50), byHand, percentile(references, 50))
	f.r.Against(editBusyWorst, percentile(latencies, 99), byHand, percentile(references, 99))
}

// edit changes some workflow as a user does, and returns how long it takes until the user sees that it is in Novu.
func (f *fleet) edit(o *observer) (latency time.Duration) {
	f.edits++
	w := &v1alpha1.Workflow{}
	key := f.names[f.edits*7919%len(f.names)] // a prime, so that neighbours are in different teams
	w.Namespace, w.Name = key.Namespace, key.Name
	patch := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"spec":{"description":"edit %d"}}`, f.edits))
	began := time.Now()
	f.r.Must(f.Patch(f.r.Context(), w, patch))
	for {
		if since, synced := o.syncedAt(key, w.Generation); synced {
			return since.Sub(began)
		}
		if time.Since(began) > time.Minute {
			f.r.Fatalf("the edit of %s did not reach Novu", key)
		}
		time.Sleep(time.Millisecond)
	}
}
