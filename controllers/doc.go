// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package controllers wires the kinds to the API server: one thin reconciler each, with its watches. Those of Promotions are in
// packages of their own. What they do is in the internal packages.
package controllers
