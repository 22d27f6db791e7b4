// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package promotion brings workflows and layouts from one Novu environment into another: it selects what a Promotion is
// about, plans, queues, executes the plan item by item, verifies the result, and records which revision is live where.
//
// Nothing but a Promotion's status tells how far it has come. An item that status calls pending may have been written
// all the same by an operator that was killed afterwards; therefore no item is written before what the target holds is
// known, and one that the target already holds is done.
package promotion
