// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sync drives one Kubernetes object towards its counterpart in Novu. Workflow, Layout and Integration share it,
// each through an [Adapter].
//
// A reconcile resolves what spec refers to, compares it with what Novu is known to hold, writes at most what differs, and
// ends in one place, finish, which reports the outcome.
package sync
