// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package synced

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/view"
)

func claimOf(o client.Object) (field, value string) {
	return index.Identity, view.Of(o).Claim
}

func primaryOf(o client.Object) (field, value string) {
	return index.Primary, string(o.(*v1alpha1.Integration).Spec.Channel)
}

// others enqueues the objects of a kind that claim the same as the one that has changed, in the Novu environments that it
// is or was in. The object itself is in the queue anyway, and twice would be once too often if the first time has begun
// already.
func others(reader client.Reader, pool *connection.Pool, by watch.Lookup, kind client.ObjectList) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) (found []ctrl.Request) {
		field, value := by(o)
		for _, environment := range environmentsOf(ctx, reader, pool, o.(view.Object)) {
			found = append(found, watch.Requests(ctx, reader, kind, client.MatchingFields{field: index.Within(environment, value)})...)
		}
		return slices.DeleteFunc(found, func(r ctrl.Request) bool { return r.NamespacedName == client.ObjectKeyFromObject(o) })
	})
}

// environmentsOf are the Environments through which others may claim the same as the object.
func environmentsOf(ctx context.Context, reader client.Reader, pool *connection.Pool, o view.Object) []types.NamespacedName {
	own := view.Environment(o)
	environments, ids := []types.NamespacedName{own}, []string{view.Status(o).EnvironmentID}
	if conn := pool.Get(own); conn != nil {
		ids = append(ids, conn.Environment().ID)
	}
	for _, id := range ids {
		if id == "" {
			continue
		}
		leading, err := leadingTo(ctx, reader, pool, id)
		if err != nil {
			log.FromContext(ctx).Error(err, "cannot find the objects that a change concerns")
		}
		environments = append(environments, leading...)
	}
	return sets.New(environments...).UnsortedList()
}
