// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package environment holds the controller of Environments: it connects them to Novu, polls what Novu holds, wakes the objects
// concerned, and lets an Environment go when nothing needs it any more.
package environment
