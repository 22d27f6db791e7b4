// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"time"
)

// settle gives the permit back. The reply is nil if no answer came; err is the
// call's result.
func (p *permit) settle(ctx context.Context, r *reply, err error) {
	b, t := p.budget, p.ticket
	now := b.now()
	v := judgeCall(ctx, err, t.mark.sentAt, now)
	b.mu.Lock()
	b.inFlight--
	b.learn(now, t, r, err)
	b.circuit.ended(t)
	changed := b.circuit.note(now, t.mark.sentAt, v, t.endpoint.anonymous, err)
	open, cause := b.circuit.open, b.circuit.cause
	if changed && open {
		b.refuseWaiting(func(t *ticket) error {
			if t.probe {
				return nil
			}
			return b.circuit.refusal()
		})
	}
	if t.endpoint.writes() && b.circuit.noteWrite(now, t, v, err) {
		b.refuseWaiting(func(waiting *ticket) error {
			if waiting.endpoint.method != t.endpoint.method {
				return nil
			}
			return b.circuit.admitWrite(now, waiting)
		})
	}
	b.dispatch()
	b.mu.Unlock()
	b.report(t, r, err, now)
	if changed {
		b.observer.CircuitChanged(open, cause)
	}
}

// learn updates the category's bucket from the answer.
func (b *Budget) learn(now time.Time, t *ticket, r *reply, err error) {
	k := b.bucket(t.endpoint.category)
	var announced *announcement
	if r != nil {
		if a, ok := readAnnouncement(r.header); ok {
			announced = &a
		}
	}
	k.settle(now, t.mark, announced)
	throttled, refused := errors.AsType[*ThrottledError](err)
	switch {
	case refused:
		k.pause(now, throttled.Until)
		throttled.Until = k.pausedUntil
	case announced == nil && err == nil && !t.endpoint.anonymous:
		k.forget()
	}
}

// refuseWaiting ends the wait of those that would only find out the same one after
// the other.
func (b *Budget) refuseWaiting(refusal func(*ticket) error) {
	b.queue.each(func(t *ticket) {
		if err := refusal(t); err != nil {
			b.queue.remove(t)
			b.circuit.ended(t)
			t.refusal = err
			close(t.done)
		}
	})
}

func (b *Budget) report(t *ticket, r *reply, err error, now time.Time) {
	if _, withheld := errors.AsType[*WithheldError](err); withheld {
		return // it was not sent
	}
	status := 0
	if r != nil {
		status = r.status
	}
	e := t.endpoint
	b.observer.Request(e.category, e.method, e.route, status, now.Sub(t.mark.sentAt))
	if throttled, ok := errors.AsType[*ThrottledError](err); ok {
		b.observer.Throttled(e.category, throttled.Until)
	}
}
