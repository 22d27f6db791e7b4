package history

import (
	"context"
	"fmt"

	"novu-operator.dev/api/v1alpha1"
)

// Trim deletes the oldest records, so that those of the last limit promotions stay, at least one. Older ones stay, too, as
// long as they are the only ones to know what the target is to hold of some item, because drift is corrected by them; and
// so does that of the Promotion which is at work. What killed operators have left half written goes as well.
func (s *Store) Trim(ctx context.Context, target *v1alpha1.Environment, limit int) error {
	shelf, err := s.shelf(ctx, target)
	if err != nil {
		return err
	}
	var complete []*volume
	for _, v := range shelf {
		if v.complete() {
			complete = append(complete, v)
		} else if v.number <= shelf.newest() {
			if err := s.discard(ctx, target, v); err != nil {
				return err
			}
		}
	}
	if len(complete) <= max(limit, 1) {
		return nil
	}
	return s.trim(ctx, target, complete, max(limit, 1))
}

// trim goes from the newest record to the oldest, one at a time in memory.
func (s *Store) trim(ctx context.Context, target *v1alpha1.Environment, volumes []*volume, limit int) error {
	known := map[Item]bool{} // a newer record says what the target holds
	for i, v := range volumes {
		record, err := s.open(ctx, target, v, newDecoder())
		if err != nil {
			return err
		}
		needed := record.tells(known)
		if i < limit || needed || record.Name == target.Status.ActivePromotion {
			continue
		}
		if err := s.discard(ctx, target, v); err != nil {
			return err
		}
	}
	return nil
}

// tells adds the items whose last state the record knows, and says whether one of them is still there and was not known.
func (r *Record) tells(known map[Item]bool) (needed bool) {
	for i := range r.Entries {
		e := &r.Entries[i]
		if !r.Finished || e.Skipped || known[e.Item()] {
			continue
		}
		known[e.Item()] = true
		needed = needed || e.After != nil
	}
	return needed
}

// discard deletes a record, that which makes it complete first.
func (s *Store) discard(ctx context.Context, target *v1alpha1.Environment, v *volume) error {
	objects := v.objects
	if first := v.first(recordDocument); first != nil {
		objects = append([]object{*first}, objects...)
	}
	for _, o := range objects {
		if err := s.remove(ctx, o.meta); err != nil {
			return fmt.Errorf("forget an old promotion into Environment %s/%s: %w", target.Namespace, target.Name, err)
		}
	}
	return nil
}
