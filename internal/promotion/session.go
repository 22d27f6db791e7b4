// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/history"
)

// Session is what the operator knows about one Promotion while it works on it. It saves calls and nothing more: without
// it everything is read again.
type Session struct {
	// Source is nil for a rollback, which needs none.
	Source, Target *Side
	// Began is when it was opened.
	Began time.Time
	// Kept reports whether what is planned was recorded.
	Kept bool

	uid     types.UID
	drafted map[string]bool // items that a draft has come to
	// verifying is when the verification began, which takes several rounds if calls fail. What was listed since counts.
	verifying time.Time

	mu      sync.Mutex
	entries map[string]history.Entry // by kind and id
	doubts  map[string]bool          // items that the target may hold as this operator wrote them

	room room
}

func entryKey(kind v1alpha1.PromotionItemKind, id string) string { return string(kind) + " " + id }

// foresee notes what an item is about, for the record. The error is that there is no room for it.
func (s *Session) foresee(entry history.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := entryKey(entry.Kind, entry.ID)
	if before, ok := s.entries[key]; ok {
		s.room.take(-sizeOf(&before))
		delete(s.entries, key)
	}
	if err := s.room.plan(sizeOf(&entry)); err != nil {
		return err
	}
	s.note(key, entry)
	return nil
}

// note is foresee for those that hold the lock and have taken the room.
func (s *Session) note(key string, entry history.Entry) {
	if s.entries == nil {
		s.entries = map[string]history.Entry{}
	}
	s.entries[key] = entry
}

// recall is foresee for what was recorded: that there was room for all of it when it was.
func (s *Session) recall(entry history.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := entryKey(entry.Kind, entry.ID)
	if before, ok := s.entries[key]; ok {
		s.room.take(-sizeOf(&before))
	}
	s.room.take(sizeOf(&entry))
	s.note(key, entry)
}

// empty forgets what was read and planned: others have no room.
func (s *Session) empty() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Source.clear()
	s.Target.clear()
	s.entries, s.drafted = nil, nil
	s.room.leave()
}

// Recall takes what is planned from the record, after a restart.
func (s *Session) Recall(record *history.Record) {
	for i := range record.Entries {
		s.recall(record.Entries[i])
	}
}

// Complete takes from the records of other Promotions what was left out of the Promotion's own, because they say the same.
func (s *Session) Complete(plan *v1alpha1.PromotionPlan, others []*history.Record) {
	for i := range plan.Items {
		item := &plan.Items[i]
		if _, known := s.entry(item); known || item.Action != v1alpha1.PlanActionUnchanged {
			continue
		}
		if last := history.Last(others, item.Kind, item.EffectiveID()); last != nil && last.Revision == item.Revision {
			s.recall(*last)
		}
	}
}

// Remembers reports whether it is known what is planned.
func (s *Session) Remembers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.entries) > 0
}

// entry is what the record holds of an item.
func (s *Session) entry(item *v1alpha1.PlannedItem) (history.Entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, ok := s.entries[entryKey(item.Kind, item.EffectiveID())]
	return entry, ok
}

// Entries are those of the plan's items, for the record. Items that the target holds already are left out if the last
// promotion of them has recorded the same.
func (s *Session) Entries(plan *v1alpha1.PromotionPlan, records []*history.Record) []history.Entry {
	entries := make([]history.Entry, 0, len(plan.Items))
	for i := range plan.Items {
		item := &plan.Items[i]
		entry, ok := s.entry(item)
		if !ok || item.Action == v1alpha1.PlanActionLeftOut {
			continue
		}
		last := history.Last(records, item.Kind, item.EffectiveID())
		if item.Action == v1alpha1.PlanActionUnchanged && (entry.After == nil || last != nil && last.Revision == item.Revision && maps.Equal(last.Labels, entry.Labels)) {
			continue
		}
		entry.BeforeRevision = entry.Before.Revision()
		if last != nil && last.After.Revision() == entry.BeforeRevision {
			entry.BeforeRevision = last.Revision
		}
		entries = append(entries, entry)
	}
	return entries
}

// Sessions are those of the Promotions that are being worked on. The zero value is ready to use.
type Sessions struct {
	mu   sync.Mutex
	open map[types.NamespacedName]*Session
	held atomic.Int64 // bytes that all of them hold
}

// Open returns the Promotion's session, or a new one if there is none or if one of the connections was made again.
func (s *Sessions) Open(p *v1alpha1.Promotion, source, target *Side, now time.Time) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := client.ObjectKeyFromObject(p)
	if open := s.open[key]; open != nil && open.uid == p.UID && open.Source.same(source) && open.Target.same(target) {
		return open
	}
	if s.open == nil {
		s.open = map[types.NamespacedName]*Session{}
	}
	s.close(key)
	fresh := &Session{Source: source, Target: target, Began: now, uid: p.UID, room: room{all: &s.held}}
	target.room = &fresh.room
	if source != nil {
		source.room = &fresh.room
	}
	s.open[key] = fresh
	return fresh
}

// Close forgets a session, so that it takes no memory while its Promotion waits.
func (s *Sessions) Close(promotion types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close(promotion)
}

// close is Close for those that hold the lock.
func (s *Sessions) close(promotion types.NamespacedName) {
	if open := s.open[promotion]; open != nil {
		open.empty()
		open.room.close()
		delete(s.open, promotion)
	}
}

// doubtful notes that the target may hold of an item what this operator, or the one before it, wrote there.
func (s *Session) doubtful(item *v1alpha1.PlannedItem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doubts == nil {
		s.doubts = map[string]bool{}
	}
	s.doubts[entryKey(item.Kind, item.EffectiveID())] = true
}

func (s *Session) isDoubtful(item *v1alpha1.PlannedItem) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doubts[entryKey(item.Kind, item.EffectiveID())]
}
