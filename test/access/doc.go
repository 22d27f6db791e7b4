// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package access lets people, impersonated on a real API server that has the operator's admission policies, try what they
// may and what they may not. Plain RBAC lets them all write every object, so that a refusal is one of the policies.
package access
