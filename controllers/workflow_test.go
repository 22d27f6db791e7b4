// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

const orderShipped = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: order-shipped}
spec:
  environmentRef: {name: dev}
  name: Order shipped
  tags: [orders, mail]
  steps:
  - stepID: inbox
    type: InApp
    inApp: {subject: Shipped, body: "Order {{payload.orderId}} is on its way"}
  - stepID: mail
    type: Email
    email: {subject: "Order {{payload.orderId}}", body: "<p>On its way</p>"}
`

func TestWorkflowReachesNovu(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.YAML(orderShipped)
	var w v1alpha1.Workflow
	s.Ready(&w, "order-shipped")
	got := s.Novu.Workflows("Development")
	if len(got) != 1 || got[0].WorkflowID != "order-shipped" || len(got[0].Steps) != 2 {
		t.Fatalf("Novu holds %+v", got)
	}
}
