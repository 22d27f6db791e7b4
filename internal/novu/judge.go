// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

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
	if _, ok := k.out.(streamed); !ok {
		r.invalid = decode(r.body, k.out)
	}
	if r.invalid != nil {
		return k.decodeError(r, r.invalid)
	}
	if out, ok := k.out.(worded); ok {
		shown := map[string]string{} // a few people have changed most of a list
		out.reword(func(s string) string {
			if _, known := shown[s]; !known {
				shown[s] = k.text(s, maxMessage)
			}
			return shown[s]
		})
	}
	return nil
}

// worded is an answer with texts for people, which are shown as they are and could
// quote a secret as well as an error could. Content and identifiers are not among
// them: they are compared and sent back.
type worded interface {
	reword(clean func(string) string)
}

func (w *Workflow) reword(clean func(string) string) {
	w.UpdatedBy.reword(clean)
	w.Issues.reword(clean)
	for i := range w.Steps {
		w.Steps[i].Issues.Controls.reword(clean)
		w.Steps[i].Issues.Integration.reword(clean)
	}
}

func (l *Layout) reword(clean func(string) string) { l.UpdatedBy.reword(clean) }

func (w *WorkflowSummary) reword(clean func(string) string) { w.UpdatedBy.reword(clean) }

func (e *Environment) reword(clean func(string) string) { e.Name = clean(e.Name) }

func (u *User) reword(clean func(string) string) {
	for _, name := range []*string{&u.FirstName, &u.LastName} {
		if *name != "" {
			*name = clean(*name)
		}
	}
}

func (i Issues) reword(clean func(string) string) {
	for _, list := range i {
		for at := range list {
			list[at].Message, list[at].VariableName = clean(list[at].Message), clean(list[at].VariableName)
		}
	}
}

// incomplete judges a 2xx whose body broke off: cut short is a broken answer, any
// other failure a broken connection.
func (k *call) incomplete(r *reply) error {
	if IsTooLarge(r.truncated) || errors.Is(r.truncated, io.ErrUnexpectedEOF) {
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
