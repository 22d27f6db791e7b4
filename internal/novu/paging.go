// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

const (
	maxPages   = 1000 // a server that never ends its list must not hold us forever
	maxPasses  = 3
	maxNothing = 10 // pages in a row without a new item
)

// errMoving asks for another pass over a list.
var errMoving = errors.New("the list kept changing while it was read")

// collect reads a list page by page, oldest item first, so that new items only
// appear at the end. An item missing from the result would be taken for deleted,
// so a list that cannot be read completely is an error. An item that is deleted
// meanwhile may be in the result; the next read finds out.
func collect[T any](size int, id func(T) string, fetch func(ListOptions) (*page[T], error)) ([]T, error) {
	taken := &room{}
	defer taken.leave()
	for range maxPasses {
		taken.leave()
		pass := &listReader[T]{size: size, id: id, index: map[string]int{}, room: taken}
		err := pass.read(fetch)
		if err == nil {
			return pass.items, nil
		}
		if !errors.Is(err, errMoving) {
			return nil, err
		}
	}
	return nil, errMoving
}

// listReader collects one pass over a list, without duplicates.
type listReader[T any] struct {
	size  int
	id    func(T) string
	index map[string]int
	items []T
	room  *room

	offset  int
	nothing int // pages in a row without a new item

	pages, repeated int // pages that were read, and that were asked for once more
}

func (l *listReader[T]) read(fetch func(ListOptions) (*page[T], error)) error {
	for range maxPages {
		p, err := fetch(ListOptions{Limit: l.size, Offset: l.offset, OrderBy: "createdAt", OrderDirection: "ASC"})
		p.leave()
		if l.again(err) {
			continue
		}
		if err != nil {
			return err
		}
		l.pages++
		done, err := l.take(p.items, p.total)
		if err := cmp.Or(err, l.room.add(p.size, p.kept, len(l.items), p.total)); done || err != nil {
			return err
		}
	}
	return fmt.Errorf("the list does not end after %d pages", maxPages)
}

// again reports whether a page is asked for once more that could not be read: what was read of the list counts, and a
// long list would never be complete if each failure began it again. There are never more repetitions than pages.
func (l *listReader[T]) again(err error) bool {
	if err == nil || l.pages == 0 || l.repeated >= l.pages || !isTransient(err) {
		return false
	}
	l.repeated++
	return true
}

// isTransient reports whether the same read may succeed right away: the connection broke, or Novu failed.
func isTransient(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.StatusCode >= 500
	}
	_, broken := errors.AsType[*TransportError](err)
	return broken && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// take adds a page and moves the offset. Pages overlap by one item: if the first
// one is new, deletions have shifted the list, and items are hidden before it.
func (l *listReader[T]) take(page []T, total int) (done bool, err error) {
	if l.offset > 0 && (len(page) == 0 || !l.has(page[0])) {
		l.offset = max(0, l.offset-l.size)
		return false, nil
	}
	before := len(l.items)
	for _, item := range page {
		l.add(item)
	}
	if end := l.offset + len(page); end >= total && (total > 0 || len(page) < l.size) {
		return true, l.checkCount(total)
	}
	if len(page) == 0 {
		return false, fmt.Errorf("the list is said to have %d items but none is sent", total)
	}
	if l.nothing++; len(l.items) > before {
		l.nothing = 0
	}
	if l.nothing == maxNothing {
		return false, errors.New("the same page of the list is sent again and again")
	}
	l.offset += len(page) - 1
	return false, nil
}

// checkCount notices items that changed places with others of the same age.
func (l *listReader[T]) checkCount(total int) error {
	if len(l.items) < total {
		return errMoving
	}
	return nil
}

func (l *listReader[T]) has(item T) bool {
	_, ok := l.index[l.id(item)]
	return ok
}

func (l *listReader[T]) add(item T) {
	key := l.id(item)
	if at, ok := l.index[key]; ok {
		l.items[at] = item // the newer version
		return
	}
	l.index[key] = len(l.items)
	l.items = append(l.items, item)
}
