// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"context"
	"fmt"
	"slices"

	"novu-operator.dev/api/v1alpha1"
)

// Trim deletes the oldest records, so that those of the last limit promotions stay, at least one. Older ones stay, too, as
// long as they are the only ones to know what was last done with some item, because drift is corrected by that; and so does
// the record of the Promotion which is at work. What killed operators have left half written goes as well.
func (s *Store) Trim(ctx context.Context, target *v1alpha1.Environment, limit int) error {
	shelf, err := s.library(target).shelf(ctx)
	if err != nil {
		return err
	}
	var complete []*volume
	for _, v := range shelf {
		switch {
		case v.complete():
			complete = append(complete, v)
		case v.number <= shelf.newest(): // else it may be about to be written
			if err := s.discard(ctx, target, v); err != nil {
				return err
			}
		}
	}
	if limit = max(limit, 1); len(complete) <= limit {
		return nil
	}
	books, err := s.library(target).books(ctx, complete)
	if err != nil {
		return err
	}
	for _, v := range expendable(books, limit) {
		if err := s.discard(ctx, target, v); err != nil {
			return err
		}
	}
	return nil
}

// book is what must be known of a record to decide whether it can go.
type book struct {
	volume *volume
	inUse  bool
	items  []Item
	// news are the items that no newer record is about: true if it left something in the target, or may have.
	news map[Item]bool
}

// books reads all records, one at a time.
func (l *library) books(ctx context.Context, volumes []*volume) (books []book, err error) {
	known := map[Item]bool{}
	for _, v := range volumes {
		record, err := l.open(ctx, v, newDecoder())
		if err != nil {
			return nil, err
		}
		b := record.book(known)
		b.volume, b.inUse = v, isActive(l.target, record)
		books = append(books, b)
	}
	return books, nil
}

// isActive reports whether the record is of the Promotion that is writing to the target.
func isActive(target *v1alpha1.Environment, record *Record) bool {
	active := target.Status.ActivePromotionRef
	return active != nil && active.Key() == record.Promotion
}

// book of the record. The items that newer ones are about are known.
func (r *Record) book(known map[Item]bool) book {
	b := book{news: map[Item]bool{}}
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Skipped {
			continue
		}
		b.items = append(b.items, e.Item())
		if !known[e.Item()] {
			b.news[e.Item()] = e.After != nil || !r.Finished
			known[e.Item()] = true
		}
	}
	return b
}

// expendable are the records that can go, oldest first. A deletion must be known as long as an older record stays that
// says the item was there.
func expendable(books []book, limit int) (volumes []*volume) {
	mentioned := map[Item]bool{} // by an older record that stays
	for i, b := range slices.Backward(books) {
		needed := i < limit || b.inUse
		for item, there := range b.news {
			needed = needed || there || mentioned[item]
		}
		if !needed {
			volumes = append(volumes, b.volume)
			continue
		}
		for _, item := range b.items {
			mentioned[item] = true
		}
	}
	return volumes
}

// discard deletes a record, that which makes it complete first.
func (s *Store) discard(ctx context.Context, target *v1alpha1.Environment, v *volume) error {
	objects := v.objects
	if first := v.first(recordDocument); first != nil {
		objects = append([]object{*first}, objects...)
	}
	for _, o := range objects {
		if err := remove(ctx, s.Client, o.meta); err != nil {
			return fmt.Errorf("forget an old promotion into Environment %s/%s: %w", target.Namespace, target.Name, err)
		}
	}
	return nil
}
