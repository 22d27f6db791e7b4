// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/cluster"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	promotions "novu-operator.dev/controllers/promotion"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/test/harness"
)

// theatre has one Promotion of five carried out again and again: from the same objects, each time into a new Novu server,
// and each time something else goes wrong.
type theatre struct {
	*harness.Stage
	cluster cluster.Cluster
	runs    *atomic.Int32
}

const fiveItems = `
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: brand}
spec: {environmentRef: {name: dev}, name: Brand, body: "<html><body>{{content}}</body></html>"}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: letter}
spec:
  environmentRef: {name: dev}
  name: Letter
  steps: [{stepID: mail, type: Email, email: {subject: Hello, body: "<p>Hello</p>", layout: {type: Ref, ref: {name: brand}}}}]
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: changed}
spec:
  environmentRef: {name: dev}
  name: Changed
  steps: [{stepID: first, type: SMS, sms: {body: new}}, {stepID: second, type: SMS, sms: {body: new}}]
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: fresh}
spec: {environmentRef: {name: dev}, name: Fresh, steps: [{stepID: chat, type: Chat, chat: {body: hello}}]}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: same}
spec: {environmentRef: {name: dev}, name: Same, steps: [{stepID: push, type: Push, push: {subject: hello, body: hello}}]}
`

func newTheatre(t *testing.T) *theatre {
	t.Helper()
	stage := harness.NewStage(t, novutest.Options{})
	manager := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{stage.Namespace}})
	stage.Environment("dev", "Development", "")
	stage.YAML(fiveItems)
	stage.Ready(&v1alpha1.Layout{}, "brand")
	stage.Ready(&v1alpha1.Workflow{}, "letter", "changed", "fresh", "same")
	stage.Must(manager.Stop())
	th := &theatre{Stage: stage, runs: &atomic.Int32{}}
	th.open()
	return th
}

// open starts the caches that the reconcilers read from.
func (th *theatre) open() {
	th.Helper()
	var err error
	th.cluster, err = cluster.New(harness.API(th), func(o *cluster.Options) {
		o.Scheme = controllers.NewScheme()
		o.Cache.DefaultNamespaces = map[string]cache.Config{th.Namespace: {}}
	})
	th.Must(err)
	th.Must(index.Register(th.Context(), th.cluster.GetFieldIndexer()))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- th.cluster.Start(ctx) }()
	th.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			th.Error(err)
		}
	})
	if !th.cluster.GetCache().WaitForCacheSync(ctx) {
		th.Fatal("the caches do not fill")
	}
}

// variant is a way in which the promotion is carried out: slice by slice, or in one go.
type variant struct {
	*theatre
	strategy v1alpha1.PromotionStrategy
	slice    time.Duration
	target   string
	// fails lets Novu refuse one of the items for good, so that what was written is restored.
	fails bool
}

func (th *theatre) variants(slices ...time.Duration) (variants []*variant) {
	for _, strategy := range []v1alpha1.PromotionStrategy{v1alpha1.PromotionStrategySync, v1alpha1.PromotionStrategyApply} {
		for i, slice := range slices {
			v := &variant{theatre: th, strategy: strategy, slice: slice, target: fmt.Sprintf("%s-%d", strings.ToLower(string(strategy)), i)}
			variants = append(variants, v)
		}
	}
	variants = append(variants, &variant{
		theatre: th, strategy: v1alpha1.PromotionStrategySync, slice: time.Minute, target: "restored", fails: true,
	})
	for _, v := range variants {
		th.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: %s}
spec: {secretKeyRef: {name: none}, promotionPolicy: {sourceRef: {name: dev}, strategy: %s, onFailure: Rollback}}
`, v.target, v.strategy))
	}
	return variants
}

// in is the variant for a test within the test.
func (v *variant) in(t *testing.T) *variant {
	own, th, stage := *v, *v.theatre, *v.Stage
	stage.TB, th.Stage, own.theatre = t, &stage, &th
	return &own
}

// play is one performance.
type play struct {
	*variant
	t         *testing.T
	novu      *novutest.Server
	promotion types.NamespacedName
}

const refusedPath = "/v2/workflows/letter/sync"

func (v *variant) refuses(call novutest.Request) bool { return v.fails && call.Path == refusedPath }

// refuse lets Novu refuse the last but one item. It comes after what else is injected.
func (p *play) refuse() {
	if p.fails {
		p.novu.Inject(novutest.Fault{
			Method: http.MethodPut, Path: refusedPath, Status: http.StatusBadRequest, Body: []byte(`{"statusCode":400,"message":"Cannot sync"}`),
		})
	}
}

// play makes a Novu server that holds what the objects describe in Development, and something older in Production.
func (v *variant) play(t *testing.T) *play {
	t.Helper()
	p := &play{variant: v, t: t, novu: novutest.Start(t, novutest.Options{})}
	p.seed()
	p.promotion = v.Key(fmt.Sprintf("%s-%d", v.target, v.runs.Add(1)))
	v.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: %s}
spec: {targetRef: {name: %s}}
`, p.promotion.Name, v.target))
	v.Eventually("the cache knows the Promotion", func() error {
		if err := v.cluster.GetClient().Get(t.Context(), v.Key(v.target), &v1alpha1.Environment{}); err != nil {
			return err
		}
		return v.cluster.GetClient().Get(t.Context(), p.promotion, &v1alpha1.Promotion{})
	})
	return p
}

func (p *play) client(server *novutest.Server, environment string) *novu.Client {
	c, err := novu.New(novu.Config{BaseURL: server.URL, SecretKey: server.Environment(environment).SecretKey})
	p.Must(err)
	return c
}

func (p *play) seed() {
	ctx := p.t.Context()
	from, dev, prod := p.client(p.Novu, "Development"), p.client(p.novu, "Development"), p.client(p.novu, "Production")
	layout, err := from.GetLayout(ctx, "brand")
	p.Must(err)
	_, err = dev.CreateLayout(ctx, definition.LayoutFrom(layout))
	p.Must(err)
	_, err = dev.UpdateLayout(ctx, "brand", definition.LayoutFrom(layout))
	p.Must(err)
	for _, id := range []string{"letter", "changed", "fresh", "same"} {
		workflow, err := from.GetWorkflow(ctx, id)
		p.Must(err)
		request := definition.WorkflowFrom(workflow)
		_, err = dev.CreateWorkflow(ctx, request)
		p.Must(err)
		switch id {
		case "changed":
			request.Name, request.Steps = "Old", request.Steps[:1]
			fallthrough
		case "same":
			_, err = prod.CreateWorkflow(ctx, request)
			p.Must(err)
		}
	}
}

// operator is one life of the operator: it knows nothing but what it reads.
func (p *play) operator() *promotions.Reconciler { return p.operatorAt(connection.Options{}) }

func (p *play) operatorAt(o connection.Options) *promotions.Reconciler {
	pool := connection.NewPool(o)
	for name, environment := range map[string]string{"dev": "Development", p.target: "Production"} {
		settings := connection.Settings{BaseURL: p.novu.URL, SecretKey: p.novu.Environment(environment).SecretKey}
		conn, err := pool.Connect(p.t.Context(), p.Key(name), settings)
		p.Must(err)
		_, err = conn.Look(p.t.Context(), pool.Clock().Now())
		p.Must(err)
	}
	return &promotions.Reconciler{
		Client: p.cluster.GetClient(), Live: p.cluster.GetAPIReader(), Pool: pool, Recorder: &events.FakeRecorder{},
		Waker: &requeue.Waker{}, Environments: &requeue.Waker{}, Workflows: &requeue.Waker{}, Layouts: &requeue.Waker{},
		Quiet: time.Nanosecond, Slice: p.slice,
	}
}

// work lets an operator work until the Promotion has ended or ctx has.
func (p *play) work(ctx context.Context, operator *promotions.Reconciler) {
	p.Helper()
	for range 100 {
		if ctx.Err() != nil {
			return
		}
		_, _ = operator.Reconcile(ctx, ctrl.Request{NamespacedName: p.promotion}) // errors are tried again
		if p.now(context.WithoutCancel(ctx)).Status.CompletionTime != nil {
			return
		}
	}
	p.t.Fatalf("the Promotion does not end: %+v", p.now(context.WithoutCancel(ctx)).Status)
}

func (p *play) now(ctx context.Context) *v1alpha1.Promotion {
	promotion := &v1alpha1.Promotion{}
	p.Must(p.Get(ctx, p.promotion, promotion))
	return promotion
}

// outcome is all that a promotion leaves behind, but for times and generated ids.
type outcome struct {
	Production, Development any
	Status                  []string
	Live                    map[string]v1alpha1.LiveRevision
}

func (p *play) outcome() outcome {
	promotion := p.now(p.t.Context())
	o := outcome{Production: p.novu.Snapshot("Production"), Development: p.novu.Snapshot("Development"), Live: map[string]v1alpha1.LiveRevision{}}
	for _, item := range promotion.Status.Plan.Items {
		o.Status = append(o.Status, fmt.Sprint(item.EffectiveID(), item.Action, item.State, item.Revision))
	}
	for _, c := range promotion.Status.Conditions {
		if c.Type == v1alpha1.ConditionReady {
			o.Status = append(o.Status, string(c.Status), c.Reason, string(promotion.Status.Phase), promotion.Status.Progress)
		}
	}
	for _, name := range []string{"letter", "changed", "fresh", "same"} {
		var workflow v1alpha1.Workflow
		p.Must(p.Get(p.t.Context(), p.Key(name), &workflow))
		for _, live := range workflow.Status.Environments {
			if live.Environment == p.target {
				o.Live[name] = v1alpha1.LiveRevision{Revision: live.Revision}
			}
		}
	}
	return o
}

// expect fails the test if the outcome is another one.
func (p *play) expect(what string, want outcome) {
	p.Helper()
	if got := p.outcome(); !reflect.DeepEqual(got, want) {
		p.t.Fatalf("%s:\n%+v\nundisturbed:\n%+v", what, got, want)
	}
}

// steps are the internal ids of the steps of the workflow that was in the target before.
func (p *play) steps() (ids []string) {
	for _, workflow := range p.novu.Workflows("Production") {
		for _, step := range workflow.Steps {
			if workflow.WorkflowID == "changed" && step.StepID == "first" {
				ids = append(ids, step.ID)
			}
		}
	}
	return ids
}

// undisturbed is a performance in which nothing goes wrong: its outcome, and its calls to Novu.
func (v *variant) undisturbed(t *testing.T) (outcome, []novutest.Request) {
	t.Helper()
	p := v.play(t)
	operator := p.operator()
	p.refuse()
	p.novu.ClearRequests()
	p.work(t.Context(), operator)
	o := p.outcome()
	end, alive := "True Promoted Succeeded 5/5", 4
	if v.fails {
		end, alive = "False ItemsFailed Failed 1/5", 1
	}
	if got := strings.Join(o.Status, " "); !strings.HasSuffix(got, end) || len(o.Live) != alive {
		t.Fatalf("undisturbed: %s, live: %v", got, o.Live)
	}
	return o, p.novu.Requests()
}
