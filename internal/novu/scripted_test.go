// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// scripted is a transport that gives prepared answers in order; the last one
// repeats.
type scripted struct {
	t  *testing.T
	mu sync.Mutex

	answers  []answerFunc
	requests []*http.Request
	bodies   []string
}

type answerFunc func(*http.Request) (*http.Response, error)

func newScripted(t *testing.T, answers ...answerFunc) *scripted {
	return &scripted{t: t, answers: answers}
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	body := ""
	if r.Body != nil {
		read, _ := io.ReadAll(r.Body)
		body = string(read)
	}
	s.bodies = append(s.bodies, body)
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	return next(r)
}

func (s *scripted) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// response builds an answer from "Name: value" headers.
func response(status int, body io.Reader, headers ...string) answerFunc {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{}
		for _, line := range headers {
			name, value, _ := strings.Cut(line, ": ")
			h.Add(name, value)
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(body), Request: r}, nil
	}
}

func answerJSON(status int, body string, headers ...string) answerFunc {
	return func(r *http.Request) (*http.Response, error) {
		return response(status, strings.NewReader(body), append(headers, "Content-Type: application/json; charset=utf-8")...)(r)
	}
}

func answer429(retryAfter string) answerFunc {
	return answerJSON(429, `{"statusCode":429,"message":"API rate limit exceeded","ctx":{}}`, "Retry-After: "+retryAfter)
}

func answerError(err error) answerFunc {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

const workflowJSON = `{"data":{"_id":"65f0c0ffee0000000000dead","workflowId":"w"}}`
