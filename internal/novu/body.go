// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
)

// drainLimit is how much of an unwanted rest is read to keep the connection.
const drainLimit = 64 << 10

// envelope is Novu's wrapper around a result. Objects of Novu carry `_id`, so an
// object with one is the result itself.
type envelope struct {
	ID   borrowed `json:"_id"`
	Data borrowed `json:"data"`
}

// unwrap returns the result inside {"data": …}, or the body if it is not wrapped.
func unwrap(body []byte) ([]byte, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil, errors.New("the answer is empty")
	}
	if body[0] != '{' {
		return body, nil
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, err
	}
	if e.Data != nil && e.ID == nil {
		return e.Data, nil
	}
	return body, nil
}

// decode fills out from a 2xx body. Unknown members are ignored; a body that is
// valid JSON but not the expected thing is an error all the same, because an
// empty list or object would read as "everything is gone".
func decode(body []byte, out answer) error {
	if out, ok := out.(streamed); ok {
		return out.decode(&arriving{from: bytes.NewReader(body), most: int64(len(body))})
	}
	if err := checkDepth(body); err != nil {
		return err
	}
	inner, err := unwrap(body)
	if err != nil {
		return err
	}
	if isNull(inner) {
		return errors.New("the answer holds no result")
	}
	if err := json.Unmarshal(inner, out); err != nil {
		return plainJSONError(err)
	}
	return out.complete()
}

// plainJSONError drops the value that encoding/json quotes in some errors.
func plainJSONError(err error) error {
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("member %q is not of type %s", mismatch.Field, mismatch.Type)
	}
	return err
}

func isNull(raw json.RawMessage) bool {
	return bytes.Equal(bytes.TrimSpace(raw), []byte("null"))
}

// orNil turns an explicit null into an absent value.
func orNil(raw json.RawMessage) json.RawMessage {
	if isNull(raw) {
		return nil
	}
	return raw
}

// looksLikeJSON tells an answer of Novu from a page of something in between.
func looksLikeJSON(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

// mediaType is the content type without parameters, "" if there is none.
func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return t
}
