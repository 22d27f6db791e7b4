// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

// For tests of the store, which are in a package of their own because they start an API server.
var (
	Entries = entries
	Lines   = lines
	GoBack  = goBack
)

// Text and Frame make definitions; Says is what one says.
var (
	Text = text
	Says = says
)

// PieceSize and MostItems are bounds.
const (
	PieceSize = pieceSize
	MostItems = mostItems
)
