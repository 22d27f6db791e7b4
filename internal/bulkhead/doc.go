// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package bulkhead lets reconciles wait for Novu without occupying the workers that all Environments share.
//
// A reconcile that begins to wait for Novu is taken off its worker and goes on by itself; its key stays locked in the work
// queue until it ends. What it does besides waiting needs a turn, of which there are as many as workers, so that a
// thousand answers that come together do not flood the API server. Only so many reconciles of one Environment are under
// way at a time. What finds no place is parked, and put back into the queue when there is one.
package bulkhead
