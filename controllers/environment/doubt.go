// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/promotion"
)

// deliveries are the channels that Novu can deliver through, as it spells them.
type deliveries map[string]bool

// doubt has the workflows compared in full whose status is wrong about a channel through which Novu has begun or ceased to
// deliver since the last poll: a user has changed an integration that no object describes, or that no object corrects.
func (p *poller) doubt(s *scope) {
	delivering := deliveries(promotion.Deliverable(s.conn))
	changed := p.awake.deliver(client.ObjectKeyFromObject(s.environment), delivering)
	for _, c := range s.children {
		w, ok := c.Object.(*v1alpha1.Workflow)
		if !ok {
			continue
		}
		_, listed := s.conn.Lookup(connection.Workflows, w.EffectiveID())
		if listed && slices.ContainsFunc(w.Status.Steps, func(step v1alpha1.StepStatus) bool {
			channel := definition.NovuType(step.Type)
			return changed[channel] && undeliverable(step) == delivering[channel]
		}) {
			s.conn.Doubt(connection.Workflows, w.EffectiveID())
		}
	}
}

// undeliverable reports whether Novu has reported that there is no integration for the step.
func undeliverable(step v1alpha1.StepStatus) bool {
	return slices.ContainsFunc(step.Issues, func(i v1alpha1.Issue) bool { return i.Type == "MISSING_INTEGRATION" })
}
