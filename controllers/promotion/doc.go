// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package promotion is the controller that carries out Promotions. It is put together from parts, each of which holds only
// what it needs and can be tried without a manager: resolver, line, planner, gatekeeper, executor and finisher, in the order in
// which a Promotion comes to them. What a promotion is, and how it is carried out in Novu, is in internal/promotion.
package promotion
