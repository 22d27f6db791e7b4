// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package definition maps the objects of the API to Novu's forms and back, and
// says in what the two differ. Its functions are pure: no input, no output, no clock.
//
// A definition passes through three forms. The object's spec becomes a request
// ([Workflow], [Layout], [Integration]); Novu's answer is compared with the request
// ([CompareWorkflow] and its siblings); what Novu holds is remembered as a short
// fingerprint ([WorkflowFingerprint] and its siblings), so that a later answer can be
// told from the last one without keeping it.
//
// JSON that users write is passed on as they wrote it. It is compared by value:
// the order of keys and the spelling of numbers do not matter.
package definition
