// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package chart renders and installs the operator with the real helm and kustomize, and speaks to a cluster as the
// ServiceAccount that they set up. Its tests hold the chart and config/default to the same result.
package chart
