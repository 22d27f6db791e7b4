// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package history keeps what every Promotion brings to its target, and what the target held before, so that one can go
// back, repair, correct drift and promote older revisions, even when the source, the Promotion or the operator that wrote
// it are gone.
//
// # Storage
//
// A record is made of apps/v1 ControllerRevisions in the namespace of the target Environment. They have no owner: the Promotion
// may be deleted long before, and the Environment may be deleted and created again. It finds them by its [Identity]. They go
// with [Store.Trim] or with their namespace. A record consists of documents: "record" holds the entries, "s1",
// "s2", … each replace one entry whose target changed before it was written, and "done" lists at the end the items that
// the target then held as planned. A document is JSON, compressed, and cut into pieces, one for each object:
//
//	novu-record-<identity of the target>-<number>-<the Promotion's UID>-<document>-<piece>
//
// The API server does not let anybody change their data. Piece 0 is written last and deleted first: a document exists when
// its piece 0 does. What else an operator left behind that was killed is replaced, or removed by [Store.Trim].
//
// Records are read from the API server when they are needed, and never cached.
//
// # Secrets
//
// A [Definition] is a workflow or a layout. Those have no fields for secrets: credentials belong to integrations, which
// are never promoted.
package history

// +kubebuilder:rbac:groups=apps,resources=controllerrevisions,verbs=get;list;create;delete
