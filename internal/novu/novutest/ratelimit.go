// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	rateWindow = 5 * time.Second
	rateBurst  = 1.1 // the bucket holds ten percent more than a window's worth
)

// perSecond are the free tier's maxima.
var perSecond = map[string]int{trigger: 60, configuration: 20, global: 30}

// rateLimiter has one token bucket for each environment and category. Tokens come back late: only when a request
// finds too few, and then linearly since the last time that happened.
type rateLimiter struct {
	now     func() time.Time
	max     map[string]int
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	tokens     float64
	lastRefill float64 // Unix milliseconds
	touched    time.Time
	blocked    float64 // until then requests are refused without looking
}

// newRateLimiter is nil when limits are off.
func newRateLimiter(o Options) *rateLimiter {
	if !o.RateLimits {
		return nil
	}
	l := &rateLimiter{now: o.Now, max: map[string]int{}, buckets: map[string]*bucket{}}
	for category, n := range perSecond {
		l.max[category] = n
		if o.RateLimitPerSecond > 0 {
			l.max[category] = o.RateLimitPerSecond
		}
	}
	return l
}

// takeToken applies the rate limit and sets its headers. User sessions are not limited.
func (c *call) takeToken() error {
	l := c.server.limits
	if l == nil || !c.apiKey {
		return nil
	}
	category := c.route.category
	limit := l.max[category] * int(rateWindow/time.Second)
	ok, remaining, seconds := l.take(c.env.id, category, limit)
	h := c.header
	h.Set("RateLimit-Remaining", strconv.Itoa(remaining))
	h.Set("RateLimit-Limit", strconv.Itoa(limit))
	h.Set("RateLimit-Reset", strconv.Itoa(seconds))
	h.Set("RateLimit-Policy", fmt.Sprintf(`%d;w=%d;burst=%d;comment="token bucket";category=%q;cost="single";serviceLevel=%q`,
		limit, int(rateWindow/time.Second), capacity(limit), category, c.serviceLevel()))
	if ok {
		return nil
	}
	h.Set("Retry-After", strconv.Itoa(seconds))
	return contextError(http.StatusTooManyRequests, "API rate limit exceeded", object{})
}

func (c *call) serviceLevel() string {
	if c.server.opts.PaidTier {
		return "business"
	}
	return "free"
}

func capacity(limit int) int { return int(math.Floor(float64(limit) * rateBurst)) }

// take removes one token. seconds is the time until the next request can succeed, rounded up; it can be 0.
func (l *rateLimiter) take(env, category string, limit int) (ok bool, remaining, seconds int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	moment := l.now()
	now := float64(moment.UnixMilli())
	fill := float64(rateWindow.Milliseconds()) / float64(limit) // milliseconds for one token
	b := l.buckets[env+"/"+category]
	if b != nil && now < b.blocked {
		return false, 0, secondsUntil(b.blocked, now)
	}
	if b == nil || moment.Sub(b.touched) > 2*rateWindow {
		b = &bucket{tokens: float64(capacity(limit)), lastRefill: now, touched: moment}
		l.buckets[env+"/"+category] = b
	}
	left, wait := b.spend(now, fill, float64(capacity(limit)))
	if left >= 0 {
		b.tokens = left
	}
	end := b.lastRefill + wait*fill
	if left < 0 {
		b.blocked = end
	} else {
		b.touched = moment
	}
	return left >= 0, int(max(left, 0)), secondsUntil(end, now)
}

// spend takes one token, after a refill if there is none. left is negative when there is still none; wait is the
// number of tokens that must come back before the next request.
func (b *bucket) spend(now, fill, full float64) (left, wait float64) {
	if left = b.tokens - 1; left >= 0 {
		return left, waitFor(left)
	}
	add := math.Floor((now - b.lastRefill) / fill)
	if left = math.Min(full, b.tokens+add) - 1; left < 0 {
		return left, 1 - b.tokens
	}
	b.lastRefill += add * fill
	return left, waitFor(left)
}

func waitFor(left float64) float64 {
	if left < 1 {
		return 1 - left
	}
	return 1
}

func secondsUntil(end, now float64) int { return max(int(math.Ceil((end-now)/1000)), 0) }
