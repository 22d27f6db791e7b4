// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import "time"

// bucket is the client's view of one category's token bucket on the server.
//
// Novu refills lazily: tokens that accrue are credited only when the stored ones
// run out, so the announced remainder lags behind what the server would allow. The
// bucket therefore counts by itself, refilling all the time, and takes from each
// answer two bounds on the server's true state:
//
//	lower: what remained, less what may have been taken since;
//	upper: what remained, plus what can have accrued since the last credit seen.
//
// Both hold for a server that refills continuously as well. As long as no other client
// uses the key, its own count lies between them.
type bucket struct {
	known       bool // a limit was announced
	limit       int
	burst       int
	window      time.Duration
	rate        float64   // tokens per second
	tokens      float64   // may be negative
	at          time.Time // when tokens was true
	creditedAt  time.Time // latest time of a credit seen in the answers
	remaining   int       // as announced last
	newest      uint64    // the latest sent request whose answer was seen
	pausedUntil time.Time

	inFlight   int
	answered   uint64 // answers so far
	answeredAt time.Time
}

// maxWait bounds estimates, so that they do not overflow a duration.
const maxWait = 24 * time.Hour

// ticketMark is what the bucket remembers of a request until its answer.
type ticketMark struct {
	sequence uint64
	answered uint64
	sentAt   time.Time
}

// halfway is the best guess at when the server counted the request.
func (m ticketMark) halfway(now time.Time) time.Time { return m.sentAt.Add(now.Sub(m.sentAt) / 2) }

// reserve is left on the server, so that requests that arrive closer together than
// they were sent do not find it empty: what accrues in a tenth of a second.
func (b *bucket) reserve() float64 { return b.rate / 10 }

func (b *bucket) capacity() float64 { return max(1, float64(b.burst)-b.reserve()) }

func (b *bucket) refill(now time.Time) {
	if elapsed := now.Sub(b.at); elapsed > 0 {
		b.tokens = min(b.tokens+b.rate*elapsed.Seconds(), b.capacity())
		b.at = now
	}
}

// readyAt is when a request may go out that has n tokens' worth of others before it.
func (b *bucket) readyAt(now time.Time, n int) time.Time {
	at := now
	if b.known {
		b.refill(now)
		if missing := float64(n) - b.tokens; missing > 1e-9 {
			// Rounded up: a timer that fires a nanosecond early fires twice.
			at = b.at.Add(time.Duration(min(missing/b.rate, maxWait.Seconds())*float64(time.Second)) + 1)
		}
	}
	if b.pausedUntil.After(at) {
		return b.pausedUntil
	}
	return at
}

// take spends a token for a request that goes out now.
func (b *bucket) take(now time.Time, sequence uint64) ticketMark {
	if b.known {
		b.refill(now)
		b.tokens--
	}
	b.inFlight++
	return ticketMark{sequence: sequence, answered: b.answered, sentAt: now}
}

// settle ends a request. A nil header means that no answer came.
func (b *bucket) settle(now time.Time, m ticketMark, a *announcement) {
	b.inFlight--
	concurrent := float64(b.inFlight) + float64(b.answered-m.answered)
	b.answered++
	if a != nil {
		b.learn(now, m, *a, concurrent)
	}
}

// learn corrects the bucket. Concurrent requests may have been counted by the
// server before or after this one.
func (b *bucket) learn(now time.Time, m ticketMark, a announcement, concurrent float64) {
	first := !b.known
	b.known, b.limit, b.burst, b.window, b.rate = true, a.limit, a.burst, a.window, a.rate()
	if first {
		// Suppose that no other client was here before.
		b.tokens, b.at = b.capacity()-float64(b.inFlight+1), now
	}
	if first || m.sentAt.Sub(b.answeredAt) > b.window {
		// After a while, others may have used up whatever accrued.
		b.creditedAt = m.halfway(now)
	}
	b.answeredAt = now
	b.refill(now)
	if m.sequence > b.newest {
		if float64(a.remaining) > float64(b.remaining)+concurrent {
			b.creditedAt = m.halfway(now)
		}
		b.newest, b.remaining = m.sequence, a.remaining
	}
	remaining := float64(a.remaining) - b.reserve()
	if upper := remaining + b.rate*now.Sub(b.creditedAt).Seconds(); b.tokens > upper {
		// Another client takes tokens, too. Those in flight may still be to come.
		b.tokens = upper - float64(b.inFlight)
	}
	b.tokens = min(max(b.tokens, remaining-concurrent), b.capacity())
}

// forget drops a limit that the server no longer announces.
func (b *bucket) forget() { b.known = false }

// pause holds everything of the category back. Whatever made us misjudge the
// server's bucket may go on, so after the pause one request goes first and what it
// finds decides.
func (b *bucket) pause(now, until time.Time) {
	if until.After(b.pausedUntil) {
		b.pausedUntil = until
	}
	b.tokens, b.at, b.creditedAt = 1, b.pausedUntil, now
}
