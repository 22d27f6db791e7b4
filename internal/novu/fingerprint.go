// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"sync"
)

// Fingerprints stand for the credentials that Novu returned, by name: enough to
// notice a change, useless to anybody who gets hold of them. They hold for this
// process only.
type Fingerprints map[string]Fingerprint

// Fingerprint is a keyed hash of one value.
type Fingerprint [sha256.Size]byte

var fingerprintKey = sync.OnceValue(func() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return key
})

// UnmarshalJSON hashes the values; they are not kept.
func (f *Fingerprints) UnmarshalJSON(data []byte) error {
	*f = nil
	var values map[string]json.RawMessage
	if err := decodeFew(data, "credentials", maxCredentials, &values); IsTooLarge(err) {
		return err // any other error: not an object, this version shows nothing
	}
	for name, raw := range values {
		if *f == nil {
			*f = Fingerprints{}
		}
		(*f)[name] = fingerprint(raw)
	}
	return nil
}

// Match reports whether Novu holds exactly these credentials. Known is false if
// Novu shows no credentials, which newer versions never do.
func (f Fingerprints) Match(want map[string]any) (match, known bool) {
	if len(f) == 0 {
		return false, false
	}
	if len(f) != len(want) {
		return false, true
	}
	for name, value := range want {
		raw, err := json.Marshal(value)
		if have, ok := f[name]; err != nil || !ok || have != fingerprint(raw) {
			return false, true
		}
	}
	return true, true
}

// fingerprint hashes the value's canonical JSON: key order, spaces and escapes do
// not matter.
func fingerprint(raw json.RawMessage) Fingerprint {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) == nil {
		if canonical, err := json.Marshal(v); err == nil {
			raw = canonical
		}
	}
	mac := hmac.New(sha256.New, fingerprintKey())
	mac.Write(raw)
	return Fingerprint(mac.Sum(nil))
}
