// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Bounds of what answers may take of the process's memory, whoever sends them. While
// an answer is decoded it takes about three times its length.
const (
	// smallAnswer is read without asking anybody: nearly all answers are smaller.
	smallAnswer = 128 << 10
	// mediumAnswer is the most that one of the mediumAnswers may be long which are
	// read at the same time, and largeAnswers is how many longer ones are.
	mediumAnswer  = 1 << 20
	mediumAnswers = 24
	largeAnswers  = 3
	// largeTime is how long an answer that is not small may take to arrive once it
	// has its share.
	largeTime = 10 * time.Second

	// maxListItems and maxListBytes bound one list, however many pages it has.
	maxListItems = 20000
	maxListBytes = 128 << 20
	// smallList is how many bytes are kept of a list without asking anybody; beyond
	// that, the lists that are being read may have surplusBytes together.
	smallList    = 256 << 10
	surplusBytes = 48 << 20

	// maxIdentifier, maxTime and maxLabel bound what is kept of a list item, in bytes.
	maxIdentifier = 512
	maxTime       = 64
	maxLabel      = 256
	// itemOverhead is what a list item takes besides its texts.
	itemOverhead = 256
)

// memory is shared by all clients of the process.
var memory = struct {
	medium, large *semaphore.Weighted
	surplus       atomic.Int64
}{medium: semaphore.NewWeighted(mediumAnswers), large: semaphore.NewWeighted(largeAnswers)}

// tooLargeError is an answer, or a list of them, that is larger than what is read.
type tooLargeError struct{ what string }

func (e *tooLargeError) Error() string { return e.what }

// IsTooLarge reports an answer that is larger than this client reads.
func IsTooLarge(err error) bool {
	_, ok := errors.AsType[*tooLargeError](err)
	return ok
}

// ErrCrowded is the error of an answer, or a list, for which there is no memory at
// this moment.
var ErrCrowded = errors.New("the operator holds as much of Novu's answers as its memory allows: this one is tried again")

// IsCrowded reports an answer that was not read for want of memory at this moment.
func IsCrowded(err error) bool { return errors.Is(err, ErrCrowded) }

// readAnswer reads up to limit bytes. It returns what it got together with the
// reason why that is not all. What is not small waits for its share of the memory;
// release gives that back.
func readAnswer(ctx context.Context, r io.Reader, limit int64) (body []byte, release func(), err error) {
	g := &growing{from: r, limit: limit, release: func() {}}
	for _, step := range []struct {
		to    int64
		share *semaphore.Weighted // nil: needs none
	}{{smallAnswer, nil}, {mediumAnswer, memory.medium}, {limit, memory.large}} {
		if done, err := g.grow(ctx, step.to, step.share); done || err != nil {
			return g.body, g.release, err
		}
	}
	_, _ = io.CopyN(io.Discard, r, drainLimit)
	return g.body[:limit], g.release, tooLong(limit)
}

// growing is an answer that is read in steps, each of which needs more memory than
// the one before. Whoever waits for the memory of a later step holds that of the
// earlier ones only, so that no Promotion waits in a circle.
type growing struct {
	from    io.Reader
	limit   int64
	body    []byte
	release func()
}

// grow reads up to the number of bytes, and one more where that is all there may be.
// It reports whether the answer ended.
func (g *growing) grow(ctx context.Context, to int64, share *semaphore.Weighted) (done bool, err error) {
	if to = min(to, g.limit); to == g.limit {
		to++
	}
	more := to - int64(len(g.body))
	if more <= 0 {
		return false, nil
	}
	if share != nil {
		if share.Acquire(ctx, 1) != nil {
			return false, ErrCrowded
		}
		held := g.release
		g.release = func() { held(); share.Release(1) }
		defer closeAfter(largeTime, g.from)()
	}
	part, err := io.ReadAll(io.LimitReader(g.from, more))
	g.body = append(g.body, part...)
	return int64(len(part)) < more, err
}

// readStart reads an answer of which only the beginning matters.
func readStart(r io.Reader, limit int64) (start []byte, err error) {
	start, err = io.ReadAll(io.LimitReader(r, quotable))
	if err != nil || len(start) < quotable {
		return start, err
	}
	rest, err := io.Copy(io.Discard, io.LimitReader(r, limit-quotable+1))
	if err == nil && rest > limit-quotable {
		err = tooLong(limit)
	}
	return start, err
}

func tooLong(limit int64) error {
	return &tooLargeError{fmt.Sprintf("the answer is longer than the %d KiB that are read", limit>>10)}
}

// room is what one list takes.
type room struct {
	bytes   int64 // that were read of it
	kept    int64
	surplus int64
}

// add counts a page of so many bytes, of which so many are kept. The error says why
// the list is not read to its end.
func (m *room) add(bytes, kept int64, items, total int) error {
	m.bytes += bytes
	switch {
	case total > maxListItems || items > maxListItems:
		return tooMany(max(total, items), maxListItems)
	case m.bytes > maxListBytes:
		return &tooLargeError{fmt.Sprintf("the list is longer than %d MiB, and that is the most that is read", maxListBytes>>20)}
	}
	return m.keep(kept)
}

// keep counts bytes that are kept of the list.
func (m *room) keep(bytes int64) error {
	m.kept += bytes
	more := max(0, m.kept-smallList) - m.surplus
	if more <= 0 {
		return nil
	}
	m.surplus += more
	if memory.surplus.Add(more) > surplusBytes {
		return ErrCrowded
	}
	return nil
}

// leave gives back what the list keeps. Whoever keeps it counts for itself.
func (m *room) leave() {
	memory.surplus.Add(-m.surplus)
	m.kept, m.surplus = 0, 0
}

func tooMany(items, most int) error {
	return &tooLargeError{fmt.Sprintf("the list has %d items, and %d are the most that is read", items, most)}
}

// checkIdentifier refuses what no object of Novu is called.
func checkIdentifier(id string) error {
	if len(id) > maxIdentifier {
		return &tooLargeError{fmt.Sprintf("the answer has an identifier of %d bytes, and %d are the most that is read", len(id), maxIdentifier)}
	}
	return nil
}

// label cuts a text that is only shown to people.
func label(text string) string { return cut(text, maxLabel) }

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return bounded(text, most)
}

// texts is how many bytes the texts have.
func texts(all ...string) (n int) {
	for _, text := range all {
		n += len(text)
	}
	return n
}
