// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package adapter says, for each kind that the engine drives, what its counterpart in Novu is and how it is read and
// written.
package adapter
