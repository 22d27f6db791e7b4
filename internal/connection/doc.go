// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package connection keeps what the operator knows about each Novu environment while it runs: a client, the shared
// budget, and a snapshot of which workflows, layouts and integrations exist there. Nothing of it is written down: after
// a restart one list of each makes it whole again.
//
// Several Environment objects may lead to one Novu environment. They share its [Backend], so that it is looked at once
// and its rate limit is counted once.
package connection
