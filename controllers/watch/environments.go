// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import "time"

// Soon gathers the objects that let go of an Environment together, which may itself wait for the last of them.
const Soon = time.Second
