// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"strings"
	"sync/atomic"
	"time"
)

const (
	lowerAlnum = "0123456789abcdefghijklmnopqrstuvwxyz"
	urlSafe    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
)

// idSource makes MongoDB object ids: 4 bytes of time, 5 random bytes, a 3-byte counter.
type idSource struct {
	now     func() time.Time
	process [5]byte
	counter atomic.Uint32
}

func newIDSource(now func() time.Time) *idSource {
	s := &idSource{now: now}
	_, _ = rand.Read(s.process[:]) // crypto/rand never fails
	var start [3]byte
	_, _ = rand.Read(start[:])
	s.counter.Store(uint32(start[0])<<8 | uint32(start[1]))
	return s
}

// object is a new 24-digit hex id; later ids sort after earlier ones of the same process.
func (s *idSource) object() string {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:4], uint32(s.now().Unix()))
	copy(b[4:9], s.process[:])
	n := s.counter.Add(1)
	b[9], b[10], b[11] = byte(n>>16), byte(n>>8), byte(n)
	return hex.EncodeToString(b[:])
}

// random is a string of n characters of the alphabet.
func random(n int, alphabet string) string {
	out := make([]byte, n)
	for i := range out {
		k, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet)))) // crypto/rand never fails
		out[i] = alphabet[k.Int64()]
	}
	return string(out)
}

// shortID is the suffix that Novu appends to an id that is taken.
func shortID() string { return random(8, lowerAlnum) }

// isObjectID tells whether s has the form of a MongoDB object id: 24 lower-case hex digits.
func isObjectID(s string) bool { return len(s) == 24 && strings.Trim(s, "0123456789abcdef") == "" }

// isMongoID is the looser test of request validation, which allows capitals.
func isMongoID(s string) bool { return isObjectID(strings.ToLower(s)) }
