// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/gate"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// stage is a namespace of the API server.
type stage struct {
	*testing.T
	client.Client

	namespace string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{T: t, Client: harness.Client(t)}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "gate-"}}
	s.create(namespace)
	s.namespace = namespace.Name
	return s
}

func (s *stage) create(o client.Object) {
	s.Helper()
	if err := s.Create(s.Context(), o); err != nil {
		s.Fatal(err)
	}
}

// yaml creates an object and gives it the status that is written there.
func (s *stage) yaml(text string, o client.Object) {
	s.Helper()
	text = strings.ReplaceAll(text, "NS", s.namespace)
	if err := yaml.UnmarshalStrict([]byte(text), o); err != nil {
		s.Fatal(err)
	}
	wanted := o.DeepCopyObject().(client.Object)
	if o.GetNamespace() == "" {
		o.SetNamespace(s.namespace)
	}
	s.create(o)
	wanted.SetNamespace(o.GetNamespace())
	wanted.SetResourceVersion(o.GetResourceVersion())
	if err := s.Status().Update(s.Context(), wanted); err != nil {
		s.Fatal(err)
	}
	if err := s.Get(s.Context(), client.ObjectKeyFromObject(o), o); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) environment(name, promotion string) *v1alpha1.Environment {
	s.Helper()
	o := &v1alpha1.Environment{}
	text := "metadata: {name: " + name + "}\nspec:\n  secretKeyRef: {name: novu}\n"
	if promotion != "" {
		text += "  promotionPolicy:\n    " + strings.ReplaceAll(strings.TrimSpace(promotion), "\n", "\n    ") + "\n"
	}
	s.yaml(text+`status: {conditions: [{type: Ready, status: "True", reason: Connected, message: "", lastTransitionTime: "2026-11-19T10:00:00Z"}]}`, o)
	return o
}

// gather looks at everything without a cache, as the live reader does.
func (s *stage) gather(target *v1alpha1.Environment, items ...v1alpha1.PlannedItem) *gate.Input {
	s.Helper()
	p := &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "release-7"}}
	in, err := gate.Gather(s.Context(), s.Client, s.Client, p, target, nil, items, noon)
	if err != nil {
		s.Fatal(err)
	}
	return in
}

var noon = time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)

func (s *stage) planned(kind v1alpha1.PromotionItemKind, name, revision string, action v1alpha1.PlanAction) v1alpha1.PlannedItem {
	return v1alpha1.PlannedItem{Kind: kind, Namespace: s.namespace, Name: name, Revision: revision, Action: action}
}

// message of the gate among the answers to what was gathered.
func (s *stage) expect(in *gate.Input, name string, open bool, reason, message string) {
	s.Helper()
	for _, status := range gate.Check(s.Context(), in) {
		if status.Name != name {
			continue
		}
		if status.Open != open || status.Reason != reason || !strings.Contains(status.Message, strings.ReplaceAll(message, "NS", s.namespace)) {
			s.Errorf("got %+v\nwant open: %t, %s: %s", status, open, reason, message)
		}
		return
	}
	s.Errorf("there is no gate %s", name)
}

const (
	workflowText = `
metadata: {name: shipped}
spec: {environmentRef: {name: development}, name: Shipped, steps: [{stepID: a, type: InApp, inApp: {body: Hi}}]}
status:
  revision: r2
  revisionTime: "2026-11-19T11:00:00Z"
  environments:
    - {environment: staging, namespace: NS, revision: r2, sinceTime: "2026-11-19T11:30:00Z"}
    - {environment: staging, namespace: elsewhere, revision: r9}
`
	layoutText = `
metadata: {name: base}
spec: {environmentRef: {name: development}, name: Base, body: "<html><body>{{content}}</body></html>"}
status: {revision: l2, revisionTime: "2026-11-19T10:00:00Z", environments: [{environment: staging, namespace: NS, revision: l1}]}
`
)

func TestGatherRevisions(t *testing.T) {
	s := newStage(t)
	s.environment("development", "")
	s.environment("other", "")
	s.environment("staging", "sourceRef: {name: development}")
	s.yaml(workflowText, &v1alpha1.Workflow{})
	s.yaml(layoutText, &v1alpha1.Layout{})
	workflow := s.planned("Workflow", "shipped", "r2", v1alpha1.PlanActionUpdate)
	layout := s.planned("Layout", "base", "l2", v1alpha1.PlanActionCreate)
	tests := []struct {
		name, promotion, gate string
		items                 []v1alpha1.PlannedItem
		open                  bool
		reason, message       string
	}{
		{"held by a target", "{sourceRef: {name: development}, afterRefs: [{name: staging}]}", "order", []v1alpha1.PlannedItem{workflow}, true, gate.ReasonOpen, "live in NS/staging"},
		{
			"not held by a target", "{sourceRef: {name: development}, afterRefs: [{name: staging}]}", "order", []v1alpha1.PlannedItem{layout, workflow},
			false, v1alpha1.ReasonOrder, "not yet in Environment NS/staging: Layout NS/base (holds l1 instead of l2)",
		},
		{"held by a writable one", "{sourceRef: {name: development}, afterRefs: [{name: development}]}", "order", []v1alpha1.PlannedItem{layout, workflow}, true, gate.ReasonOpen, "live in NS/development"},
		{"not the one that the object is in", "{sourceRef: {name: development}, afterRefs: [{name: other}]}", "order", []v1alpha1.PlannedItem{workflow}, false, v1alpha1.ReasonOrder, "Workflow NS/shipped (not promoted)"},
		{
			"an object that is gone", "{sourceRef: {name: development}, afterRefs: [{name: staging}]}", "order",
			[]v1alpha1.PlannedItem{s.planned("Workflow", "gone", "r2", v1alpha1.PlanActionCreate)}, false, v1alpha1.ReasonOrder, "Workflow NS/gone (not promoted)",
		},
		{
			"what is not written does not matter", "{sourceRef: {name: development}, afterRefs: [{name: staging}]}", "order", []v1alpha1.PlannedItem{
				s.planned("Layout", "base", "l2", v1alpha1.PlanActionUnchanged), s.planned("Layout", "gone", "", v1alpha1.PlanActionDelete),
				s.planned("Layout", "odd", "", v1alpha1.PlanActionRefused),
			}, true, gate.ReasonOpen, "",
		},
		{
			"soaks in the source", "{sourceRef: {name: development}, soak: 90m}", "soak", []v1alpha1.PlannedItem{workflow, layout},
			false, v1alpha1.ReasonSoaking, "has to be live in Environment NS/development for 1h30m0s: Workflow NS/shipped (since Thu 2026-11-19 11:00:00 UTC)",
		},
		{"soaks in a source that is a target", "{sourceRef: {name: staging}, soak: 30m}", "soak", []v1alpha1.PlannedItem{workflow}, true, gate.ReasonOpen, "NS/staging"},
		{"soaks in after", "{sourceRef: {name: development}, afterRefs: [{name: staging}], soak: 31m}", "soak", []v1alpha1.PlannedItem{workflow}, false, v1alpha1.ReasonSoaking, "NS/staging"},
		{"no such Environment", "{sourceRef: {name: development}, afterRefs: [{name: canary}]}", "order", []v1alpha1.PlannedItem{workflow}, false, v1alpha1.ReasonEnvironmentNotFound, "Environment NS/canary does not exist: create it"},
		{"an Environment that is not shared", "{sourceRef: {name: development}, afterRefs: [{name: development, namespace: NSx}]}", "order", []v1alpha1.PlannedItem{workflow}, false, v1alpha1.ReasonNamespaceNotAllowed, "extend its spec.allowedNamespaces"},
		{"a source that is gone", "{sourceRef: {name: nowhere}}", "source", nil, false, v1alpha1.ReasonEnvironmentNotFound, "Environment NS/nowhere does not exist: create it"},
	}
	s.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace + "x"}})
	s.create(&v1alpha1.Environment{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace + "x", Name: "development"},
		Spec:       v1alpha1.EnvironmentSpec{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "novu"}},
	})
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &stage{T: t, Client: s.Client, namespace: s.namespace}
			target := s.environment("target-"+string(rune('a'+i)), strings.ReplaceAll(test.promotion, "NS", s.namespace))
			s.expect(s.gather(target, test.items...), test.gate, test.open, test.reason, test.message)
		})
	}
}

func TestGatherForARollbackReadsNothing(t *testing.T) {
	s := newStage(t)
	target := s.environment("production", "{sourceRef: {name: gone}, afterRefs: [{name: gone}], gates: [{name: a, expression: objects.a == 1, objects: [{as: a, apiVersion: v1, kind: Pod, name: a}]}]}")
	p := &v1alpha1.Promotion{Spec: v1alpha1.PromotionSpec{Rollback: &v1alpha1.PromotionRollback{To: v1alpha1.RollbackToPrevious}}}
	in, err := gate.Gather(t.Context(), nil, nil, p, target, nil, nil, noon) // without readers
	if err != nil {
		t.Fatal(err)
	}
	if first, _ := gate.Closed(gate.Check(t.Context(), in)); first != nil {
		t.Errorf("closed: %+v", first)
	}
}
