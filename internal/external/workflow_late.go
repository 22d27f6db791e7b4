package external

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

// suffix is what Novu adds to a workflowId that is taken.
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

// uncertain remembers a creation whose answer was lost. Those relatives that are there already are not its work.
func uncertain(s *workflowScope, want *novu.WorkflowRequest, began time.Time) {
	record := v1alpha1.UncertainCreation{Began: metav1.NewTime(began), Outline: outlineOfWant(want)}
	for id := range relatives(s.Conn, s.ID()) {
		record.Known = append(record.Known, id)
	}
	slices.Sort(record.Known)
	if len(record.Known) > maxKnown {
		return // too many to tell them apart
	}
	all := slices.Concat(s.Object.Status.UncertainCreations, []v1alpha1.UncertainCreation{record})
	s.Object.Status.UncertainCreations = all[max(0, len(all)-maxUncertain):]
}

// findLate adds to the strays what Novu has made of creations whose answers were lost: workflows that came since, under a
// suffixed id, that hold what was sent, and that nobody describes, has edited or has triggered. It asks the last list, and Novu
// only about those.
func findLate(ctx context.Context, s *workflowScope) error {
	status := &s.Object.Status
	status.UncertainCreations = slices.DeleteFunc(status.UncertainCreations, func(c v1alpha1.UncertainCreation) bool {
		return s.Conn.Now().Sub(c.Began.Time) > lateness
	})
	if len(status.UncertainCreations) == 0 {
		return nil
	}
	for id, entry := range relatives(s.Conn, s.ID()) {
		candidates := slices.DeleteFunc(slices.Clone(status.UncertainCreations), func(c v1alpha1.UncertainCreation) bool {
			made, err := time.Parse(time.RFC3339, entry.CreatedAt)
			return slices.Contains(c.Known, id) || err != nil || made.Before(c.Began.Add(-clockSkew))
		})
		shown := slices.ContainsFunc(status.Strays, func(stray v1alpha1.StrayWorkflow) bool { return stray.ID == entry.ID })
		if len(candidates) == 0 || shown {
			continue
		}
		ours, err := isLate(ctx, s, id, entry, candidates)
		if err != nil {
			return err
		}
		if ours {
			status.Strays = append(status.Strays, v1alpha1.StrayWorkflow{ID: entry.ID, WorkflowID: id})
		}
	}
	return nil
}

func isLate(ctx context.Context, s *workflowScope, id string, entry connection.Entry, candidates []v1alpha1.UncertainCreation) (bool, error) {
	described, err := isDescribed(ctx, s, id)
	if err != nil || described {
		return false, err
	}
	have, err := s.Conn.Client.GetWorkflow(ctx, entry.ID)
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

// edited says that somebody has written the workflow after it was made. Novu itself writes it in two steps, in one moment.
func edited(have *novu.Workflow) bool {
	made, err := time.Parse(time.RFC3339, have.CreatedAt)
	if err != nil {
		return true
	}
	changed, err := time.Parse(time.RFC3339, have.UpdatedAt)
	return err != nil || changed.Sub(made) > 10*time.Second
}

// isDescribed says whether a Workflow object claims the id in this Novu environment.
func isDescribed(ctx context.Context, s *workflowScope, id string) (bool, error) {
	environments := []types.NamespacedName{s.Object.Policies().EnvironmentRef.In(s.Object.Namespace)}
	var list v1alpha1.EnvironmentList
	by := client.MatchingFields{index.NovuEnvironment: s.Conn.Environment().ID}
	if err := s.Client.List(ctx, &list, by, client.UnsafeDisableDeepCopy); err != nil {
		return false, fmt.Errorf("look for the Environments that lead to the Novu environment of %q: %w", id, err)
	}
	for i := range list.Items {
		environments = append(environments, client.ObjectKeyFromObject(&list.Items[i]))
	}
	for _, environment := range environments {
		var workflows v1alpha1.WorkflowList
		by := client.MatchingFields{index.Identity: index.Within(environment, id)}
		if err := s.Client.List(ctx, &workflows, by, client.UnsafeDisableDeepCopy); err != nil || len(workflows.Items) > 0 {
			return len(workflows.Items) > 0, err
		}
	}
	return false, nil
}
