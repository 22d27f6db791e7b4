// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pages answers every page of the list with as many items as are asked for, each with a name of that size.
func pages(total, name int, sent *atomic.Int64) answerFunc {
	return func(r *http.Request) (*http.Response, error) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		var b strings.Builder
		for i := range limit {
			fmt.Fprintf(&b, `,{"_id":"%d","workflowId":"w-%d","name":%q,"tags":[%q],"steps":[]}`, offset+i, offset+i, strings.Repeat("x", name), strings.Repeat("t", name))
		}
		body := fmt.Sprintf(`{"data":{"totalCount":%d,"workflows":[%s]}}`, total, strings.TrimPrefix(b.String(), ","))
		sent.Add(int64(len(body)))
		return answerJSON(200, body)(r)
	}
}

func TestEndlessListsEnd(t *testing.T) {
	for name, tc := range map[string]struct {
		total, name int
		most        int64 // bytes
		want        string
	}{
		"small items forever":              {0, 1, 8 << 20, "20000 are the most"},
		"a total that is a lie":            {1 << 40, 1, 1 << 20, "20000 are the most"},
		"fat items forever":                {0, 16 << 10, maxListBytes + 8<<20, "longer than 128 MiB"},
		"one page that is fatter than any": {0, 64 << 10, 16 << 20, "longer than the 8192 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Int64
			c := newTestClient(t, newScripted(t, pages(tc.total, tc.name, &sent)), nil)
			list, err := c.AllWorkflows(t.Context())
			if !IsTooLarge(err) || !strings.Contains(err.Error(), tc.want) || list != nil {
				t.Errorf("%d items, %v", len(list), err)
			}
			if sent.Load() > tc.most {
				t.Errorf("%d MiB were sent, want %d at most", sent.Load()>>20, tc.most>>20)
			}
			if n := memory.surplus.Load(); n != 0 {
				t.Errorf("%d items are still counted", n)
			}
		})
	}
}

func TestListKeepsWhatIsNeeded(t *testing.T) {
	var sent atomic.Int64
	c := newTestClient(t, newScripted(t, pages(100, 4<<10, &sent)), nil)
	for _, w := range must(c.AllWorkflows(t.Context()))(t) {
		if len(w.Name) > maxLabel {
			t.Fatalf("%d bytes of name", len(w.Name))
		}
	}
	long := strings.Repeat("i", maxIdentifier+1)
	c = newTestClient(t, newScripted(t, answerJSON(200, `{"data":{"totalCount":1,"workflows":[{"_id":"1","workflowId":"`+long+`"}]}}`)), nil)
	if _, err := c.AllWorkflows(t.Context()); !IsTooLarge(err) || strings.Contains(err.Error(), long) {
		t.Errorf("a long identifier: %v", err)
	}
}

// However many large answers come together, only so much of them is held; what trickles gives its share back in time.
func TestLargeAnswersShareTheMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var held, most, done atomic.Int64
		var readers sync.WaitGroup
		for range 30 {
			readers.Go(func() {
				trickle := &trickle{first: mediumAnswer, closed: make(chan struct{}), begun: func() { most.Store(max(most.Load(), held.Add(1))) }}
				_, release, err := readAnswer(t.Context(), trickle, objectBodyLimit)
				if err == nil {
					t.Error("a trickle came to its end")
				}
				held.Add(-1)
				release()
				done.Add(1)
			})
		}
		readers.Wait()
		if most.Load() != largeAnswers || done.Load() != 30 {
			t.Errorf("%d large answers were read together, want %d; %d ended", most.Load(), largeAnswers, done.Load())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := memory.large.Acquire(ctx, largeAnswers); err != nil {
			t.Fatal("not all of the memory was given back")
		}
		defer memory.large.Release(largeAnswers)
		if _, _, err := readAnswer(ctx, strings.NewReader(strings.Repeat("x", 2*mediumAnswer)), objectBodyLimit); !IsCrowded(err) {
			t.Errorf("without memory: %v", err)
		}
		if body, _, err := readAnswer(t.Context(), strings.NewReader("small"), objectBodyLimit); err != nil || string(body) != "small" {
			t.Errorf("a small answer: %v", err)
		}
	})
}

// trickle sends its first bytes at once and then hangs until it is closed.
type trickle struct {
	first  int
	begun  func()
	once   sync.Once
	closed chan struct{}
}

func (r *trickle) Read(p []byte) (int, error) {
	if r.first == 0 {
		r.once.Do(r.begun)
		<-r.closed
		return 0, errors.New("closed")
	}
	n := min(len(p), r.first)
	r.first -= n
	return n, nil
}

func (r *trickle) Close() error {
	close(r.closed)
	return nil
}

// No list, whatever its pages say, makes the reader hold more than its bounds, and it always ends.
func FuzzListBounds(f *testing.F) {
	f.Add(uint8(100), int64(0), int64(1<<20), true)
	f.Add(uint8(1), int64(-1), int64(0), false)
	f.Add(uint8(255), int64(1<<40), int64(8<<20), true)
	f.Add(uint8(0), int64(5), int64(8<<20), false)
	f.Fuzz(func(t *testing.T, perPage uint8, total, bytes int64, fresh bool) {
		bytes &= 8<<20 - 1
		calls, read := 0, int64(0)
		list, err := collect(100, identity, func(o ListOptions) (*page[string], error) {
			calls++
			read += bytes
			from := 0
			if fresh {
				from = o.Offset
			}
			items := make([]string, perPage)
			for i := range items {
				items[i] = strconv.Itoa(from + i)
			}
			return part(items, int(total), bytes), nil
		})
		if len(list) > maxListItems || err != nil && list != nil {
			t.Errorf("%d items, %v", len(list), err)
		}
		if calls > maxPages*maxPasses || read > maxListBytes+8<<20 {
			t.Errorf("%d calls, %d bytes", calls, read)
		}
		if n := memory.surplus.Load(); n != 0 {
			t.Errorf("%d items are still counted", n)
		}
	})
}

var _ io.ReadCloser = (*trickle)(nil)
