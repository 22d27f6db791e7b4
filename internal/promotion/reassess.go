// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"sync"

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
	asked map[string]bool
}

// First reports whether Novu was not asked about the item for this Promotion yet. From now on it was.
func (j *Reassessed) First(p *v1alpha1.Promotion, item Item) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	key := client.ObjectKeyFromObject(p)
	known := j.items[key]
	if known.uid != p.UID {
		known = reassessedItems{uid: p.UID, asked: map[string]bool{}}
		if j.items == nil {
			j.items = map[types.NamespacedName]reassessedItems{}
		}
		j.items[key] = known
	}
	first := !known.asked[item.String()]
	known.asked[item.String()] = true
	return first
}

// Forget a Promotion that is finished or gone.
func (j *Reassessed) Forget(promotion types.NamespacedName) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.items, promotion)
}
