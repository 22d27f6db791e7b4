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
	"novu-operator.dev/internal/sync"
)

// Workflow is the engine's view of workflows.
type Workflow struct{}

var _ sync.Adapter[*v1alpha1.Workflow, *novu.WorkflowRequest, novu.Workflow] = Workflow{}

type workflowScope = sync.Scope[*v1alpha1.Workflow]

// Resource is the list of workflows.
func (Workflow) Resource() connection.Resource { return connection.Workflows }

// ReadOnlyTargets is true: a promotion target gets its workflows from Promotions alone.
func (Workflow) ReadOnlyTargets() bool { return true }

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
	switch {
	case email == nil:
		return nil
	case email.LayoutRef == nil && email.LayoutID != "":
		return layoutExists(ctx, s, email.LayoutID)
	case email.LayoutRef == nil:
		return nil
	}
	layout := layouts[email.LayoutRef.Name]
	if layout.Status.ID == "" || layout.Status.EnvironmentID != s.Conn.Environment().ID {
		return reconcile.Waitingf(v1alpha1.ReasonLayoutNotReady,
			"Layout %s is not in the Novu environment of the workflow yet%s", reconcile.Key(layout), layoutCause(s, layout))
	}
	return nil
}

// layoutCause says why the Layout has not come, so that nobody has to follow references to the root cause.
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
		return reconcile.FromNovu(err)
	}
	if knowsLayout(s.Conn, id) {
		return nil
	}
	return &reconcile.Waiting{
		Reason: v1alpha1.ReasonLayoutNotFound, Reference: true, Poll: true,
		Message: fmt.Sprintf("Novu has no layout %q in this environment: create it, or correct layoutID", id),
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

// Find looks the workflow up by its workflowID.
func (Workflow) Find(s *workflowScope) (connection.Entry, bool) {
	return s.Conn.Lookup(connection.Workflows, s.ID())
}

// Observe reads the workflow.
func (w Workflow) Observe(ctx context.Context, s *workflowScope) (*novu.Workflow, error) {
	have, err := s.Conn.Client.GetWorkflow(ctx, s.ID())
	if w.Absent(err) {
		return nil, nil
	}
	return have, err
}

// Create makes the workflow. Novu never refuses a taken workflowID but stores a duplicate under another one, which is
// deleted at once.
func (w Workflow) Create(ctx context.Context, s *workflowScope, want *novu.WorkflowRequest) (*novu.Workflow, error) {
	began := s.Conn.Now()
	got, err := s.Conn.Client.CreateWorkflow(ctx, want)
	switch {
	case novu.IsMaybeCommitted(err):
		uncertain(s, want, began)
	case s.Interrupted():
		uncertain(s, want, began.Add(-undecidedFor)) // long enough ago for a deletion not to wait for it
	}
	if err != nil || got.WorkflowID == s.ID() {
		return got, err
	}
	s.Conn.Doubt(connection.Workflows, s.ID())
	s.Object.Status.Strays = append(s.Object.Status.Strays, v1alpha1.StrayWorkflow{ID: got.ID, WorkflowID: got.WorkflowID})
	if err := w.Sweep(ctx, s); err != nil {
		return nil, err
	}
	return nil, &reconcile.Transient{
		Reason: v1alpha1.ReasonSuffixed,
		Message: fmt.Sprintf("Novu stored the new workflow %q as %q, because another one was made at the same time; the duplicate was deleted",
			s.ID(), got.WorkflowID),
	}
}

// Sweep deletes the duplicates that Novu made, also those that came late. Those that cannot be deleted stay in status.
func (Workflow) Sweep(ctx context.Context, s *workflowScope) error {
	if err := findLate(ctx, s); err != nil {
		return reconcile.FromNovu(err)
	}
	var kept []v1alpha1.StrayWorkflow
	var failure error
	for _, stray := range s.Object.Status.Strays {
		if err := s.Conn.Client.DeleteWorkflow(ctx, stray.ID); err != nil && !novu.IsNotFound(err, novu.ResourceWorkflow) {
			kept, failure = append(kept, stray), err
			continue
		}
		s.Conn.Deleted(connection.Workflows, stray.WorkflowID)
	}
	s.Object.Status.Strays = kept
	if failure == nil {
		return nil
	}
	return &reconcile.Transient{
		Reason: v1alpha1.ReasonSuffixed, Err: failure,
		Message: fmt.Sprintf("Novu stored a duplicate of the workflow %q as %q, and it could not be deleted yet; it is tried again: %s",
			s.ID(), kept[0].WorkflowID, failure),
	}
}

// Unmet is nothing.
func (Workflow) Unmet(*workflowScope) error { return nil }

// Update writes the workflow with the internal ids of its steps, so that those stay, and with what is not described.
func (Workflow) Update(ctx context.Context, s *workflowScope, want *novu.WorkflowRequest, have *novu.Workflow) (*novu.Workflow, error) {
	bound := definition.OntoStatus(want, s.Object.Status.Steps, s.Object.Status.Unmanaged)
	if have != nil {
		bound = definition.Onto(want, have)
	}
	return s.Conn.Client.UpdateWorkflow(ctx, s.ID(), bound)
}

// Delete removes the workflow from this environment alone.
func (w Workflow) Delete(ctx context.Context, s *workflowScope) error {
	for _, c := range s.Object.Status.UncertainCreations {
		if until := c.Began.Add(undecidedFor); s.Conn.Now().Before(until) {
			return &reconcile.Transient{
				Reason: v1alpha1.ReasonDeletionBlocked, After: until,
				Message: fmt.Sprintf("a creation of %q whose answer was lost may still be carried out by Novu; it is waited for until %s",
					s.ID(), until.UTC().Format(time.RFC3339)),
			}
		}
	}
	if err := s.Conn.Client.DeleteWorkflow(ctx, s.ID()); !w.Absent(err) {
		return err
	}
	return nil
}

// Absent says that there is no such workflow, which is not the same as a missing layout.
func (Workflow) Absent(err error) bool { return novu.IsNotFound(err, novu.ResourceWorkflow) }

// Compare lists the differences.
func (Workflow) Compare(_ *workflowScope, want *novu.WorkflowRequest, have *novu.Workflow) []v1alpha1.Difference {
	return definition.CompareWorkflow(want, have)
}

// Facts of the workflow.
func (Workflow) Facts(have *novu.Workflow) sync.Facts {
	by := connection.Author(have.UpdatedBy)
	return sync.Facts{
		ID: have.ID, UpdatedAt: have.UpdatedAt, UpdatedBy: by,
		Hash:      definition.WorkflowFingerprint(have),
		CodeFirst: have.Origin == novu.OriginExternal,
		Entry:     connection.Entry{ID: have.ID, UpdatedAt: have.UpdatedAt, UpdatedBy: by},
	}
}

// Faults are Novu's issues with control values. It looks for integrations whenever it is asked.
func (Workflow) Faults(have *novu.Workflow) (errors, anything bool) {
	return definition.HasErrors(have), definition.HasIssues(have)
}

// Record keeps the steps' internal ids and issues.
func (Workflow) Record(s *workflowScope, have *novu.Workflow) {
	status := &s.Object.Status
	status.WorkflowID = have.WorkflowID
	status.State = have.Status
	status.Steps = definition.StepStatuses(have)
	status.Ignored = definition.Ignored(s.Object.Spec.IsTranslationEnabled, have.IsTranslationEnabled)
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
