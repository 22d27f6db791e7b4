// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
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
	// maxKnown bounds how many relatives are remembered with a creation without an answer.
	maxKnown = 10
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

// uncertainWorkflow is what to remember of a creation whose answer was lost, so that [Late] finds what comes of it. Those relatives
// that are there already are not its work; nil: there are too many to tell them apart.
func uncertainWorkflow(conn *connection.Connection, want *novu.WorkflowRequest, began time.Time) *v1alpha1.UncertainCreation {
	record := &v1alpha1.UncertainCreation{StartTime: metav1.NewTime(began), Outline: outlineOfWant(want)}
	for id := range relatives(conn, want.WorkflowID) {
		record.Known = append(record.Known, id)
	}
	slices.Sort(record.Known)
	if len(record.Known) > maxKnown {
		return nil
	}
	return record
}

// Pending reports whether something may still come of a creation whose answer was lost.
func Pending(c v1alpha1.UncertainCreation, now time.Time) bool {
	return now.Sub(c.StartTime.Time) <= lateness
}

// Late are the workflows that Novu has made of creations of one workflow whose answers were lost: they came since, under a
// suffixed id, hold what was sent, and were neither edited nor triggered. It asks the last list, and Novu only about those
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
			return slices.Contains(c.Known, other) || err != nil || made.Before(c.StartTime.Add(-clockSkew))
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

// edited reports whether the workflow was written after it was created. Novu itself writes it in two steps, in one moment.
func edited(have *novu.Workflow) bool {
	made, err := time.Parse(time.RFC3339, have.CreatedAt)
	if err != nil {
		return true
	}
	changed, err := time.Parse(time.RFC3339, have.UpdatedAt)
	return err != nil || changed.Sub(made) > 10*time.Second
}

// Undecided is when the first of the creations can no longer be carried out while something else is written or deleted;
// zero: none is under way.
func Undecided(creations []v1alpha1.UncertainCreation, now time.Time) time.Time {
	for _, c := range creations {
		if until := c.StartTime.Add(undecidedFor); now.Before(until) {
			return until
		}
	}
	return time.Time{}
}
