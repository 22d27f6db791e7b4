// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package crash holds the sweeps over every call that the operator makes: it is killed at each of them, before and after
// the call took effect, and each of them goes wrong in every known way. What Novu and the cluster hold in the end must be
// what an undisturbed run leaves behind.
//
// TestKilled and TestFaulty run every point as a test of its own, so that one can be repeated alone:
//
//	go test ./test/crash -run 'TestKilled/step_added/novu/3/after'
package crash
