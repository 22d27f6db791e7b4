// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers/watch"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
)

const (
	// forgetAtOnce is from how many objects one reconcile removes what is recorded of targets that are gone.
	forgetAtOnce = 100
	// forgetters is how many of them are written at the same time.
	forgetters = 4
)

// Forget removes from the objects of an Environment what is recorded of targets that no longer exist, a few at a time.
func (f *Forgetter) Forget(ctx context.Context, environment *v1alpha1.Environment, objects []client.Object) error {
	gone := goneTargets{reader: f.Client, live: f.Live, known: map[types.NamespacedName]bool{}}
	var outdated []client.Object
	for _, o := range objects {
		if gone.mentionedBy(ctx, o) {
			outdated = append(outdated, o)
		}
	}
	if len(outdated) > forgetAtOnce {
		outdated = outdated[:forgetAtOnce]
		f.Waker.NudgeAfter(watch.Soon, client.ObjectKeyFromObject(environment))
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(forgetters)
	for _, o := range outdated {
		group.Go(func() error { return f.release(ctx, o, &gone) })
	}
	return group.Wait()
}

// goneTargets knows which targets no longer exist. Once asked about all of them it may be used concurrently.
type goneTargets struct {
	reader, live client.Reader
	known        map[types.NamespacedName]bool
}

func (g *goneTargets) mentionedBy(ctx context.Context, o client.Object) (mentioned bool) {
	for _, live := range promotion.LiveRevisions(o) {
		key := types.NamespacedName{Namespace: live.Namespace, Name: live.Environment}
		if _, asked := g.known[key]; !asked {
			g.known[key] = g.ask(ctx, key)
		}
		mentioned = mentioned || g.known[key]
	}
	return mentioned
}

// ask asks the API server about what the cache does not know: the cache may be of some namespaces only, or behind.
func (g *goneTargets) ask(ctx context.Context, key types.NamespacedName) bool {
	e := &v1alpha1.Environment{}
	return apierrors.IsNotFound(g.reader.Get(ctx, key, e)) && apierrors.IsNotFound(g.live.Get(ctx, key, e))
}

// release gives up the ownership of what is recorded of targets that are gone, whereupon the API server removes it. The
// owners' names end with the UIDs of Environments that cannot be found any more; the object itself lists them.
func (f *Forgetter) release(ctx context.Context, outdated client.Object, gone *goneTargets) error {
	o := outdated.DeepCopyObject().(client.Object)
	if err := f.Live.Get(ctx, client.ObjectKeyFromObject(outdated), o); err != nil {
		return client.IgnoreNotFound(err)
	}
	for _, entry := range o.GetManagedFields() {
		if !promotion.RecordsFor(entry.Manager) || !gone.ownedBy(&entry) {
			continue
		}
		if err := reconcile.ApplyStatus(ctx, f.Client, o, nil, client.FieldOwner(entry.Manager)); err != nil {
			return fmt.Errorf("forget a promotion target that is gone: %w", err)
		}
	}
	return nil
}

// ownedBy reports whether all that the owner has recorded is about targets that are gone.
func (g *goneTargets) ownedBy(entry *metav1.ManagedFieldsEntry) bool {
	var fields struct {
		Status struct {
			Environments map[string]json.RawMessage `json:"f:environments"`
		} `json:"f:status"`
	}
	if entry.FieldsV1 == nil || json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields) != nil {
		return false
	}
	for field := range fields.Status.Environments {
		key, isEntry := strings.CutPrefix(field, "k:")
		if !isEntry {
			continue
		}
		var target struct{ Environment, Namespace string }
		if json.Unmarshal([]byte(key), &target) != nil || !g.known[types.NamespacedName{Namespace: target.Namespace, Name: target.Environment}] {
			return false
		}
	}
	return len(fields.Status.Environments) > 0
}
