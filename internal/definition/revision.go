// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import "novu-operator.dev/internal/novu"

// Revision identifies the content of a definition: the SHA-256 of its canonical
// JSON, as 64 hex digits. Requests are reduced to what they say: internal ids, the
// order of tags and the credentials of integrations do not count.
func Revision(v any) string {
	switch r := v.(type) {
	case *novu.WorkflowRequest:
		return digest(workflowTree(r))
	case *novu.LayoutRequest:
		return digest(layoutTree(r))
	case *novu.IntegrationRequest:
		return digest(integrationTree(r))
	}
	return digest(v)
}

// shortLength is how many hex digits people are shown.
const shortLength = 12

// Short is the form of a digest that people read in messages, events, logs and
// columns. It must never be compared or stored as anything else: whoever can choose
// the content finds two with one short form.
func Short(digest string) string {
	if len(digest) <= shortLength {
		return digest
	}
	return digest[:shortLength]
}

// workflowTree is what a request says. What Novu holds gives the same tree as the
// request that made it, so that revisions and fingerprints can be compared.
func workflowTree(r *novu.WorkflowRequest) map[string]any {
	out := fields(r)
	list := make([]any, 0, len(r.Steps))
	for _, s := range r.Steps {
		list = append(list, stepTree(s))
	}
	out["steps"] = list
	return out
}
