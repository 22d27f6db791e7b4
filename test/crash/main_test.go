// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package crash_test

import (
	"testing"

	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }
