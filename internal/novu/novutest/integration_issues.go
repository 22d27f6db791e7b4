// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"maps"

	"novu-operator.dev/internal/novu/lint"
)

// withIntegrationIssues are the issues of a step as an answer shows them: the stored ones, and what is missing among
// the integrations at this moment. The latter never make a workflow's status an error.
func withIntegrationIssues(env *environment, st *step) object {
	out := maps.Clone(st.issues)
	message := missingIntegration(env, st.kind)
	if message == "" {
		return out
	}
	if out == nil {
		out = object{}
	}
	out["integration"] = object{st.kind: []object{{"issueType": "MISSING_INTEGRATION", "message": message}}}
	return out
}

// missingIntegration says what a step of this type lacks: e-mail and SMS need a primary integration, the in-app
// channel a connected one.
func missingIntegration(env *environment, kind string) string {
	switch kind {
	case "in_app", "email", "sms", "push", "chat", "tool":
	default:
		return ""
	}
	for _, i := range env.org.activeOn(env, kind) {
		if lint.HasPrimary(kind) && !i.primary {
			continue
		}
		if kind == "in_app" && !i.connected {
			return "Inbox is not connected. Please connect your Inbox integration."
		}
		return ""
	}
	if lint.HasPrimary(kind) {
		return "Missing active primary integration provider"
	}
	return "Missing active integration provider"
}
