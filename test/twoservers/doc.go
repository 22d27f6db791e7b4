// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package twoservers promotes between two Novu installations, and between two organizations of one, that have nothing in
// common. The manifests are those of the how-to page about it.
package twoservers
