// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package novutest is an in-memory server that answers like Novu's HTTP API (community edition), of the release that is asked for.
//
// It keeps the behaviour that a client has to cope with, including the unpleasant parts: a taken workflowId is
// suffixed instead of refused, steps are matched by _id only, a workflow that names a missing layout is left half
// made, bad controls are accepted and reported as issues, any key lists every environment's key. The package's
// replay test holds recorded answers of a real server against it.
//
// Every error that a network or a busy server can produce is injected with Fault.
package novutest
