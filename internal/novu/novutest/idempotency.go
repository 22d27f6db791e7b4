// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	idempotencyHeader = "Idempotency-Key"
	idempotencyTTL    = 24 * time.Hour
	idempotencyDocs   = "https://docs.novu.co/additional-resources/idempotency"
	idempotencyMax    = 255
)

// idempotencyCache remembers answers of POST and PATCH by organization and key, failures included.
type idempotencyCache struct {
	now     func() time.Time
	mu      sync.Mutex
	answers map[string]*remembered
}

type remembered struct {
	sum     [sha256.Size]byte
	expires time.Time
	res     *response // nil while the first request runs
}

func newIdempotencyCache(now func() time.Time) *idempotencyCache {
	return &idempotencyCache{now: now, answers: map[string]*remembered{}}
}

// replayOr runs the request, or answers from memory when its idempotency key was used before.
func (c *call) replayOr(run func() *response, raw []byte) *response {
	key := c.request.Header.Get(idempotencyHeader)
	method := c.request.Method
	if !c.server.opts.Idempotency || key == "" || c.org == nil || (method != http.MethodPost && method != http.MethodPatch) {
		return run()
	}
	if len(key) > idempotencyMax {
		return c.fail(badRequest(fmt.Sprintf(
			"idempotencyKey \"%s\" has exceeded the maximum allowed length of %d characters", key, idempotencyMax)))
	}
	cache, full := c.server.idempotency, c.org.id+"-"+key
	known, entry := cache.claim(full, sha256.Sum256(compact(raw)))
	c.header.Set(idempotencyHeader, key)
	if known {
		return c.replay(key, entry)
	}
	res := run()
	cache.keep(entry.slot, res)
	return res
}

func (c *call) fail(err error) *response { return c.server.errorResponse(c.request, c.header, err) }

// claimed is a copy of a remembered answer, safe to read without the lock.
type claimed struct {
	slot     *remembered
	sameBody bool
	res      *response
}

func (i *idempotencyCache) claim(key string, sum [sha256.Size]byte) (known bool, c claimed) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.now()
	if m := i.answers[key]; m != nil && now.Before(m.expires) {
		return true, claimed{slot: m, sameBody: m.sum == sum, res: m.res}
	}
	m := &remembered{sum: sum, expires: now.Add(idempotencyTTL)}
	i.answers[key] = m
	return false, claimed{slot: m}
}

func (i *idempotencyCache) keep(m *remembered, res *response) {
	i.mu.Lock()
	defer i.mu.Unlock()
	m.res = res
}

func (c *call) replay(key string, entry claimed) *response {
	if entry.res == nil {
		c.header.Set("Retry-After", "1")
		c.header.Set("Link", idempotencyDocs)
		return c.fail(conflict(fmt.Sprintf(
			"Request with key \"%s\" is currently being processed. Please retry after 1 second", key)))
	}
	if !entry.sameBody {
		c.header.Set("Link", idempotencyDocs)
		return c.fail(httpError(http.StatusUnprocessableEntity, fmt.Sprintf(
			"Request with key \"%s\" is being reused for a different body", key)))
	}
	c.header.Set("Idempotency-Replay", "true")
	if entry.res.status < http.StatusBadRequest {
		c.header.Set("Content-Type", entry.res.header.Get("Content-Type"))
		return &response{status: entry.res.status, header: c.header, body: entry.res.body}
	}
	// What the cache keeps of a failure is no exception any more when it comes back, and ends as this one.
	return c.fail(contextError(http.StatusServiceUnavailable, "Service Unavailable",
		object{"statusCode": http.StatusServiceUnavailable}))
}

// compact takes the spaces out of a JSON body: bodies are compared as they are understood.
func compact(raw []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return nil
	}
	return b.Bytes()
}
