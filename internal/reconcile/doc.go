// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reconcile is the toolkit that every controller shares: it reads what a spec refers to, and turns the outcome of
// a reconcile into conditions and the single status write.
//
// A reconcile runs phases in order; the first one that does not go through ends it with an error. That is an [Outcome], or
// the error of a package below, and [OutcomeOf] tells at the end what it means: [Judge] makes conditions of it, and package
// requeue the time of the next try.
package reconcile
