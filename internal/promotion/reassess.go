// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// Reassessed remembers about which items Novu was asked once more for a Promotion, so that it is asked once. The zero value is
// ready to use.
type Reassessed struct {
	mu    sync.Mutex
	items map[types.NamespacedName]reassessedItems // by Promotion
}

type reassessedItems struct {
	uid   types.UID
	asked map[string]asking // by item
}

// asking is what was complained about, and until when it is waited for.
type asking struct {
	written string
	until   time.Time
}

// reassessedWithin is how long a Promotion waits for Novu to judge an item once more.
const reassessedWithin = 30 * time.Second

// Await returns until when a Promotion waits for Novu to judge an item once more, zero if it does not, and whether Novu was not
// asked yet. From now on it was. written tells when that which Novu complains about was written: once it was written again, Novu
// has judged it.
func (j *Reassessed) Await(p *v1alpha1.Promotion, item Item, written string, now time.Time) (until time.Time, first bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	known := j.of(p)
	before, ok := known[item.String()]
	switch {
	case !ok:
		until = now.Add(reassessedWithin)
		known[item.String()] = asking{written: written, until: until}
		return until, true
	case before.written != written || !now.Before(before.until):
		return time.Time{}, false
	}
	return before.until, false
}

// of is what was asked for a Promotion. It needs the lock.
func (j *Reassessed) of(p *v1alpha1.Promotion) map[string]asking {
	key := client.ObjectKeyFromObject(p)
	if known := j.items[key]; known.uid == p.UID && known.asked != nil {
		return known.asked
	}
	if j.items == nil {
		j.items = map[types.NamespacedName]reassessedItems{}
	}
	asked := map[string]asking{}
	j.items[key] = reassessedItems{uid: p.UID, asked: asked}
	return asked
}

// Forget a Promotion that is finished or gone.
func (j *Reassessed) Forget(promotion types.NamespacedName) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.items, promotion)
}
