// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bulkhead

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	// laneWidth is how many reconciles of one Environment may be under way: as many as there may be requests to one Novu
	// environment. The last few places are for what users wait for.
	laneWidth, laneBackground = 8, 6
	// crowd is how many reconciles may be under way before each Environment gets one place and no more. It bounds the memory
	// that Environments which do not answer take together; one that answers still gets on.
	crowd = 256
)

// lanes says which reconciles may be under way at the same time.
type lanes struct {
	mu       sync.Mutex
	open     map[types.NamespacedName]*lane
	total    int
	reserved map[reconcile.Request]types.NamespacedName
	wake     func(priority int, request reconcile.Request)
}

// lane is what is under way, and what is parked, of one Environment.
type lane struct {
	running int // places that are taken, or reserved
	parked  [classCount][]reconcile.Request
	as      map[reconcile.Request]int // priorities of those that are parked
}

func newLanes(wake func(int, reconcile.Request)) *lanes {
	return &lanes{open: map[types.NamespacedName]*lane{}, reserved: map[reconcile.Request]types.NamespacedName{}, wake: wake}
}

// enter takes a place, or parks the request if there is none.
func (l *lanes) enter(key types.NamespacedName, request reconcile.Request, priority int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if place, ok := l.reserved[request]; ok {
		delete(l.reserved, request)
		if place == key {
			return true
		}
		l.release(place)
	}
	in := l.open[key]
	if in == nil {
		in = &lane{as: map[reconcile.Request]int{}}
		l.open[key] = in
	}
	if in.running < l.width(classOf(priority)) {
		delete(in.as, request)
		in.running++
		l.total++
		return true
	}
	in.park(request, priority)
	return false
}

// width is how many places a lane has for a class.
func (l *lanes) width(class int) int {
	switch {
	case l.total >= crowd:
		return 1
	case class == background:
		return laneBackground
	}
	return laneWidth
}

// park notes a request, in the better one of its classes if it is parked already.
func (in *lane) park(request reconcile.Request, priority int) {
	as, parked := in.as[request]
	if parked && as >= priority {
		return
	}
	if class := classOf(priority); !parked || classOf(as) != class {
		in.parked[class] = append(in.parked[class], request)
	}
	in.as[request] = priority
}

// next takes the request out that was parked first among those of the class.
func (in *lane) next(class int) (request reconcile.Request, priority int, ok bool) {
	for len(in.parked[class]) > 0 {
		request, in.parked[class] = in.parked[class][0], in.parked[class][1:]
		if priority, ok = in.as[request]; ok && classOf(priority) == class {
			delete(in.as, request)
			return request, priority, true
		}
	}
	return request, 0, false
}

// leave gives a place back.
func (l *lanes) leave(key types.NamespacedName) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.release(key)
}

// decline gives a place back that was reserved for a request which does not need it any more.
func (l *lanes) decline(request reconcile.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if key, ok := l.reserved[request]; ok {
		delete(l.reserved, request)
		l.release(key)
	}
}

// release hands free places to those that are parked: each is put back into the queue with a place reserved for it. It
// needs the lock.
func (l *lanes) release(key types.NamespacedName) {
	in := l.open[key]
	in.running--
	l.total--
	for class := range in.parked {
		for in.running < l.width(class) {
			request, priority, ok := in.next(class)
			if !ok {
				break
			}
			in.running++
			l.total++
			l.reserved[request] = key
			l.wake(priority, request)
		}
	}
	if in.running == 0 && len(in.as) == 0 {
		delete(l.open, key)
	}
}
