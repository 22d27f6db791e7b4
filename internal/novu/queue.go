// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"container/list"
	"time"
)

// userStreak is how many calls of users may overtake a waiting background call
// that could go, before it goes: a busy user must not stop resyncs for good.
const userStreak = 4

// ticket is one call that waits for its turn.
type ticket struct {
	endpoint endpoint
	priority Priority
	probe    bool // may go out while the circuit is open
	probing  bool // does so
	trial    bool // finds out whether writes of its kind are carried out again
	since    time.Time
	element  *list.Element // nil once granted or withdrawn
	done     chan struct{} // closed when granted or refused
	refusal  error
	mark     ticketMark
}

// queue holds waiting calls: first the users', then by kind of object in turn, and
// first come first served within a kind.
type queue struct {
	lines  [priorityCount][familyCount]list.List
	turn   [priorityCount]family
	streak int
	length [priorityCount]map[Category]int // waiting calls
}

func (q *queue) push(t *ticket) {
	t.element = q.lines[t.priority][t.endpoint.family].PushBack(t)
	if q.length[t.priority] == nil {
		q.length[t.priority] = map[Category]int{}
	}
	q.length[t.priority][t.endpoint.category]++
}

func (q *queue) remove(t *ticket) {
	q.lines[t.priority][t.endpoint.family].Remove(t.element)
	t.element = nil
	q.length[t.priority][t.endpoint.category]--
}

// pop takes the next ticket for which ready is true, nil if there is none.
func (q *queue) pop(ready func(*ticket) bool) *ticket {
	user, background := q.peek(PriorityUser, ready), q.peek(PriorityBackground, ready)
	next := user
	switch {
	case user == nil || background != nil && q.streak >= userStreak:
		next, q.streak = background, 0
	case background != nil:
		q.streak++
	}
	if next != nil {
		q.turn[next.priority] = (next.endpoint.family + 1) % familyCount
		q.remove(next)
	}
	return next
}

// peek looks at the heads of the lines, starting after the kind that went last.
func (q *queue) peek(p Priority, ready func(*ticket) bool) *ticket {
	for i := range familyCount {
		line := &q.lines[p][(q.turn[p]+i)%familyCount]
		if front := line.Front(); front != nil && ready(front.Value.(*ticket)) {
			return front.Value.(*ticket)
		}
	}
	return nil
}

// each visits every waiting ticket; f may remove the one it is given.
func (q *queue) each(f func(*ticket)) {
	for p := range q.lines {
		for k := range q.lines[p] {
			for e := q.lines[p][k].Front(); e != nil; {
				next := e.Next()
				f(e.Value.(*ticket))
				e = next
			}
		}
	}
}

// waiting counts the category's calls of at least the priority.
func (q *queue) waiting(c Category, least Priority) int {
	n := 0
	for p := least; p < priorityCount; p++ {
		n += q.length[p][c]
	}
	return n
}
