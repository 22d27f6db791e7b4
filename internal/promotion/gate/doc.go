// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gate decides whether a Promotion may begin: whether what the target Environment asks for holds, and whether its
// plan has the approvals that it needs. What the decision depends on is gathered once; the decision is a pure function of it.
package gate
