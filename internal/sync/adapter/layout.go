// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/sync"
)

// Layout is the engine's view of layouts.
type Layout struct{}

var _ sync.Adapter[*v1alpha1.Layout, novu.LayoutRequest, novu.Layout] = Layout{}

type layoutScope = sync.Scope[*v1alpha1.Layout]

// Want reads the body and makes the definition.
func (Layout) Want(ctx context.Context, s *layoutScope) (*novu.LayoutRequest, error) {
	d, _, err := s.Resolve(ctx)
	return d.Layout, err
}

// Revision of the definition; a layout has no secrets.
func (Layout) Revision(_ *layoutScope, want *novu.LayoutRequest) (revision, secrets string) {
	return definition.Revision(want), ""
}

// Kind is that of layouts.
func (Layout) Kind() *remote.Kind[novu.Layout, novu.LayoutRequest] { return remote.Layouts }

// Find looks the layout up by its layoutID.
func (Layout) Find(s *layoutScope) (connection.Entry, bool) {
	return s.Conn.Lookup(connection.Layouts, s.ID())
}

// Observe reads the layout.
func (Layout) Observe(ctx context.Context, s *layoutScope) (*novu.Layout, error) {
	return remote.Layouts.Read(ctx, s.Conn, remote.Ref{ID: s.ID()})
}

// Write is the whole definition.
func (Layout) Write(s *layoutScope, want *novu.LayoutRequest, _ *novu.Layout) *remote.Write[novu.LayoutRequest] {
	return &remote.Write[novu.LayoutRequest]{Ref: remote.Ref{ID: s.ID()}, Want: want}
}

// Compare lists the differences.
func (Layout) Compare(_ *layoutScope, want *novu.LayoutRequest, have *novu.Layout) []v1alpha1.Difference {
	return definition.CompareLayout(want, have)
}

// Record keeps the layoutID and whether it is the default.
func (Layout) Record(s *layoutScope, have *novu.Layout) {
	s.Object.Status.LayoutID = have.LayoutID
	s.Object.Status.Default = &have.IsDefault
	s.Object.Status.Ignored = definition.Ignored(s.Object.Spec.TranslationEnabled, have.IsTranslationEnabled)
}

// Complaints are about what Novu ignores. It has none itself about a stored layout: it refuses a bad one.
func (Layout) Complaints(o *v1alpha1.Layout) (errors, warnings string) {
	return "", definition.IgnoredAdvice(o.Status.Ignored)
}
