// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reconcile is the toolkit that every controller shares: it reads what a spec refers to, and turns the outcome of
// a reconcile into conditions, the single status write and the time of the next try.
//
// A reconcile runs phases in order; the first one that does not go through ends it with an error whose type says what
// happens next ([Waiting], [Stalled], [Transient]).
package reconcile
