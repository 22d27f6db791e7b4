package definition

import "novu-operator.dev/internal/novu"

// Revision is a short hash of a definition: the first 12 hex digits of the SHA-256
// of its canonical JSON. Requests are reduced to what they say: internal ids, the
// order of tags and the credentials of integrations do not count.
func Revision(v any) string {
	switch r := v.(type) {
	case *novu.WorkflowRequest:
		return shortHash(workflowTree(r))
	case *novu.LayoutRequest:
		return shortHash(layoutTree(r))
	case *novu.IntegrationRequest:
		return shortHash(integrationTree(r))
	}
	return shortHash(v)
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
