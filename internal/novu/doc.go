// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package novu is a typed client of Novu's HTTP API: workflows, layouts,
// integrations and environments, as an operator needs them.
//
// It knows nothing of Kubernetes. Every request of one Novu environment goes
// through that environment's [Budget], which keeps below the rate limit that
// Novu announces, holds everyone back after a 429 and stops calling when the key
// or the connection is broken. Nothing is retried behind the caller's back, and no
// error text contains the secret key or a credential.
package novu
