// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package memory tests how much memory the operator takes while Novu servers send it more than it can hold.
package memory
