// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package source is where objects are found: in the cache of the operator, on an API server that has no indexes, or in
// manifests, without any cluster. Whatever selects objects takes a Source, so that a command-line tool selects what the
// operator does.
package source
