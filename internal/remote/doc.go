// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package remote is the only code that writes workflows, layouts and integrations to Novu. Its rules are those that
// writing teaches:
//
//   - An update comes first; only when Novu answers that the object does not exist is it created. A second POST of a
//     workflowID makes a duplicate.
//   - What Novu stores under another id than it was asked for is a stray and deleted at once.
//   - A layout is created without its content, which a second request writes.
//   - A creation that was sent comes to its end even if the operator shuts down. One whose answer was lost is given time
//     before anything is written again, and what comes of it late is found by [Late].
//   - What was written, deleted, or may have been written is noted in the snapshot of the environment at once.
package remote
