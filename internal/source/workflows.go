// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
)

// DescribesWorkflow reports whether a Workflow object claims the id in the Novu environment, through one of the Environments
// that lead there.
func DescribesWorkflow(
	ctx context.Context, objects Source, environmentID, id string, environments ...types.NamespacedName,
) (bool, error) {
	var list v1alpha1.EnvironmentList
	if err := objects.Lookup(ctx, &list, index.NovuEnvironment, environmentID); err != nil {
		return false, fmt.Errorf("look for the Environments that lead to the Novu environment of %q: %w", id, err)
	}
	for i := range list.Items {
		environments = append(environments, client.ObjectKeyFromObject(&list.Items[i]))
	}
	for _, environment := range environments {
		var workflows v1alpha1.WorkflowList
		err := objects.Lookup(ctx, &workflows, index.Identity, index.Within(environment, id))
		if err != nil || len(workflows.Items) > 0 {
			return len(workflows.Items) > 0, err
		}
	}
	return false, nil
}
