// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package apivalidation tests what a real API server makes of the CRDs: what it refuses and in which words, what it
// accepts, stores, lists and prints.
package apivalidation
