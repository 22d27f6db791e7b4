// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

const (
	maxIssues       = 20 // of one step
	maxSteps        = 100
	severityWarning = "warning" // newer versions of Novu
	tierLimit       = "TIER_LIMIT_EXCEEDED"
	// overridesHint goes with issues about what a user has added to a step in Novu: spec has no such field.
	overridesHint = "; no manifest can express this field: remove or correct it in Novu's dashboard"
)

// StepStatuses is what status shows of the stored steps: ids, Novu's types and its
// issues, at most 20 a step, with paths of the manifest and texts for its reader. A
// warning is what Novu calls one, and a channel without a provider.
func StepStatuses(have *novu.Workflow) []v1alpha1.StepStatus {
	out := make([]v1alpha1.StepStatus, 0, len(have.Steps))
	for i := range have.Steps[:min(len(have.Steps), maxSteps)] {
		s := &have.Steps[i]
		list := append(controlIssues(i, s), integrationIssues(i, s)...)
		out = append(out, v1alpha1.StepStatus{
			StepID: s.StepID, ID: s.ID, Type: stepTypes.ours(s.Type), Issues: list[:min(len(list), maxIssues)],
		})
	}
	return out
}

// controlIssues are in the order of what they are about. Novu's texts can quote the
// user's, so they are cut like values.
func controlIssues(i int, s *novu.Step) (list []v1alpha1.Issue) {
	tier := false
	for _, about := range sortedKeys(s.Issues.Controls) {
		for _, issue := range s.Issues.Controls[about] {
			if issue.Type == tierLimit && tier {
				continue // Novu says it of amount and of unit
			}
			tier = tier || issue.Type == tierLimit
			place, text := placeInStep(s.Type, brackets(about)), issueText(s, about, issue)
			if strings.HasPrefix(about, overridesField) {
				place, text = about, text+overridesHint
			}
			list = append(list, v1alpha1.Issue{
				Severity: severityOf(issue), Type: cut(issue.Type), Path: cut(stepAt(i) + "." + place), Message: cut(text),
			})
		}
	}
	return list
}

func issueText(s *novu.Step, about string, issue novu.Issue) string {
	text := blockNames.Replace(reworded(issue.Message, issueWordings))
	if where := position(issue.Message, valueAt(s.ControlValues, about)); where != "" {
		text = where + ": " + text
	}
	return text
}

func severityOf(issue novu.Issue) v1alpha1.IssueSeverity {
	if issue.Severity == severityWarning {
		return v1alpha1.IssueSeverityWarning
	}
	return v1alpha1.IssueSeverityError
}

// valueAt is the text of a control value by Novu's path; empty if there is none.
func valueAt(values json.RawMessage, path string) string {
	at := tree(orEmptyObject(values))
	for name := range strings.SplitSeq(path, ".") {
		switch node := at.(type) {
		case map[string]any:
			at = node[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(node) {
				return ""
			}
			at = node[i]
		default:
			return ""
		}
	}
	text, _ := at.(string)
	return text
}

// integrationIssues are about the channel, which is the step's type.
func integrationIssues(i int, s *novu.Step) (list []v1alpha1.Issue) {
	for _, about := range sortedKeys(s.Issues.Integration) {
		for _, issue := range s.Issues.Integration[about] {
			list = append(list, v1alpha1.Issue{
				Severity: v1alpha1.IssueSeverityWarning, Type: cut(issue.Type), Path: stepAt(i) + ".type",
				Message: cut(string(channels.ours(about)) + ": " + blockNames.Replace(reworded(orDefault(issue.Message, issue.Type), issueWordings))),
			})
		}
	}
	return list
}

// HasErrors reports whether Novu reports errors in the definition, which it stores all
// the same. A channel without a provider is no error of the definition.
func HasErrors(have *novu.Workflow) bool {
	if have.Status == novu.StatusError {
		return true
	}
	for _, s := range have.Steps {
		for _, list := range s.Issues.Controls {
			for _, issue := range list {
				if issue.Severity != severityWarning {
					return true
				}
			}
		}
	}
	return false
}

// HasIssues reports whether Novu has anything to say about the definition, be it a warning.
func HasIssues(have *novu.Workflow) bool {
	return HasErrors(have) || slices.ContainsFunc(have.Steps, func(s novu.Step) bool { return len(s.Issues.Controls) > 0 })
}

// IssueSummary says in a sentence what Novu complains about, naming step, path and
// Novu's message: the first issue and how many more there are. It is about the
// errors in the definition, or else about the rest: warnings and channels without a
// provider. It is empty if there is nothing to say.
func IssueSummary(steps []v1alpha1.StepStatus, rest bool) string {
	first, count := "", 0
	for _, s := range steps {
		for _, issue := range s.Issues {
			if (issue.Severity == v1alpha1.IssueSeverityWarning) != rest {
				continue
			}
			if count++; count == 1 {
				first = fmt.Sprintf("step %s: %s: %s", s.StepID, issue.Path, orDefault(issue.Message, issue.Type))
			}
		}
	}
	if count > 1 {
		return fmt.Sprintf("%s (and %d more)", first, count-1)
	}
	return first
}
