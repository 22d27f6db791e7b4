// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Bounds of a page of a list.
const (
	maxPageItems = 2000
	// maxItemBytes is how long one item may be, and what comes before the first and after the last.
	maxItemBytes = 512 << 10
	// arrivingChunk is how much is taken of an answer at a time.
	arrivingChunk = 16 << 10
	// quotable is how much of an answer is kept for the text of an error.
	quotable = 4 << 10
)

// arriving is an answer that is decoded while it arrives, so that it never lies in memory as a whole. Its errors are those
// of an answer that is too long, too deep, or has an item that is too large.
type arriving struct {
	from io.Reader
	most int64 // bytes of the answer

	read    int64
	item    int64 // bytes since the last item was complete
	nesting nesting
	start   []byte
	broken  error // why the answer could not be read to its end; nil for a whole one

	// large is asked once for the memory that an item takes which is not small.
	large func() error
	asked bool
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.from.Read(p[:min(len(p), arrivingChunk)])
	a.read, a.item = a.read+int64(n), a.item+int64(n)
	a.nesting.add(p[:n])
	if room := quotable - len(a.start); room > 0 {
		a.start = append(a.start, p[:min(n, room)]...)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		a.broken = err
		return n, err
	}
	if bad := a.check(); bad != nil {
		return n, bad
	}
	return n, err
}

func (a *arriving) check() error {
	switch {
	case a.nesting.most > maxAnswerDepth:
		return tooDeep(a.nesting.most)
	case a.read > a.most:
		return tooLong(a.most)
	case a.item > maxItemBytes:
		return &tooLargeError{fmt.Sprintf("the list has an item of more than the %d KiB that are read", maxItemBytes>>10)}
	case a.item <= smallAnswer || a.asked || a.large == nil:
		return nil
	}
	a.asked = true
	a.broken = a.large()
	return a.broken
}

// claimLarge waits for the memory of one answer that is not small; the answer must then arrive within [largeTime]. release
// gives the memory back.
func claimLarge(ctx context.Context, from io.Reader) (release func(), err error) {
	if memory.medium.Acquire(ctx, 1) != nil {
		return func() {}, ErrCrowded
	}
	late := closeAfter(largeTime, from)
	return func() { late(); memory.medium.Release(1) }, nil
}

// closeAfter closes what is read from when the time is over, unless stop is called before.
func closeAfter(d time.Duration, from io.Reader) (stop func()) {
	closer, ok := from.(io.Closer)
	if !ok {
		return func() {}
	}
	late := time.AfterFunc(d, func() { _ = closer.Close() })
	return func() { late.Stop() }
}

// streamed is an answer that is decoded while it arrives.
type streamed interface{ decode(*arriving) error }

// page is one page of a list, or the whole of a list without pages. What is not kept of an item is dropped before the next
// one is decoded.
type page[T any] struct {
	what   string // "workflows", for errors
	member string // that holds the items; "" where the result is the list itself
	// keep checks an item and drops what is not needed of it. It returns how many bytes are left.
	keep func(*T) (size int, err error)

	items []T // nil: there was no list
	total int // of all pages, 0 if Novu does not send it
	size  int64
	kept  int64
	room  room // what the items take until the caller has counted them
}

func (p *page[T]) complete() error {
	if p.items != nil {
		return nil
	}
	if p.member == "" {
		return fmt.Errorf("it is not a list of %s", p.what)
	}
	return fmt.Errorf("it is not a list of %s: the member %s is missing", p.what, p.member)
}

// leave gives back the memory that the items take: the caller has counted them, or needs them no longer.
func (p *page[T]) leave() { p.room.leave() }

func (p *page[T]) reword(clean func(string) string) {
	for i := range p.items {
		if item, ok := any(&p.items[i]).(worded); ok {
			item.reword(clean)
		}
	}
}

func (p *page[T]) decode(a *arriving) error {
	in := json.NewDecoder(a)
	err := p.result(in, a, false)
	if err == nil {
		err = end(in)
	}
	p.size = a.read
	if err != nil {
		return plainJSONError(err)
	}
	return p.complete()
}

// end checks that nothing follows the answer.
func end(in *json.Decoder) error {
	_, err := in.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return errors.New("something follows the answer")
	}
	return err
}

// result decodes the list, or the object around it.
func (p *page[T]) result(in *json.Decoder, a *arriving, unwrapped bool) error {
	start, err := in.Token()
	switch {
	case errors.Is(err, io.EOF) && !unwrapped:
		return errors.New("the answer is empty")
	case err != nil:
		return err
	case start == nil:
		return errors.New("the answer holds no result")
	case start == json.Delim('[') && p.member == "":
		return p.list(in, a)
	case start == json.Delim('{'):
		return p.object(in, a, unwrapped)
	}
	return (&page[T]{what: p.what, member: p.member}).complete()
}

func (p *page[T]) object(in *json.Decoder, a *arriving, unwrapped bool) error {
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return err
		}
		switch {
		case name == "data" && !unwrapped:
			err = p.result(in, a, true)
		case name == p.member && p.member != "":
			err = p.membersList(in, a)
		case name == "totalCount":
			err = in.Decode(&p.total)
		default:
			err = in.Decode(&ignored{})
		}
		if err != nil {
			return err
		}
	}
	_, err := in.Token()
	return err
}

func (p *page[T]) membersList(in *json.Decoder, a *arriving) error {
	start, err := in.Token()
	if err != nil || start == nil {
		return err
	}
	if start != json.Delim('[') {
		return p.complete()
	}
	return p.list(in, a)
}

// list decodes the items after the opening bracket.
func (p *page[T]) list(in *json.Decoder, a *arriving) error {
	p.items = []T{}
	for in.More() {
		if len(p.items) == maxPageItems {
			return &tooLargeError{fmt.Sprintf("the page has more than the %d items that are read", maxPageItems)}
		}
		var item T
		if err := in.Decode(&item); err != nil {
			return err
		}
		size, err := p.keep(&item)
		if err != nil {
			return err
		}
		if err := p.room.keep(int64(size)); err != nil {
			return err
		}
		p.items, p.kept = append(p.items, item), p.kept+int64(size)
		a.item = 0
	}
	_, err := in.Token()
	return err
}

// ignored is a value that is not kept.
type ignored struct{}

// UnmarshalJSON takes anything.
func (*ignored) UnmarshalJSON([]byte) error { return nil }
