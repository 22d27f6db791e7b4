package adapter

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/novu"
)

const (
	// lateness is how long after it began a creation without an answer may still be carried out by Novu, or by what is
	// in between.
	lateness = time.Hour
	// undecidedFor is how long the deletion of a workflow waits for a creation without an answer to come to its end.
	undecidedFor = time.Minute
	// clockSkew is how far Novu's clock may be behind the operator's.
	clockSkew = 5 * time.Minute
	// maxUncertain bounds how many creations without an answer are remembered, and maxKnown how many relatives of each.
	maxUncertain, maxKnown = 5, 10
)

// suffix is what Novu adds to a workflowID that is taken.
var suffix = regexp.MustCompile(`^-[0-9a-z]{8}$`)

// relatives are the workflows whose ids Novu may have made of this one because it was taken, by their ids.
func relatives(conn *connection.Connection, id string) map[string]connection.Entry {
	found := map[string]connection.Entry{}
	for other, entry := range conn.All(connection.Workflows) {
		if rest, ok := strings.CutPrefix(other, id); ok && suffix.MatchString(rest) {
			found[other] = entry
		}
	}
	return found
}

// outline is a hash of what tells one definition from another and is there as soon as Novu has stored a workflow. Novu
// stores it as it is sent.
func outline(name, description string, steps []string) string {
	return definition.Revision(append([]string{name, description}, steps...))
}

func outlineOfWant(want *novu.WorkflowRequest) string {
	steps := make([]string, 0, len(want.Steps))
	for _, step := range want.Steps {
		steps = append(steps, step.StepID+" "+step.Type+" "+step.Name)
	}
	return outline(want.Name, want.Description, steps)
}

func outlineOf(have *novu.Workflow) string {
	steps := make([]string, 0, len(have.Steps))
	for _, step := range have.Steps {
		steps = append(steps, step.StepID+" "+step.Type+" "+step.Name)
	}
	return outline(have.Name, have.Description, steps)
}

// Uncertain is what to remember of a creation whose answer was lost, so that [Late] finds what comes of it. Those relatives
// that are there already are not its work; nil: there are too many to tell them apart.
func Uncertain(conn *connection.Connection, want *novu.WorkflowRequest, began time.Time) *v1alpha1.UncertainCreation {
	record := &v1alpha1.UncertainCreation{Began: metav1.NewTime(began), Outline: outlineOfWant(want)}
	for id := range relatives(conn, want.WorkflowID) {
		record.Known = append(record.Known, id)
	}
	slices.Sort(record.Known)
	if len(record.Known) > maxKnown {
		return nil
	}
	return record
}

func uncertain(s *workflowScope, want *novu.WorkflowRequest, began time.Time) {
	if record := Uncertain(s.Conn, want, began); record != nil {
		remember(&s.Object.Status, *record)
	}
}

// Succeed takes over what is known of creations whose answers were lost: what comes of them late is the next object's to
// delete when an object is renamed or moved.
func (Workflow) Succeed(s *workflowScope, rival client.Object) {
	theirs, ok := rival.(*v1alpha1.Workflow)
	if !ok {
		return
	}
	status := &s.Object.Status
	for _, creation := range theirs.Status.UncertainCreations {
		known := slices.ContainsFunc(status.UncertainCreations, func(c v1alpha1.UncertainCreation) bool {
			return c.Outline == creation.Outline && c.Began.Equal(&creation.Began)
		})
		if !known && Pending(creation, s.Conn.Now()) {
			remember(status, creation)
		}
	}
	for _, stray := range theirs.Status.Strays {
		if !slices.Contains(status.Strays, stray) {
			status.Strays = append(status.Strays, stray)
		}
	}
}

func remember(status *v1alpha1.WorkflowStatus, creation v1alpha1.UncertainCreation) {
	all := slices.Concat(status.UncertainCreations, []v1alpha1.UncertainCreation{*creation.DeepCopy()})
	status.UncertainCreations = all[max(0, len(all)-maxUncertain):]
}

// Pending reports whether something may still come of a creation whose answer was lost.
func Pending(c v1alpha1.UncertainCreation, now time.Time) bool {
	return now.Sub(c.Began.Time) <= lateness
}

// findLate adds to the strays what Novu has made of creations whose answers were lost.
func findLate(ctx context.Context, s *workflowScope) error {
	status := &s.Object.Status
	status.UncertainCreations = slices.DeleteFunc(status.UncertainCreations, func(c v1alpha1.UncertainCreation) bool {
		return !Pending(c, s.Conn.Now())
	})
	spare := func(id string, entry connection.Entry) (bool, error) {
		if slices.ContainsFunc(status.Strays, func(stray v1alpha1.StrayWorkflow) bool { return stray.ID == entry.ID }) {
			return true, nil
		}
		return Described(ctx, s.Client, s.Conn.Environment().ID, id, s.Object.Policies().EnvironmentRef.In(s.Object.Namespace))
	}
	strays, err := Late(ctx, s.Conn, s.ID(), status.UncertainCreations, spare)
	status.Strays = append(status.Strays, strays...)
	return err
}

// Late are the workflows that Novu has made of creations of one workflow whose answers were lost: they came since, under a
// suffixed id, hold what was sent, and nobody has edited or triggered them. It asks the last list, and Novu only about those
// that are not to be spared.
func Late(
	ctx context.Context, conn *connection.Connection, id string, creations []v1alpha1.UncertainCreation,
	spare func(id string, entry connection.Entry) (bool, error),
) (strays []v1alpha1.StrayWorkflow, err error) {
	if len(creations) == 0 {
		return nil, nil
	}
	for other, entry := range relatives(conn, id) {
		candidates := slices.DeleteFunc(slices.Clone(creations), func(c v1alpha1.UncertainCreation) bool {
			made, err := time.Parse(time.RFC3339, entry.CreatedAt)
			return slices.Contains(c.Known, other) || err != nil || made.Before(c.Began.Add(-clockSkew))
		})
		if len(candidates) == 0 {
			continue
		}
		if spared, err := spare(other, entry); err != nil || spared {
			if err != nil {
				return strays, err
			}
			continue
		}
		ours, err := isLate(ctx, conn, entry, candidates)
		if err != nil {
			return strays, err
		}
		if ours {
			strays = append(strays, v1alpha1.StrayWorkflow{ID: entry.ID, WorkflowID: other})
		}
	}
	return strays, nil
}

func isLate(
	ctx context.Context, conn *connection.Connection, entry connection.Entry, candidates []v1alpha1.UncertainCreation,
) (bool, error) {
	have, err := conn.Client.GetWorkflow(ctx, entry.ID)
	if novu.IsNotFound(err, novu.ResourceWorkflow) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if have.LastTriggeredAt != "" || have.LastPublishedAt != "" || have.Origin == novu.OriginExternal || edited(have) {
		return false, nil
	}
	sent := outlineOf(have)
	return slices.ContainsFunc(candidates, func(c v1alpha1.UncertainCreation) bool { return c.Outline == sent }), nil
}

// edited reports whether somebody has written the workflow after it was made. Novu itself writes it in two steps, in one moment.
func edited(have *novu.Workflow) bool {
	made, err := time.Parse(time.RFC3339, have.CreatedAt)
	if err != nil {
		return true
	}
	changed, err := time.Parse(time.RFC3339, have.UpdatedAt)
	return err != nil || changed.Sub(made) > 10*time.Second
}

// Described reports whether a Workflow object claims the id in the Novu environment, through one of the Environments that lead
// there.
func Described(ctx context.Context, c client.Reader, environmentID, id string, environments ...types.NamespacedName) (bool, error) {
	var list v1alpha1.EnvironmentList
	by := client.MatchingFields{index.NovuEnvironment: environmentID}
	if err := c.List(ctx, &list, by, client.UnsafeDisableDeepCopy); err != nil {
		return false, fmt.Errorf("look for the Environments that lead to the Novu environment of %q: %w", id, err)
	}
	for i := range list.Items {
		environments = append(environments, client.ObjectKeyFromObject(&list.Items[i]))
	}
	for _, environment := range environments {
		var workflows v1alpha1.WorkflowList
		by := client.MatchingFields{index.Identity: index.Within(environment, id)}
		if err := c.List(ctx, &workflows, by, client.UnsafeDisableDeepCopy); err != nil || len(workflows.Items) > 0 {
			return len(workflows.Items) > 0, err
		}
	}
	return false, nil
}
