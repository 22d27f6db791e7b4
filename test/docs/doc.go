// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package docs finds the YAML that readers are going to copy: the samples, and the code blocks of the documentation. Its
// tests let a real API server judge each piece.
//
// In documentation the info string of a code block says what the block is:
//
//	```yaml                   manifests, applied as a dry run with strict validation
//	```yaml values            values of the Helm chart, rendered with it
//	```yaml skip: the reason  neither, for the reason given
package docs
