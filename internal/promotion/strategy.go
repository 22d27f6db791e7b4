// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/remote"
)

// write brings a workflow with the plan's strategy. Where Novu does not offer Sync, it and all that follow are
// written with the target's key; so is what the source does not hold any more, or never did, and what would bring along
// what is not planned.
func (workflowRules) write(
	ctx context.Context, e *Execution, item *v1alpha1.PlannedItem, want *novu.WorkflowRequest, target *novu.Workflow,
) (*novu.Workflow, error) {
	write := newWrite(e, item, want)
	if e.Strategy != v1alpha1.PromotionStrategySync {
		return apply(ctx, e.Session, write, target)
	}
	if stranger := unplanned(layoutsOf(want), e.items); stranger != nil {
		item.Message = bounded(fmt.Sprintf("written with the target's key, because Novu's sync would bring along the %s, which is not planned", stranger))
		return apply(ctx, e.Session, write, target)
	}
	held, err := e.sourceHolds(ctx, item)
	if err != nil {
		return nil, err
	}
	if !held {
		return apply(ctx, e.Session, write, target)
	}
	lost, err := e.overwritten(ctx, item, target)
	if err != nil {
		return nil, err
	}
	if lost != "" {
		item.Message = bounded("written with the target's key, because Novu's sync would overwrite " + lost + " there, which no manifest can express")
		return apply(ctx, e.Session, write, target)
	}
	got, err := remote.Copy(ctx, e.Source.Conn, e.Target.Conn, write)
	switch {
	case !notOffered(err):
		return got, err
	case e.Insist:
		return nil, failf("%s. Unset spec.promotionPolicy.strategy of Environment %s, so that workflows are written with its own key instead",
			err, e.Target.Name)
	}
	e.Strategy = v1alpha1.PromotionStrategyApply
	return apply(ctx, e.Session, write, target)
}

// sourceHolds reports whether Novu would copy what is planned.
func (e *Execution) sourceHolds(ctx context.Context, item *v1alpha1.PlannedItem) (bool, error) {
	if e.Source == nil {
		return false, nil
	}
	source, err := read(ctx, e.Source, workflows, item.EffectiveID())
	if err != nil {
		return false, err
	}
	held := source != nil && workflows.Facts(source).Hash == item.SourceHash
	if !held {
		item.Message = "written with the target's key, because the source does not hold what is planned"
	}
	return held, nil
}

// overwritten names what the target holds of a workflow that no manifest can express, and that Novu's sync would replace by
// what the source holds; empty: nothing.
func (e *Execution) overwritten(ctx context.Context, item *v1alpha1.PlannedItem, target *novu.Workflow) (string, error) {
	if target == nil {
		return "", nil
	}
	fields := definition.Unmanaged(target)
	if len(fields) == 0 {
		return "", nil
	}
	source, err := read(ctx, e.Source, workflows, item.EffectiveID())
	if err != nil || source != nil && slices.Equal(definition.Unmanaged(source), fields) {
		return "", err
	}
	return fields[0].Path, nil
}

// notOffered reports whether this Novu does not let an API key sync at all: that is no fault of the workflow.
func notOffered(err error) bool {
	var answer *novu.Error
	if !errors.As(err, &answer) {
		return false
	}
	return answer.StatusCode == http.StatusForbidden || answer.StatusCode == http.StatusMethodNotAllowed ||
		novu.IsNotFound(err, novu.ResourceRoute)
}
