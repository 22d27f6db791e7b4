// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"

	"novu-operator.dev/internal/novu"
)

// LayoutUsers are the ids of the workflows that use a layout in Novu. Where Novu does not offer the question, none are known.
func LayoutUsers(ctx context.Context, c *novu.Client, layoutID string) ([]string, error) {
	users, err := c.LayoutUsers(ctx, layoutID)
	if novu.IsNotFound(err, novu.ResourceLayout) || novu.IsNotFound(err, novu.ResourceRoute) {
		return nil, nil
	}
	ids := make([]string, 0, len(users))
	for _, user := range users {
		ids = append(ids, user.WorkflowID)
	}
	return ids, err
}
