// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/sync"
)

// Workflow is the engine's view of workflows.
type Workflow struct{}

var _ sync.Adapter[*v1alpha1.Workflow, novu.WorkflowRequest, novu.Workflow] = Workflow{}

type workflowScope = sync.Scope[*v1alpha1.Workflow]

// Want reads the bodies and layouts that the steps refer to, makes the definition, and waits for the layouts.
func (Workflow) Want(ctx context.Context, s *workflowScope) (*novu.WorkflowRequest, error) {
	want, in, err := s.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	for i := range s.Object.Spec.Steps {
		if err := layoutInNovu(ctx, s, s.Object.Spec.Steps[i].Email, in.Layouts); err != nil {
			return nil, err
		}
	}
	return want.Workflow, nil
}

// layoutInNovu waits until the layout of an e-mail is in the workflow's environment: Novu would answer a workflow that names
// a missing layout with an error, and keep half of it.
func layoutInNovu(ctx context.Context, s *workflowScope, email *v1alpha1.EmailStep, layouts map[string]*v1alpha1.Layout) error {
	if id := email.LayoutID(); id != "" {
		return layoutExists(ctx, s, id)
	}
	if email.LayoutName() == "" {
		return nil
	}
	layout := layouts[email.LayoutName()]
	if layout.Status.ID == "" || layout.Status.EnvironmentID != s.Conn.Environment().ID {
		return reconcile.Missingf(v1alpha1.ReasonLayoutNotReady,
			"Layout %s is not in the Novu environment of the workflow yet%s", reconcile.Key(layout), layoutCause(s, layout))
	}
	return nil
}

// layoutCause says why the Layout has not come, so that users need not follow references to the root cause.
func layoutCause(s *workflowScope, layout *v1alpha1.Layout) string {
	mine, its := s.Object.Spec.EnvironmentRef.In(s.Object.Namespace), layout.Spec.EnvironmentRef.In(layout.Namespace)
	ready := apimeta.FindStatusCondition(layout.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case mine != its && layout.Status.ID != "":
		return fmt.Sprintf(": it refers to Environment %s, and the workflow to %s: let both refer to the same", its, mine)
	case ready != nil && ready.Status == metav1.ConditionFalse:
		return " (" + reconcile.Cause(ready.Reason, ready.Message) + ")"
	}
	return ": see its conditions and its environmentRef"
}

// layoutExists looks for a layout that no object describes, by its layoutID or internal id.
func layoutExists(ctx context.Context, s *workflowScope, id string) error {
	if knowsLayout(s.Conn, id) {
		return nil
	}
	if err := s.Conn.Refresh(ctx, connection.Layouts, s.Conn.Now().Add(-sync.Unsettled)); err != nil {
		return err
	}
	if knowsLayout(s.Conn, id) {
		return nil
	}
	return reconcile.Outcome{
		Kind: reconcile.Waiting, Reason: v1alpha1.ReasonLayoutNotFound, Reference: true, Poll: true,
		Message: fmt.Sprintf("Novu has no layout %q in this environment: create it, or correct the step's email.layout.id", id),
	}
}

func knowsLayout(conn *connection.Connection, id string) bool {
	if _, ok := conn.Lookup(connection.Layouts, id); ok {
		return true
	}
	for _, entry := range conn.All(connection.Layouts) {
		if entry.ID == id {
			return true
		}
	}
	return false
}

// Revision of the definition; a workflow has no secrets.
func (Workflow) Revision(_ *workflowScope, want *novu.WorkflowRequest) (revision, secrets string) {
	return definition.Revision(want), ""
}

// Kind is that of workflows.
func (Workflow) Kind() *remote.Kind[novu.Workflow, novu.WorkflowRequest] { return remote.Workflows }

// Find looks the workflow up by its workflowID.
func (Workflow) Find(s *workflowScope) (connection.Entry, bool) {
	return s.Conn.Lookup(connection.Workflows, s.ID())
}

// Observe reads the workflow.
func (Workflow) Observe(ctx context.Context, s *workflowScope) (*novu.Workflow, error) {
	return remote.Workflows.Read(ctx, s.Conn, remote.Ref{ID: s.ID()})
}

// Write has the internal ids of the steps, so that those stay, and what is not described.
func (Workflow) Write(s *workflowScope, want *novu.WorkflowRequest, have *novu.Workflow) *remote.Write[novu.WorkflowRequest] {
	bound := definition.OntoStatus(want, s.Object.Status.Steps, s.Object.Status.Unmanaged)
	if have != nil {
		bound = definition.Onto(want, have)
	}
	return &remote.Write[novu.WorkflowRequest]{
		Ref: remote.Ref{ID: s.ID()}, Want: want, Bound: bound,
		Uncertain: func(creation v1alpha1.UncertainCreation) { remember(&s.Object.Status, creation) },
	}
}

// MayDelete waits for creations whose answers were lost.
func (Workflow) MayDelete(_ context.Context, s *workflowScope) error {
	until := remote.Undecided(s.Object.Status.UncertainCreations, s.Conn.Now())
	if until.IsZero() {
		return nil
	}
	return reconcile.Outcome{
		Kind: reconcile.Transient, Reason: v1alpha1.ReasonDeletionBlocked, RetryAfter: until,
		Message: fmt.Sprintf("a creation of %q whose answer was lost may still be carried out by Novu; it is waited for until %s",
			s.ID(), until.UTC().Format(time.RFC3339)),
	}
}

// Compare lists the differences.
func (Workflow) Compare(_ *workflowScope, want *novu.WorkflowRequest, have *novu.Workflow) []v1alpha1.Difference {
	return definition.CompareWorkflow(want, have)
}

// Record keeps the steps' internal ids and issues.
func (Workflow) Record(s *workflowScope, have *novu.Workflow) {
	status := &s.Object.Status
	status.WorkflowID = have.WorkflowID
	status.State = have.Status
	status.Steps = definition.StepStatuses(have)
	status.Ignored = definition.Ignored(s.Object.Spec.TranslationEnabled, have.IsTranslationEnabled)
	status.Unmanaged = definition.Unmanaged(have)
}

// Complaints are the issues of the steps. A channel without an integration is only mentioned: Novu runs the workflow.
func (Workflow) Complaints(o *v1alpha1.Workflow) (errors, warnings string) {
	errors, warnings = definition.IssueSummary(o.Status.Steps, false), definition.IssueSummary(o.Status.Steps, true)
	if errors == "" && o.Status.State == stateError {
		errors = "the status ERROR without saying why: open the workflow in Novu's dashboard"
	}
	return errors, reconcile.Notes(warnings, definition.IgnoredAdvice(o.Status.Ignored), definition.UnmanagedSummary(o.Status.Unmanaged))
}

// stateError is the status of a workflow that Novu stored with errors.
const stateError = "ERROR"
