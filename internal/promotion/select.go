// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

// maxItems bounds a plan: it must fit into the status of one object.
const maxItems = 2000

// Item is one object that a Promotion is about.
type Item struct {
	Kind v1alpha1.PromotionItemKind
	Key  types.NamespacedName
	// ID in Novu.
	ID string
	// Object is nil if it does not exist.
	Object view.Object
	// Labels of the object, or those that it had; nil: unknown.
	Labels map[string]string
	// Pin is the revision that is asked for; empty: what the source holds.
	Pin string
	// Recorded is what the target is to hold if that is not taken from the source, and Revision the one of it.
	Recorded *history.Definition
	Revision string
	// Found reports whether Recorded is what a Promotion found in the target; Promoted is what had been promoted there before, nil:
	// nothing that is recorded.
	Found    bool
	Promoted *history.Definition
	// Gone reports whether the target is to hold nothing.
	Gone bool
	// Stays says why it stays as it is.
	Stays string
	// Refused says why the item cannot be promoted until a user changes something; empty if it can.
	Refused string
	// Waits says what the operator still has to do before the item can be promoted; empty if nothing.
	Waits string
}

func (i Item) String() string { return string(i.Kind) + " " + i.Key.String() }

// Select finds what a Promotion is about: what it lists, or what its selector matches, or everything, and in any case the
// layouts that a selected workflow names. Those come first, because Novu does not take a workflow before its layouts.
// records are those of the target: what is pinned may be found there, and what is to be pruned.
func (c *Catalog) Select(p *v1alpha1.Promotion, records []*history.Record) ([]Item, error) {
	selection := selection{}
	if len(p.Spec.Items) > 0 {
		c.listed(selection, p, records)
	} else if err := c.matching(selection, p.Spec.Selector); err != nil {
		return nil, err
	}
	c.addNamed(selection)
	if ptr.Deref(p.Spec.Prune, false) {
		if err := c.prune(selection, p, records); err != nil {
			return nil, err
		}
	}
	if len(selection) > maxItems {
		return nil, reconcile.Stalledf(v1alpha1.ReasonPlanTooLarge,
			"%d objects are selected and a Promotion takes %d at most: use several with selectors", len(selection), maxItems)
	}
	return selection.sorted(), nil
}

func (c *Catalog) listed(selection selection, p *v1alpha1.Promotion, records []*history.Record) {
	for _, listed := range p.Spec.Items {
		key := keyIn(p, listed)
		item := Item{Kind: listed.Kind, Key: key}
		if o := c.find(listed.Kind, key); o != nil {
			item = itemOf(o)
		}
		item.Pin = listed.Revision
		switch {
		case item.Object == nil && item.Pin == "" && ptr.Deref(p.Spec.Prune, false) && brought(item, records):
			continue // prune adds it
		case item.Object == nil && item.Pin != "":
			item = recall(item, records)
		case item.Object == nil:
			item.Refused = fmt.Sprintf("no %s refers to Environment %s: create it, or list another in a new Promotion", item, c.Environment)
		case !item.Object.GetDeletionTimestamp().IsZero():
			item.Refused = "it is being deleted"
		}
		if twice, ok := selection[item.String()]; ok && twice.Pin != item.Pin {
			item.Refused = "it is listed twice, with different revisions: list it once in a new Promotion"
			delete(selection, item.String())
		}
		selection.add(item)
	}
}

// brought reports whether promotions into the target know the object.
func brought(item Item, records []*history.Record) bool {
	return slices.ContainsFunc(records, func(r *history.Record) bool {
		return slices.ContainsFunc(r.Entries, func(e history.Entry) bool { return e.Kind == item.Kind && e.Object() == item.Key })
	})
}

// recall finds the definition of an object that does not exist any more.
func recall(item Item, records []*history.Record) Item {
	for _, record := range records {
		for n := range record.Entries {
			entry := &record.Entries[n]
			if entry.Kind != item.Kind || entry.Namespace != item.Key.Namespace || entry.Name != item.Key.Name {
				continue
			}
			if recorded := history.Find(records, entry.Kind, entry.ID, item.Pin); recorded != nil {
				item.ID, item.Labels, item.Recorded, item.Revision = entry.ID, entry.Labels, recorded, item.Pin
				return item
			}
		}
	}
	item.Refused = fmt.Sprintf("no %s exists, and no promotion has recorded its revision %s", item, definition.Short(item.Pin))
	return item
}

// prune adds what promotions have brought to the target and no object describes any more, as far as it is selected: by the
// labels that the object had when it was promoted. An object that is about to go, or that another one keeps from working,
// still counts.
func (c *Catalog) prune(selection selection, p *v1alpha1.Promotion, records []*history.Record) error {
	selected, err := prunable(p)
	if err != nil {
		return err
	}
	known := maps.Clone(c.barred)
	if known == nil {
		known = map[string]bool{}
	}
	for _, o := range c.Objects {
		item := itemOf(o)
		known[entryKey(item.Kind, item.ID)] = true
	}
	for _, record := range records { // the newest first
		for n := range record.Entries {
			entry := &record.Entries[n]
			key := entryKey(entry.Kind, entry.ID)
			if entry.Skipped || known[key] {
				continue
			}
			known[key] = true
			if entry.After != nil && selected(entry) {
				selection.add(Item{Kind: entry.Kind, Key: entry.Object(), ID: entry.ID, Labels: entry.Labels, Gone: true})
			}
		}
	}
	return nil
}

// prunable says which of the things that no object describes any more a Promotion is about.
func prunable(p *v1alpha1.Promotion) (func(*history.Entry) bool, error) {
	if len(p.Spec.Items) > 0 {
		return func(e *history.Entry) bool {
			return slices.ContainsFunc(p.Spec.Items, func(i v1alpha1.PromotionItem) bool {
				return i.Revision == "" && i.Kind == e.Kind && keyIn(p, i) == e.Object()
			})
		}, nil
	}
	selector, err := selectorOf(p.Spec.Selector)
	return func(e *history.Entry) bool {
		return selector.Empty() || e.Labels != nil && selector.Matches(labels.Set(e.Labels))
	}, err
}

func keyIn(p *v1alpha1.Promotion, listed v1alpha1.PromotionItem) types.NamespacedName {
	return types.NamespacedName{Namespace: cmp.Or(listed.Namespace, p.Namespace), Name: listed.Name}
}

// Restored makes the items of a rollback. What was created since is deleted only if prune asks for it.
func Restored(restorations []history.Restoration, prune bool) []Item {
	selection := selection{}
	for _, r := range restorations {
		item := Item{
			Kind: r.Kind, Key: types.NamespacedName{Namespace: r.Namespace, Name: r.Name}, ID: r.ID,
			Labels: r.Labels, Recorded: r.Want, Revision: r.Revision, Found: r.Found, Promoted: r.Promoted, Gone: r.Want == nil && prune,
		}
		if r.Want == nil && !prune {
			item.Stays = "it was created since and stays: set prune in a new Promotion to delete it"
		}
		selection.add(item)
	}
	return selection.sorted()
}

func (c *Catalog) matching(selection selection, wanted *metav1.LabelSelector) error {
	selector, err := selectorOf(wanted)
	if err != nil {
		return err
	}
	for _, o := range c.Objects {
		if selector.Matches(labels.Set(o.GetLabels())) && describes(o) {
			selection.add(itemOf(o))
		}
	}
	return nil
}

// selectorOf reads a selector; nil matches everything.
func selectorOf(wanted *metav1.LabelSelector) (labels.Selector, error) {
	if wanted == nil {
		return labels.Everything(), nil
	}
	selector, err := metav1.LabelSelectorAsSelector(wanted)
	if err != nil {
		return nil, reconcile.Stalledf(v1alpha1.ReasonInvalidSpec, "spec.selector: %s", err)
	}
	return selector, nil
}

// describes reports whether the object has a say in what Novu holds: it is to stay, and no older one has the same id.
func describes(o view.Object) bool {
	stalled := apimeta.FindStatusCondition(view.Status(o).Conditions, v1alpha1.ConditionStalled)
	return o.GetDeletionTimestamp().IsZero() && (stalled == nil || stalled.Reason != v1alpha1.ReasonConflict)
}

// addNamed adds the objects that selected ones name.
func (c *Catalog) addNamed(selection selection) {
	for i := range Promotables {
		named := &Promotables[i]
		if named.UsedBy == "" {
			continue
		}
		others, user := c.of(named.Kind), PromotableOf(named.UsedBy)
		for _, item := range selection.sorted() {
			if item.Kind != user.Kind || item.Object == nil {
				continue
			}
			for _, other := range others {
				if user.names(item.Object, other) && describes(other) {
					selection.add(itemOf(other))
				}
			}
		}
	}
}

// of are the objects of a kind.
func (c *Catalog) of(kind v1alpha1.PromotionItemKind) (found []view.Object) {
	for _, o := range c.Objects {
		if itemKindOf(o) == kind {
			found = append(found, o)
		}
	}
	return found
}

func (c *Catalog) find(kind v1alpha1.PromotionItemKind, key types.NamespacedName) view.Object {
	for _, o := range c.Objects {
		if client.ObjectKeyFromObject(o) == key && itemKindOf(o) == kind {
			return o
		}
	}
	return nil
}

func itemOf(o view.Object) Item {
	item := Item{Kind: itemKindOf(o), Key: types.NamespacedName{Namespace: o.GetNamespace(), Name: o.GetName()}, ID: o.EffectiveID(), Object: o}
	if item.Labels = o.GetLabels(); item.Labels == nil {
		item.Labels = map[string]string{}
	}
	return item
}

// selection holds each item once.
type selection map[string]Item

func (s selection) add(item Item) {
	if _, ok := s[item.String()]; !ok {
		s[item.String()] = item
	}
}

func (s selection) sorted() []Item {
	items := make([]Item, 0, len(s))
	for _, item := range s {
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.turn(), b.turn()), cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Key.Namespace, b.Key.Namespace), cmp.Compare(a.Key.Name, b.Key.Name))
	})
	return items
}

// rank orders items of one kind.
func (i Item) rank() int {
	kind := PromotableOf(i.Kind)
	if kind.rank == nil || i.Object == nil {
		return 0
	}
	return kind.rank(i.Object)
}

// turn is when an item is dealt with: layouts are there before the workflows that use them, and go after them.
func (i Item) turn() int {
	if i.Gone {
		return 2*len(Promotables) - 1 - rankOf(i.Kind)
	}
	return rankOf(i.Kind)
}
