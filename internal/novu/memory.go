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

// Bounds of what answers may take of the process's memory, whoever sends them.
const (
	// smallAnswer is read without asking anybody: nearly all answers are smaller.
	smallAnswer = 256 << 10
	// largeAnswers is how much the answers beyond that may take together, and
	// largeTime how long one may take to come once it has its share.
	largeAnswers = 48 << 20
	largeTime    = 10 * time.Second

	// maxListItems and maxListBytes bound one list, however many pages it has.
	maxListItems = 20000
	maxListBytes = 128 << 20
	// smallList is how many items a list has without asking anybody; beyond that,
	// the lists that are being read may have surplusItems together.
	smallList    = 2000
	surplusItems = 60000

	// maxIdentifier and maxLabel bound what is kept of a list item, in bytes.
	maxIdentifier = 512
	maxLabel      = 256
)

// memory is shared by all clients of the process.
var memory = struct {
	large   *semaphore.Weighted
	surplus atomic.Int64
}{large: semaphore.NewWeighted(largeAnswers)}

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
// reason why that is not all. What is large waits for its share of the memory;
// release gives that back.
func readAnswer(ctx context.Context, r io.Reader, limit int64) (body []byte, release func(), err error) {
	release = func() {}
	body, err = io.ReadAll(io.LimitReader(r, min(limit, smallAnswer)))
	if err != nil || int64(len(body)) < min(limit, smallAnswer) {
		return body, release, err
	}
	if limit > smallAnswer {
		share := min(limit, largeAnswers)
		if memory.large.Acquire(ctx, share) != nil {
			return body, release, ErrCrowded
		}
		release = func() { memory.large.Release(share) }
	}
	rest, err := readInTime(r, limit-int64(len(body)))
	if IsTooLarge(err) {
		err = tooLong(limit)
	}
	return append(body, rest...), release, err
}

func tooLong(limit int64) error {
	return &tooLargeError{fmt.Sprintf("the answer is longer than the %d KiB that are read", limit>>10)}
}

// readInTime reads the rest of an answer, of which nobody knows whether it comes.
func readInTime(r io.Reader, limit int64) ([]byte, error) {
	if closer, ok := r.(io.Closer); ok {
		late := time.AfterFunc(largeTime, func() { _ = closer.Close() })
		defer late.Stop()
	}
	return readBounded(r, limit)
}

// room is what one list takes.
type room struct {
	bytes   int64
	surplus int64
}

// add counts a page. The error says why the list is not read to its end.
func (m *room) add(bytes int64, items, total int) error {
	m.bytes += bytes
	switch {
	case total > maxListItems || items > maxListItems:
		return tooMany(max(total, items), maxListItems)
	case m.bytes > maxListBytes:
		return &tooLargeError{fmt.Sprintf("the list is longer than %d MiB, and that is the most that is read", maxListBytes>>20)}
	}
	more := max(0, int64(items)-smallList) - m.surplus
	if more <= 0 {
		return nil
	}
	m.surplus += more
	if memory.surplus.Add(more) > surplusItems {
		return ErrCrowded
	}
	return nil
}

func tooMany(items, most int) error {
	return &tooLargeError{fmt.Sprintf("the list has %d items, and %d are the most that is read", items, most)}
}

// shorten drops what is not kept of the items of a page, and cuts what is.
func shorten[T any, P interface {
	*T
	shorten() error
}](e endpoint, items []T) error {
	for i := range items {
		if err := P(&items[i]).shorten(); err != nil {
			return fmt.Errorf("%s: %w", e.op, err)
		}
	}
	return nil
}

// leave gives back what the list took. Whoever keeps it counts for itself.
func (m *room) leave() { memory.surplus.Add(-m.surplus) }

// checkIdentifier refuses what no object of Novu is called.
func checkIdentifier(id string) error {
	if len(id) > maxIdentifier {
		return &tooLargeError{fmt.Sprintf("the list has an item with an identifier of %d bytes, and %d are the most that is read", len(id), maxIdentifier)}
	}
	return nil
}

// label cuts a text that is only shown to people.
func label(text string) string {
	if len(text) <= maxLabel {
		return text
	}
	return bounded(text, maxLabel)
}
