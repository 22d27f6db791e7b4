package definition

import (
	"fmt"
	"strings"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

const (
	maxIssues         = 20 // of one step
	controlsPrefix    = "controlValues."
	integrationPrefix = "integration."
	statusError       = "ERROR"
	severityWarning   = "warning" // newer versions of Novu
	warningPrefix     = "warning: "
)

// StepStatuses is what status shows of the stored steps: ids, Novu's types and its
// issues, at most 20 a step. The path of an issue about a value begins with
// controlValues, that of one about a channel without a provider with integration.
// The message of what Novu calls a warning says so.
func StepStatuses(have *novu.Workflow) []v1alpha1.StepStatus {
	out := make([]v1alpha1.StepStatus, 0, len(have.Steps))
	for _, s := range have.Steps {
		list := appendIssues(nil, controlsPrefix, s.Issues.Controls)
		list = appendIssues(list, integrationPrefix, s.Issues.Integration)
		out = append(out, v1alpha1.StepStatus{
			StepID: s.StepID, ID: s.ID, Type: s.Type, Issues: list[:min(len(list), maxIssues)],
		})
	}
	return out
}

// appendIssues adds issues in the order of what they are about. Novu's texts can
// quote the user's, so they are cut like values.
func appendIssues(list []v1alpha1.Issue, prefix string, issues novu.Issues) []v1alpha1.Issue {
	for _, about := range sortedKeys(issues) {
		for _, issue := range issues[about] {
			message := issue.Message
			if issue.Severity == severityWarning {
				message = warningPrefix + message
			}
			list = append(list, v1alpha1.Issue{Type: cut(issue.Type), Path: cut(prefix + about), Message: cut(message)})
		}
	}
	return list
}

// HasErrors says whether Novu reports errors in the definition, which it stores all
// the same. A channel without a provider is no error of the definition.
func HasErrors(have *novu.Workflow) bool {
	if have.Status == statusError {
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

// IssueSummary says in a sentence what Novu complains about, naming step, path and
// Novu's message: the first issue and how many more there are. It is about the
// errors in the definition, or else about the rest: warnings and channels without a
// provider. It is empty if there is nothing to say.
func IssueSummary(steps []v1alpha1.StepStatus, rest bool) string {
	first, count := "", 0
	for _, s := range steps {
		for _, issue := range s.Issues {
			if isError(issue) == rest {
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

// isError tells by what [StepStatuses] wrote whether the issue makes the definition
// wrong.
func isError(i v1alpha1.Issue) bool {
	return !strings.HasPrefix(i.Path, integrationPrefix) && !strings.HasPrefix(i.Message, warningPrefix)
}
