// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package crash_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/test/harness"
)

// scenario is a change that the operator has to bring to Novu.
type scenario struct {
	name string
	// before is what the operator has brought to Novu, and what else there is, when the change comes.
	before func(s *harness.Stage)
	change func(s *harness.Stage)
	// faultsElsewhere reports whether another test lets every call go wrong.
	faultsElsewhere bool
}

func manifests(parts ...string) func(s *harness.Stage) {
	return func(s *harness.Stage) { s.YAML(strings.Join(parts, "\n---\n")) }
}

func all(parts ...func(s *harness.Stage)) func(s *harness.Stage) {
	return func(s *harness.Stage) {
		for _, part := range parts {
			part(s)
		}
	}
}

func development(s *harness.Stage) { s.Environment("dev", "Development", "") }

func production(s *harness.Stage) {
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
}

const layout = `
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: brand}
spec: {environmentRef: {name: dev}, name: Brand, deletionPolicy: Delete, body: "<html><body>{{content}}</body></html>"}
`

// workflow has the steps that are given, and may be deleted in Novu.
func workflow(steps ...string) string {
	return named("order", steps...)
}

func named(name string, steps ...string) string {
	return `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: ` + name + `}
spec:
  environmentRef: {name: dev}
  name: An order
  deletionPolicy: Delete
  steps:` + strings.Join(steps, "")
}

const (
	inbox = `
  - {stepID: inbox, type: InApp, inApp: {subject: Shipped, body: It is on its way}}`
	inboxChanged = `
  - {stepID: inbox, type: InApp, inApp: {subject: Shipped, body: It is there}}`
	mail = `
  - {stepID: mail, type: Email, email: {subject: Shipped, body: <p>It is on its way</p>}}`
	mailInLayout = `
  - {stepID: mail, type: Email, email: {subject: Shipped, body: <p>It is on its way</p>, layout: {type: Ref, ref: {name: brand}}}}`
	text = `
  - {stepID: text, type: SMS, sms: {body: It is on its way}}`
	mailAsText = `
  - {stepID: mail, type: SMS, sms: {body: It is on its way}}`
)

const integration = `
apiVersion: v1
kind: Secret
metadata: {name: credentials}
stringData: {apiKey: SG.made-up}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Integration
metadata: {name: sendgrid-main}
spec:
  environmentRef: {name: dev}
  providerID: sendgrid
  channel: Email
  name: SendGrid
  primary: true
  deletionPolicy: Delete
  credentials: {from: sender@example.test, senderName: Example}
  credentialsFrom: [{secretRef: {name: credentials}}]
`

const promotion = `
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: release}
spec: {targetRef: {name: prod}}
`

const rollback = `
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: back}
spec: {targetRef: {name: prod}, rollback: {to: Previous}, prune: true}
`

var scenarios = []scenario{
	{name: "created with layout", change: all(development, manifests(layout, workflow(inbox, mailInLayout)))},
	{
		name: "updated", before: all(development, manifests(workflow(inbox, mail))),
		change: manifests(workflow(inboxChanged, mail)),
	},
	{
		name: "step added", before: all(development, manifests(workflow(inbox, mail))),
		change: manifests(workflow(inbox, text, mail)),
	},
	{
		name: "step removed", before: all(development, manifests(workflow(inbox, text, mail))),
		change: manifests(workflow(inbox, mail)),
	},
	{
		name: "steps reordered", before: all(development, manifests(workflow(inbox, text, mail))),
		change: manifests(workflow(mail, inbox, text)),
	},
	{
		name: "step of another type", before: all(development, manifests(workflow(inbox, mail))),
		change: manifests(workflow(inbox, mailAsText)),
	},
	{
		name: "adopted", before: all(development, byHand),
		change: manifests(layout, workflow(inbox, mailInLayout), integration),
	},
	{
		name: "integration created", before: all(development, rivalIntegration),
		change: manifests(integration),
	},
	{
		name: "deleted", before: all(development, house, manifests(layout, workflow(inbox, mailInLayout), integration)),
		change: all(remove(&v1alpha1.Workflow{}, "order"), remove(&v1alpha1.Layout{}, "brand"), remove(&v1alpha1.Integration{}, "sendgrid-main")),
	},
	{
		name: "promoted", before: all(development, production, manifests(layout,
			named("one", inbox), named("two", mailInLayout), named("three", text), named("four", inbox, mail), named("five", text, inbox))),
		change: manifests(promotion), faultsElsewhere: true, // by the tests of Promotions
	},
	{
		name: "rolled back", before: all(development, production, old, manifests(named("one", inbox), named("two", text, mail), promotion)),
		change: manifests(rollback),
	},
}

// remove deletes an object as users do, without waiting for it.
func remove(o client.Object, name string) func(s *harness.Stage) {
	return func(s *harness.Stage) {
		gone := o.DeepCopyObject().(client.Object)
		gone.SetNamespace(s.Namespace)
		gone.SetName(name)
		s.Must(s.Delete(s.Context(), gone, client.PropagationPolicy(metav1.DeletePropagationBackground)))
	}
}

// byHand makes in Novu what objects will claim: with the steps that they describe, and another one.
func byHand(s *harness.Stage) {
	send(s, "/v2/workflows", `{"workflowId":"order","name":"Made by hand","__source":"dashboard","steps":[
		{"stepId":"mail","name":"Mail","type":"email","controlValues":{"subject":"Old","body":"<p>Old</p>"}},
		{"stepId":"push","name":"Push","type":"push","controlValues":{"subject":"Old","body":"Old"}}]}`)
	send(s, "/v2/layouts", `{"layoutId":"brand","name":"Made by hand","__source":"dashboard"}`)
	rivalIntegration(s)
	send(s, "/v1/integrations", `{"identifier":"sendgrid-main","name":"Made by hand","providerId":"sendgrid","channel":"email",
		"active":false,"credentials":{"apiKey":"old","from":"old@example.test","senderName":"Old"}}`)
}

// house is the layout that Novu makes the default, and that it lets nobody delete.
func house(s *harness.Stage) {
	send(s, "/v2/layouts", `{"layoutId":"house","name":"House","__source":"dashboard"}`)
}

// rivalIntegration is the primary one until an object wants to be.
func rivalIntegration(s *harness.Stage) {
	send(s, "/v1/integrations", `{"identifier":"mailgun-old","name":"Old","providerId":"mailgun","channel":"email","active":true,
		"credentials":{"apiKey":"old","domain":"example.test","user":"old","from":"old@example.test","senderName":"Old"}}`)
}

// old is what production holds before anything is promoted.
func old(s *harness.Stage) {
	sendTo(s, "Production", "/v2/workflows", `{"workflowId":"two","name":"Old","__source":"dashboard","steps":[
		{"stepId":"mail","name":"Mail","type":"email","controlValues":{"subject":"Old","body":"<p>Old</p>"}},
		{"stepId":"push","name":"Push","type":"push","controlValues":{"subject":"Old","body":"Old"}}]}`)
}

// send posts to Novu's Development as somebody does who is not the operator.
func send(s *harness.Stage, path, body string) {
	s.Helper()
	sendTo(s, "Development", path, body)
}

func sendTo(s *harness.Stage, environment, path, body string) {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.Novu.URL+path, bytes.NewBufferString(body))
	s.Must(err)
	request.Header.Set("Authorization", "ApiKey "+s.Novu.Environment(environment).SecretKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	s.Must(err)
	defer response.Body.Close()
	if answer, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusCreated {
		s.Fatalf("POST %s: %d %s", path, response.StatusCode, answer)
	}
}
