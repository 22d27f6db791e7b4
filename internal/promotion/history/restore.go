// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
)

// Restoration is what a rollback makes of one item.
type Restoration struct {
	Kind v1alpha1.PromotionItemKind
	// ID is the workflowID or layoutID.
	ID string
	// Namespace and Name of the object that it was promoted from. It may be gone.
	Namespace, Name string
	// Labels that it had; nil: unknown.
	Labels map[string]string
	// Want is what the target is to hold; nil: it did not exist then. It is for the caller to delete it, or to leave it.
	Want *Definition
	// Revision of Want.
	Revision string
	// Found reports whether Want is what a Promotion found in the target, and not what one brought. Promoted is what had been promoted
	// there before; nil: nothing, as far as is recorded.
	Found    bool
	Promoted *Definition
}

// Point is where a rollback goes back to. It is found once, from what was recorded when the rollback was created, and stays
// what it is: later records never change what the rollback means.
type Point struct {
	// Promotion before or after which that was.
	Promotion types.NamespacedName
	// Name of it in texts, with its namespace if that is not the target's.
	Name string
	// UID of that Promotion, and the number of its record.
	UID    types.UID
	Number int64
	// Before reports whether the state before that Promotion is meant, not the one that it left.
	Before bool
	// Newest is the number of the newest record at the time.
	Newest int64
}

// Locate finds where spec.rollback leads. A Promotion beside the rollback comes before one of the same name beside the target,
// and that before one in any other namespace. The records are as
// [Store.List] returns them, without that of the rollback itself. What was recorded after the rollback was created does not
// count. The error is an outcome that is Stalled.
func Locate(records []*Record, rollback *v1alpha1.Promotion, target *v1alpha1.Environment) (Point, error) {
	known := recordedBefore(records, rollback)
	at, err := locate(known, rollback, target)
	if err != nil {
		return Point{}, err
	}
	record := known[at]
	return Point{
		Promotion: record.Promotion, Name: record.Name, UID: record.PromotionUID, Number: record.Number,
		Before: rollback.Spec.Rollback.To == v1alpha1.RollbackToPrevious, Newest: known[0].Number,
	}, nil
}

// recordedBefore are the records that were there when the Promotion was created. The API server's clock counts seconds;
// within one, versions of objects tell which came first.
func recordedBefore(records []*Record, p *v1alpha1.Promotion) []*Record {
	version, _ := strconv.ParseUint(p.ResourceVersion, 10, 64)
	return slices.DeleteFunc(slices.Clone(records), func(r *Record) bool {
		order := r.Time.Compare(p.CreationTimestamp.Time)
		return order > 0 || order == 0 && version > 0 && r.version > version
	})
}

// Restore works out what going back to the point makes of the target. The restorations are in a fixed order, layouts first.
//
// Each item gets what it was in the earliest record since; items that no Promotion has touched since are not among them.
// The error is an outcome that is Stalled.
func (p Point) Restore(records []*Record) (restorations []Restoration, err error) {
	reachable, gap := reachable(records)
	at := slices.IndexFunc(reachable, func(r *Record) bool { return r.Number == p.Number && r.PromotionUID == p.UID })
	if at < 0 {
		return nil, nothing(reachable, gap, p.Name)
	}
	wanted := map[Item]Restoration{}
	for i, record := range records[:at] {
		if !p.Before || record.Wrote() {
			record.undo(wanted, records[i+1:])
		}
	}
	if p.Before {
		records[at].undo(wanted, records[at+1:])
	} else {
		records[at].redo(wanted)
	}
	return slices.SortedFunc(maps.Values(wanted), func(a, b Restoration) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) // Layout comes before Workflow
	}), nil
}

// undo wants what the target held before the Promotion. earlier are the records before it.
func (r *Record) undo(wanted map[Item]Restoration, earlier []*Record) {
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Skipped {
			continue
		}
		restoration := e.restoration(e.Before, e.BeforeRevision)
		restoration.Found = e.Before != nil
		if last := Last(earlier, e.Kind, e.ID); last != nil {
			restoration.Promoted = last.After
		}
		wanted[e.Item()] = restoration
	}
}

// redo wants what the Promotion left, as far as that is known.
func (r *Record) redo(wanted map[Item]Restoration) {
	for i := range r.Entries {
		if e := &r.Entries[i]; !e.Skipped && !e.Failed {
			wanted[e.Item()] = e.restoration(e.After, e.Revision)
		}
	}
}

func (e *Entry) restoration(want *Definition, revision string) Restoration {
	if want == nil {
		revision = ""
	}
	return Restoration{Kind: e.Kind, ID: e.ID, Namespace: e.Namespace, Name: e.Name, Labels: e.Labels, Want: want, Revision: revision}
}

// locate finds the record to go back to. There must be no gap between it and the newest.
func locate(records []*Record, rollback *v1alpha1.Promotion, target *v1alpha1.Environment) (at int, err error) {
	reachable, gap := reachable(records)
	name := rollback.Spec.Rollback.PromotionName()
	if name == "" {
		if at := slices.IndexFunc(reachable, (*Record).Wrote); at >= 0 {
			return at, nil
		}
		return 0, nothing(reachable, gap, name)
	}
	// promotionRef has no namespace. One that is known beside the rollback is meant even if it cannot be reached.
	own := types.NamespacedName{Namespace: rollback.Namespace, Name: name}
	if slices.ContainsFunc(records, func(r *Record) bool { return r.Promotion == own }) {
		if at := slices.IndexFunc(reachable, func(r *Record) bool { return r.Promotion == own }); at >= 0 {
			return at, nil
		}
		if own.Namespace != target.Namespace {
			name = own.String()
		}
		return 0, nothing(reachable, gap, name)
	}
	for _, is := range []func(*Record) bool{
		func(r *Record) bool {
			return r.Promotion == types.NamespacedName{Namespace: target.Namespace, Name: name}
		},
		func(r *Record) bool { return r.Promotion.Name == name },
	} {
		if at := slices.IndexFunc(reachable, is); at >= 0 {
			return at, nil
		}
	}
	return 0, nothing(reachable, gap, name)
}

// reachable are the newest records, as far as none is damaged or missing in between; gap says what is.
func reachable(records []*Record) (newest []*Record, gap string) {
	for i, record := range records {
		switch {
		case record.Damaged != "":
			return records[:i], record.Damaged
		case i > 0 && records[i-1].Number != record.Number+1:
			return records[:i], fmt.Sprintf("record %d was deleted", records[i-1].Number-1)
		}
	}
	return records, ""
}

// nothing explains what there is to go back to instead of the Promotion of this name; empty: of the previous state.
func nothing(reachable []*Record, gap, name string) error {
	var text strings.Builder
	if name == "" {
		text.WriteString("no Promotion is recorded that has written something")
	} else {
		fmt.Fprintf(&text, "no Promotion %s is recorded", name)
	}
	if gap != "" {
		fmt.Fprintf(&text, ", as far back as the records are whole (%s)", gap)
	}
	if goals := goals(reachable); goals != "" {
		fmt.Fprintf(&text, ": create a Promotion with a rollback to %s", goals)
	} else {
		text.WriteString(": promote the revisions that are wanted")
	}
	return reconcile.Stalledf(v1alpha1.ReasonNothingRecorded, "%s", text.String())
}

// goals lists what can be gone back to, the newest Promotions first.
func goals(records []*Record) string {
	const most = 10
	var list []string
	if slices.ContainsFunc(records, (*Record).Wrote) {
		list = append(list, string(v1alpha1.RollbackToPrevious))
	}
	for _, record := range records {
		if goal := string(v1alpha1.RollbackToPromotion) + " " + record.Promotion.Name; !slices.Contains(list, goal) {
			list = append(list, goal)
		}
	}
	if len(list) > most+1 { // two others at least
		list = append(list[:most], fmt.Sprintf("one of %d others", len(list)-most))
	}
	return strings.Join(list, " or ")
}

// Find is the definition that a revision of an item stands for, from the newest record that knows it: what was promoted as
// that revision, or what the target held of it. nil if none does.
func Find(records []*Record, kind v1alpha1.PromotionItemKind, id, revision string) *Definition {
	for _, record := range records {
		e := record.entry(Item{Kind: kind, ID: id})
		switch {
		case e == nil || revision == "":
		case e.After != nil && e.Revision == revision:
			return e.After
		case e.Before != nil && e.BeforeRevision == revision:
			return e.Before
		}
	}
	return nil
}

// Last is what was last promoted of an item; its After is nil if that was its deletion. It is nil if no Promotion has, or
// if that is uncertain, because a record since is damaged, or of a Promotion that is at work or has never come to its end.
func Last(records []*Record, kind v1alpha1.PromotionItemKind, id string) *Entry {
	for _, record := range records {
		if record.Damaged != "" {
			return nil
		}
		e := record.entry(Item{Kind: kind, ID: id})
		switch {
		case e == nil || e.Skipped:
		case record.Finished && !e.Failed:
			return e
		default:
			return nil
		}
	}
	return nil
}
