package novu

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// judge turns a complete answer into the call's result: nil with k.out filled, or
// a typed error.
func (k *call) judge(r *reply) error {
	switch {
	case r.status == http.StatusTooManyRequests:
		return &ThrottledError{Op: k.title(), Category: k.category, Until: k.client.budget.now().Add(retryAfter(r.header, k.client.budget.now()))}
	case r.status >= 300:
		return k.statusError(r)
	case r.truncated != nil:
		return k.incomplete(r)
	case k.out != nil:
		return k.decodeAnswer(r)
	case len(r.body) > 0 && !looksLikeJSON(r.body):
		// Something in between answered; the write may not have reached Novu.
		return k.decodeError(r, errors.New("the answer is not JSON"))
	}
	return nil
}

func (k *call) decodeAnswer(r *reply) error {
	if err := decode(r.body, k.out); err != nil {
		return k.decodeError(r, err)
	}
	return nil
}

// incomplete judges a 2xx whose body broke off: cut short is a broken answer, any
// other failure a broken connection.
func (k *call) incomplete(r *reply) error {
	var tooLarge *tooLargeError
	if errors.As(r.truncated, &tooLarge) || errors.Is(r.truncated, io.ErrUnexpectedEOF) {
		return k.decodeError(r, r.truncated)
	}
	return k.transportError(r.truncated, k.writes())
}

// retryAfter reads the header as seconds or a date. Novu was seen to send 0 while
// still refusing, so the least is a second; the most is an hour, because a
// mistaken header must not stop an environment for good.
func retryAfter(h http.Header, now time.Time) time.Duration {
	const least, most = time.Second, time.Hour
	return min(max(parseRetryAfter(h.Get("Retry-After"), now), least), most)
}
