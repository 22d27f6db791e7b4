// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package lint knows what Novu (version 3.15) accepts in workflows and layouts and what it complains about: control values by
// type of step, Liquid templates and the variables they may name, skip conditions in JSON Logic, cron expressions, JSON schemas
// of payloads, and the limits of a tier.
//
// It works on plain JSON values, without a server, a cluster or a network, so that a command line, an admission check and the
// test server of Novu share one set of rules. Messages are Novu's own words where Novu has words for a problem.
package lint
