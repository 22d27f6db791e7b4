// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package automatic is the controller that makes Promotions into targets which follow their source. When one is needed is
// decided in internal/promotion/automatic.
package automatic
