// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package requeue is when objects are reconciled: what wakes them and with which priority, which of them have to wait for the
// cache, and after how long they are tried again. It is the part of the toolkit of package reconcile that needs the machinery of
// controller-runtime.
package requeue
