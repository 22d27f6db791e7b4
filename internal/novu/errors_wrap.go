// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"errors"
	"fmt"
	"net/url"
)

func (k *call) transportError(err error, maybe bool) *TransportError {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // the rest repeats method and URL, which the text has
	}
	text := k.text(err.Error(), maxMessage)
	return &TransportError{Op: k.title(), Host: k.client.host, Err: &redactedError{text: text, err: err}, MaybeCommitted: maybe}
}

func (k *call) decodeError(r *reply, err error) *DecodeError {
	e := &DecodeError{
		Op: k.title(), StatusCode: r.status, MaybeCommitted: k.writes(),
		ContentType: mediaType(r.header.Get("Content-Type")),
		Err:         &redactedError{text: k.text(err.Error(), maxText), err: err},
	}
	// JSON may hold other environments' keys, also when it is broken.
	if !k.private && !looksLikeJSON(r.body) {
		e.Snippet = k.text(string(r.body[:min(len(r.body), errorBodyLimit)]), maxSnippet)
	}
	return e
}

// refused gives errors of the budget the call's name.
func (k *call) refused(err error) error {
	switch e := err.(type) { //nolint:errorlint // made by the budget, never wrapped
	case *ThrottledError:
		e.Op = k.title()
	case *CircuitOpenError:
		e.Op = k.title()
	default:
		return fmt.Errorf("%s: %w", k.title(), err)
	}
	return err
}

// redactedError shows a redacted text and still answers errors.Is and errors.As.
// It does not unwrap: whoever walks the chain would print the original.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return errors.Is(e.err, target) }
func (e *redactedError) As(target any) bool   { return errors.As(e.err, target) }
