// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

// Gather reads all that the gates of the target look at. The cached reader knows the operator's own kinds; the live one
// asks the API server and is used for the objects of expressions alone. A source of nil is looked up. What the gates
// themselves can explain, such as an Environment that does not exist, is no error. For a rollback nothing is read, so that
// it works when everything else is gone.
func Gather(
	ctx context.Context, cached, live client.Reader, p *v1alpha1.Promotion, target, source *v1alpha1.Environment,
	items []v1alpha1.PlannedItem, now time.Time,
) (*Input, error) {
	in := &Input{Now: now, Target: target, Promotion: p, Items: itemsOf(items)}
	if p.IsRollback() {
		return in, nil
	}
	if err := in.findPlaces(ctx, cached, source); err != nil {
		return nil, err
	}
	if err := in.findRevisions(ctx, cached); err != nil {
		return nil, err
	}
	in.Evidence = map[string]Evidence{}
	for i := range target.Spec.PromotionPolicy.Gates {
		gate := &target.Spec.PromotionPolicy.Gates[i]
		if len(gate.Objects) > 0 {
			in.Evidence[gate.Name] = gatherEvidence(ctx, live, gate, target.Namespace)
		}
	}
	return in, ctx.Err()
}

func itemsOf(planned []v1alpha1.PlannedItem) []Item {
	items := make([]Item, 0, len(planned))
	for i := range planned {
		p := &planned[i]
		switch p.Action {
		case v1alpha1.PlanActionCreate, v1alpha1.PlanActionUpdate, v1alpha1.PlanActionUnchanged:
			items = append(items, Item{
				Kind: p.Kind, ID: p.EffectiveID(), Namespace: p.Namespace, Name: p.Name, Revision: p.Revision,
				Unchanged: p.Action == v1alpha1.PlanActionUnchanged,
			})
		}
	}
	return items
}

// findPlaces finds the Environments that items come by.
func (in *Input) findPlaces(ctx context.Context, reader client.Reader, source *v1alpha1.Environment) error {
	p := in.Target.Spec.PromotionPolicy
	if source != nil {
		in.Source = Place{Name: reconcile.Key(source), Environment: source}
	} else {
		place, err := findPlace(ctx, reader, p.SourceRef, in.Target.Namespace)
		if err != nil {
			return err
		}
		in.Source = place
	}
	for _, ref := range p.AfterRefs {
		place, err := findPlace(ctx, reader, ref, in.Target.Namespace)
		if err != nil {
			return err
		}
		in.After = append(in.After, place)
	}
	return nil
}

func findPlace(ctx context.Context, reader client.Reader, ref v1alpha1.EnvironmentReference, namespace string) (Place, error) {
	place := Place{Name: ref.In(namespace).String()}
	environment, err := reconcile.ResolveEnvironment(ctx, reader, ref, namespace)
	switch o := reconcile.OutcomeOf(err); o.Kind {
	case reconcile.Succeeded:
		place.Environment = environment
	case reconcile.Waiting, reconcile.Stalled:
		place.Reason, place.Message = o.Reason, o.Message
	default:
		return Place{}, err
	}
	return place, nil
}

// findRevisions finds out what the places hold of every item, if a gate asks for it. The objects of the source's origin
// know, whatever place it is.
func (in *Input) findRevisions(ctx context.Context, reader client.Reader) error {
	p := in.Target.Spec.PromotionPolicy
	places := make([]*Place, 0, len(in.After))
	for i := range in.After {
		places = append(places, &in.After[i])
	}
	if p.Soak != nil && len(in.After) == 0 {
		places = append(places, &in.Source)
	}
	if len(places) == 0 {
		return nil
	}
	for _, place := range places {
		place.Live = make([]Live, len(in.Items))
	}
	for n, item := range in.Items {
		if item.Unchanged {
			continue
		}
		o, err := readItem(ctx, reader, item)
		if err != nil {
			return err
		}
		for _, place := range places {
			if o != nil && place.Environment != nil {
				place.Live[n] = liveIn(o, place.Environment)
			}
		}
	}
	return nil
}

// readItem reads the object of an item, nil if it does not exist.
func readItem(ctx context.Context, reader client.Reader, item Item) (view.Object, error) {
	o := promotion.PromotableOf(item.Kind).New()
	err := reader.Get(ctx, types.NamespacedName{Namespace: item.Namespace, Name: item.Name}, o)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", item, err)
	}
	return o, nil
}

// liveIn is what an Environment holds of an object, as the object's status has it.
func liveIn(o view.Object, environment *v1alpha1.Environment) Live {
	if environment.IsPromotionTarget() {
		if live := definition.LiveIn(promotion.LiveRevisions(o), environment); live != nil {
			return Live{Revision: live.Revision, Since: live.SinceTime, Drifted: live.Drifted}
		}
		return Live{}
	}
	if view.Environment(o) != client.ObjectKeyFromObject(environment) {
		return Live{}
	}
	return Live{Revision: view.Status(o).Revision, Since: view.Status(o).RevisionTime}
}
