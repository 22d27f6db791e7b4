// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package leader tests that of several operators one works at a time, and how the next one takes over.
package leader
