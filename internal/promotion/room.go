// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"fmt"
	"sync/atomic"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
)

// Bounds of what is held of Novu's definitions while promotions are planned and carried out, in bytes.
const (
	// mostPlanned is how much one Promotion's plan may take: more could not be recorded either.
	mostPlanned = 96 << 20
	// mostHeld is how much all of them may take together.
	mostHeld = 112 << 20
	// mostShelved is up to where definitions are kept only to save calls.
	mostShelved = 48 << 20

	// overhead is what a definition, or a step of one, takes besides its texts.
	overhead = 256
)

// room counts what one session holds. The zero value, and nil, belong to no other sessions: what they count bounds that
// session alone.
type room struct {
	all *atomic.Int64 // of all sessions; nil: there are no others
	own atomic.Int64
	end atomic.Bool // nothing is counted any more
}

// errFull is the error of a plan for which there is no room while others have it.
var errFull = fmt.Errorf("plan the promotion: %w", novu.ErrCrowded)

func (r *room) take(bytes int64) (all int64) {
	if r == nil || r.end.Load() {
		return 0
	}
	own := r.own.Add(bytes)
	if r.all == nil {
		return own
	}
	return r.all.Add(bytes)
}

// shelve takes room for something that saves a call. It reports whether there is some.
func (r *room) shelve(bytes int64) bool {
	if r.take(bytes) <= mostShelved {
		return true
	}
	r.take(-bytes)
	return false
}

// plan takes room for what has to be held.
func (r *room) plan(bytes int64) error {
	all := r.take(bytes)
	switch {
	case r == nil || all <= mostHeld && r.own.Load() <= mostPlanned:
		return nil
	case r.own.Load() > mostPlanned:
		r.take(-bytes)
		return reconcile.Stalledf(v1alpha1.ReasonPlanTooLarge,
			"the definitions that the Promotion is about are more than the %d MiB that can be planned at once: promote fewer items at a time", mostPlanned>>20)
	}
	r.take(-bytes)
	return errFull
}

// leave gives everything back.
func (r *room) leave() { r.take(-r.own.Load()) }

// close gives everything back for good.
func (r *room) close() {
	r.leave()
	r.end.Store(true)
}

// sizeOf is how much memory an entry takes.
func sizeOf(e *history.Entry) int64 {
	size := int64(overhead + definitionSize(e.Before))
	if e.After != e.Before {
		size += int64(definitionSize(e.After))
	}
	return size
}

func definitionSize(d *history.Definition) int {
	switch {
	case d == nil:
		return 0
	case d.Layout != nil:
		return layoutSize(d.Layout.Email)
	case d.Workflow != nil:
		return requestSize(d.Workflow)
	}
	return overhead
}

func requestSize(w *novu.WorkflowRequest) int {
	size := overhead + len(w.Name) + len(w.Description) + len(w.PayloadSchema)
	for _, tag := range w.Tags {
		size += len(tag)
	}
	for i := range w.Steps {
		size += overhead + len(w.Steps[i].Name) + len(w.Steps[i].ControlValues)
	}
	return size
}

func workflowSize(w *novu.Workflow) int {
	size := overhead + len(w.Name) + len(w.Description) + len(w.PayloadSchema) + len(w.Agent)
	for _, tag := range w.Tags {
		size += len(tag)
	}
	for i := range w.Steps {
		s := &w.Steps[i]
		size += overhead + len(s.Name) + len(s.Slug) + len(s.ControlValues) + len(s.ProviderOverrides)
		for _, issues := range []novu.Issues{s.Issues.Controls, s.Issues.Integration} {
			for about, list := range issues {
				size += len(about)
				for i := range list {
					size += overhead + len(list[i].Message) + len(list[i].VariableName)
				}
			}
		}
	}
	return size
}

func layoutSize(email *novu.LayoutEmail) int {
	if email == nil {
		return overhead
	}
	return overhead + len(email.Body)
}
