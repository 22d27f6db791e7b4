// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package automatic

import (
	"cmp"
	"encoding/base32"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/promotion"
	"novu-operator.dev/internal/view"
)

// State is what a target is to hold by what its source holds, and where it does not.
type State struct {
	// Hash of what the target is to hold: a whole SHA-256, in the form that the label takes.
	Hash string
	// Changes are what the target does not hold as the source does. Objects that cannot be promoted now are not among them.
	Changes []Change
	// Partial reports whether some of what is selected cannot be promoted now.
	Partial bool
	// Unsettled reports whether the operator is still at work on some of it.
	Unsettled bool
}

// Change is one object whose current revision is not live in the target.
type Change struct {
	Kind v1alpha1.PromotionItemKind
	Key  types.NamespacedName
	// Revision that the source holds; empty: nothing, and the target is to hold nothing either.
	Revision string
	// Live is the revision that the target holds, as far as is recorded; empty: none.
	Live string
	// Loose reports whether the source holds something else by now than the revision says, because it was changed out of band there.
	Loose bool
}

func (c Change) id() string { return string(c.Kind) + " " + c.Key.String() }

// Compare looks at what is selected for the target. described reports whether the objects describe the source itself, and not an
// Environment further back.
func Compare(items []promotion.Item, source, target *v1alpha1.Environment, described bool) State {
	state, lines := State{}, [][]string{}
	if described {
		promotion.CheckObjects(items)
	}
	for _, item := range items {
		change := Change{Kind: item.Kind, Key: item.Key, Live: goneRevision}
		if !item.Gone {
			change.Revision, change.Live = held(item, source, described), liveIn(item.Object, target)
			change.Loose = described && apimeta.IsStatusConditionTrue(view.Status(item.Object).Conditions, v1alpha1.ConditionDrifted)
		}
		lines = append(lines, []string{string(item.Kind), item.Key.Namespace, item.Key.Name, item.ID, change.Revision})
		state.Unsettled = state.Unsettled || item.Waits != ""
		switch {
		case item.Refused != "" || item.Waits != "" || change.Revision == "" && !item.Gone:
			state.Partial = true
		case change.Revision != change.Live:
			state.Changes = append(state.Changes, change)
		}
	}
	slices.SortFunc(lines, slices.Compare[[]string])
	state.Hash = forLabel(definition.Revision(lines))
	return state
}

// Weigh adds to the state what decides whether items can be promoted, so that what was left out is tried again when that
// changes: whether their objects are well, and facts about the target. Nothing that a promotion itself changes may be
// among them.
func (s State) Weigh(items []promotion.Item, facts ...string) State {
	unfit := []string{}
	for _, item := range items {
		if item.Refused != "" {
			unfit = append(unfit, item.String())
		}
	}
	slices.Sort(unfit)
	s.Hash = forLabel(definition.Revision([]any{s.Hash, unfit, facts}))
	return s
}

// leftOutRevision stands for whatever the target holds of an item that a Promotion has left out.
const leftOutRevision = "left out"

// forLabel writes a digest so that it fits into a label, which has room for 63 characters: in base 32, whole.
func forLabel(digest string) string {
	sum, _ := hex.DecodeString(digest) // made by this operator
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum))
}

// goneRevision stands for whatever the target holds of an object that does not exist any more.
const goneRevision = "recorded"

// held is the revision that the source holds, as far as is recorded.
func held(item promotion.Item, source *v1alpha1.Environment, described bool) string {
	if described {
		return view.Status(item.Object).Revision
	}
	return liveIn(item.Object, source)
}

// liveIn is the revision that is recorded as live in a promotion target.
func liveIn(o view.Object, target *v1alpha1.Environment) string {
	if live := definition.LiveIn(promotion.LiveRevisions(o), target); live != nil {
		return live.Revision
	}
	return ""
}

// Without leaves out what Promotions on their way will bring, so that each change is queued once.
func (s State) Without(own []*v1alpha1.Promotion) State {
	coming := map[string]string{} // revision by kind and key; a later Promotion overwrites what an earlier one brings
	for _, p := range own {
		if promotion.Finished(p) {
			continue
		}
		if len(p.Spec.Items) == 0 && p.Status.Plan == nil {
			s.Changes = nil // it will take all that there is
			return s
		}
		maps.Copy(coming, brings(p))
	}
	changes := s.Changes
	s.Changes = nil
	for _, change := range changes {
		if revision, ok := coming[change.id()]; !ok || revision != change.Revision {
			s.Changes = append(s.Changes, change)
		}
	}
	return s
}

// brings says which revision of each item a Promotion will leave in the target; of one that is to be deleted: an empty one.
func brings(p *v1alpha1.Promotion) map[string]string {
	items := map[string]string{}
	for _, item := range p.Spec.Items {
		key := types.NamespacedName{Namespace: cmp.Or(item.Namespace, p.Namespace), Name: item.Name}
		items[Change{Kind: item.Kind, Key: key}.id()] = item.Revision
	}
	if len(p.Spec.Items) > 0 || p.Status.Plan == nil {
		return items
	}
	for i := range p.Status.Plan.Items {
		if item := &p.Status.Plan.Items[i]; item.Action != v1alpha1.PlanActionRefused && item.Action != v1alpha1.PlanActionLeftOut {
			key := types.NamespacedName{Namespace: item.Namespace, Name: item.Name}
			items[Change{Kind: item.Kind, Key: key}.id()] = item.Revision
		}
	}
	return items
}
