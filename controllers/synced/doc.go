// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package synced holds the controllers of the kinds that the engine of internal/sync drives: Workflows, Layouts and Integrations.
package synced
