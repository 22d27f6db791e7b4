// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/source"
	"novu-operator.dev/test/harness"
)

const promotedManifests = `
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: brand}
spec: {environmentRef: {name: dev}, name: Brand, body: "<html><body>{{content}}</body></html>"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: bodies}
data: {letter: "<p>Hi</p>"}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: letter}
spec:
  environmentRef: {name: dev}
  name: Letter
  tags: [shop]
  steps:
  - {stepID: mail, type: Email, email: {subject: Hi, layout: {type: Ref, ref: {name: brand}}, bodyFrom: {configMapKeyRef: {name: bodies, key: letter}}}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: note}
spec:
  environmentRef: {name: dev}
  name: Note
  steps: [{stepID: inbox, type: InApp, inApp: {body: Hi}}]
`

const targetManifest = `
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: prod}
spec: {apiURL: "https://novu.example.com", secretKeyRef: {name: prod-key}, promotionPolicy: {sourceRef: {name: dev}}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec: {apiURL: "https://novu.example.com", secretKeyRef: {name: dev-key}}
`

// A command-line tool that has nothing but manifests and two keys makes the plan that the operator makes of the same objects,
// with the same hash if it is for the same Promotion.
func TestPlanOfManifestsIsThatOfTheOperator(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
	s.YAML(promotedManifests)
	s.Ready(&v1alpha1.Workflow{}, "letter", "note")
	s.Ready(&v1alpha1.Layout{}, "brand")
	// The target holds one of them already, with a change.
	note, err := theirs(s, "Development").GetWorkflow(s.Context(), "note")
	s.Must(err)
	status, answer := s.Call("Production", "POST", "/v2/workflows", `{"workflowId":"note","name":"Older note","__source":"dashboard","steps":[{"name":"`+
		note.Steps[0].Name+`","type":"in_app","stepId":"inbox","controlValues":{"body":"Hello"}}]}`)
	if status >= 300 {
		t.Fatal(status, answer)
	}
	s.YAML(`
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: foresight}
spec: {targetRef: {name: prod}, dryRun: true}
`)
	p := &v1alpha1.Promotion{}
	s.Ready(p, "foresight")

	got := planOfManifests(s, p)
	if want := p.Status.Plan; want == nil || len(want.Items) != 3 || want.Create != 2 || want.Update != 1 {
		t.Fatalf("the operator plans %+v", want)
	}
	for i := range p.Status.Plan.Items {
		if want := p.Status.Plan.Items[i]; !reflect.DeepEqual(got.Items[i], want) {
			t.Errorf("got  %+v\nwant %+v", got.Items[i], want)
		}
	}
	if got.Hash != p.Status.Plan.Hash {
		t.Errorf("the hash is %s, want %s", got.Hash, p.Status.Plan.Hash)
	}
}

// planOfManifests is the plan that is made without the API server.
func planOfManifests(s *harness.Stage, p *v1alpha1.Promotion) *v1alpha1.PromotionPlan {
	s.Helper()
	files := &source.Files{Namespace: s.Namespace}
	s.Must(files.Read("shop.yaml", strings.NewReader(promotedManifests+"---"+targetManifest)))
	if len(files.Problems) > 0 {
		s.Fatal(files.Problems)
	}
	from, into := &v1alpha1.Environment{}, &v1alpha1.Environment{}
	s.Must(files.Get(s.Context(), s.Key("dev"), from))
	s.Must(files.Get(s.Context(), s.Key("prod"), into))
	pool := connection.NewPool(connection.Options{})
	side := func(name, environment string) *promotion.Side {
		conn, err := pool.Connect(s.Context(), s.Key(name), connection.Settings{BaseURL: s.Novu.URL, SecretKey: s.Novu.Environment(environment).SecretKey})
		s.Must(err)
		return &promotion.Side{Conn: conn, Name: s.Key(name).String()}
	}
	session := &promotion.Session{Source: side("dev", "Development"), Target: side("prod", "Production"), Began: pool.Clock().Now()}
	sequence := &promotion.Sequence{
		Session: session, Clock: pool.Clock(), Objects: files, From: from, Into: into, Origin: from, Readiness: promotion.ByContent,
		Promotion: &v1alpha1.Promotion{ObjectMeta: p.ObjectMeta, Spec: p.Spec},
	}
	planning, err := sequence.Plan(s.Context(), time.Hour)
	s.Must(err)
	if planning.Stage != promotion.PlanMade {
		s.Fatalf("there is no plan: %+v", planning)
	}
	return planning.Plan
}
