// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"errors"
	"time"
)

// underway ends a reconcile of which the next one follows by itself, at once or after a while.
type underway struct {
	message string
	after   time.Duration
}

func (u *underway) Error() string { return u.message }

// errPlanned ends a dry run.
var errPlanned = errors.New("planned")

// ended ends a Promotion before it is done.
type ended struct{ reason, message string }

func (e *ended) Error() string { return e.message }
