// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package deletion tests what happens in Novu and in the cluster when objects, Environments, Secrets and namespaces go, in
// whatever order, on a control plane that really deletes namespaces.
package deletion
