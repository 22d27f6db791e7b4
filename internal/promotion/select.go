package promotion

import (
	"cmp"
	"fmt"
	"slices"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/engine"
)

// maxItems bounds a plan: it must fit into the status of one object.
const maxItems = 500

// Item is one object that a Promotion is about.
type Item struct {
	Kind v1alpha1.PromotionItemKind
	Key  types.NamespacedName
	// Object is nil if it does not exist.
	Object engine.Object
	// Refused says why the item cannot be promoted until somebody changes something; empty if it can.
	Refused string
	// Waits says what the operator still has to do before the item can be promoted; empty if nothing.
	Waits string
}

func (i Item) String() string { return string(i.Kind) + " " + i.Key.String() }

// Select finds what a Promotion is about: what it lists, or what its selector matches, or everything, and in any case the
// layouts that a selected workflow names. Layouts come first, because Novu does not take a workflow before its layouts.
func (c *Catalog) Select(p *v1alpha1.Promotion) ([]Item, error) {
	selection := selection{}
	if len(p.Spec.Items) > 0 {
		c.listed(selection, p)
	} else if err := c.matching(selection, p.Spec.Selector); err != nil {
		return nil, err
	}
	c.addLayouts(selection)
	if len(selection) > maxItems {
		return nil, engine.Stalledf(v1alpha1.ReasonInvalidSpec,
			"%d objects are selected and a Promotion takes %d at most: use several with selectors", len(selection), maxItems)
	}
	return selection.sorted(), nil
}

func (c *Catalog) listed(selection selection, p *v1alpha1.Promotion) {
	for _, listed := range p.Spec.Items {
		key := types.NamespacedName{Namespace: cmp.Or(listed.Namespace, p.Namespace), Name: listed.Name}
		item := Item{Kind: listed.Kind, Key: key, Object: c.find(listed.Kind, key)}
		switch {
		case item.Object == nil:
			item.Refused = fmt.Sprintf("no %s refers to Environment %s: create it, or list another in a new Promotion", item, c.Environment)
		case !item.Object.GetDeletionTimestamp().IsZero():
			item.Refused = "it is being deleted"
		}
		selection.add(item)
	}
}

func (c *Catalog) matching(selection selection, wanted *metav1.LabelSelector) error {
	selector := labels.Everything()
	if wanted != nil {
		var err error
		if selector, err = metav1.LabelSelectorAsSelector(wanted); err != nil {
			return engine.Stalledf(v1alpha1.ReasonInvalidSpec, "spec.selector: %s", err)
		}
	}
	for o := range c.all {
		if selector.Matches(labels.Set(o.GetLabels())) && describes(o) {
			selection.add(itemOf(o))
		}
	}
	return nil
}

// describes says that the object has a say in what Novu holds: it is to stay, and no older one has the same id.
func describes(o engine.Object) bool {
	stalled := apimeta.FindStatusCondition(o.Sync().Conditions, v1alpha1.ConditionStalled)
	return o.GetDeletionTimestamp().IsZero() && (stalled == nil || stalled.Reason != v1alpha1.ReasonConflict)
}

// addLayouts adds the Layout objects that selected workflows name.
func (c *Catalog) addLayouts(selection selection) {
	for _, item := range selection.sorted() {
		workflow, ok := item.Object.(*v1alpha1.Workflow)
		if !ok {
			continue
		}
		for i := range c.Layouts {
			if layout := &c.Layouts[i]; names(workflow, layout) && describes(layout) {
				selection.add(itemOf(layout))
			}
		}
	}
}

func names(w *v1alpha1.Workflow, l *v1alpha1.Layout) bool {
	for i := range w.Spec.Steps {
		email := w.Spec.Steps[i].Email
		if email == nil {
			continue
		}
		if ref := email.LayoutRef; ref != nil && ref.Name == l.Name && w.Namespace == l.Namespace {
			return true
		}
		if email.LayoutID != "" && email.LayoutID == l.EffectiveID() {
			return true
		}
	}
	return false
}

// all yields every object.
func (c *Catalog) all(yield func(engine.Object) bool) {
	for i := range c.Layouts {
		if !yield(&c.Layouts[i]) {
			return
		}
	}
	for i := range c.Workflows {
		if !yield(&c.Workflows[i]) {
			return
		}
	}
}

func (c *Catalog) find(kind v1alpha1.PromotionItemKind, key types.NamespacedName) engine.Object {
	for o := range c.all {
		if item := itemOf(o); item.Kind == kind && item.Key == key {
			return o
		}
	}
	return nil
}

func itemOf(o engine.Object) Item {
	kind := v1alpha1.PromotionItemWorkflow
	if _, ok := o.(*v1alpha1.Layout); ok {
		kind = v1alpha1.PromotionItemLayout
	}
	return Item{Kind: kind, Key: types.NamespacedName{Namespace: o.GetNamespace(), Name: o.GetName()}, Object: o}
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
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key.Namespace, b.Key.Namespace), cmp.Compare(a.Key.Name, b.Key.Name))
	})
	return items
}
