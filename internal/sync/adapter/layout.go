package adapter

import (
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/sync"
)

// Layout is the engine's view of layouts.
type Layout struct{}

var _ sync.Adapter[*v1alpha1.Layout, *novu.LayoutRequest, novu.Layout] = Layout{}

type layoutScope = sync.Scope[*v1alpha1.Layout]

// Resource is the list of layouts.
func (Layout) Resource() connection.Resource { return connection.Layouts }

// ReadOnlyTargets is true: a promotion target gets its layouts from Promotions alone.
func (Layout) ReadOnlyTargets() bool { return true }

// Want reads the body and makes the definition.
func (Layout) Want(ctx context.Context, s *layoutScope) (*novu.LayoutRequest, error) {
	d, _, err := s.Resolve(ctx)
	return d.Layout, err
}

// Revision of the definition; a layout has no secrets.
func (Layout) Revision(_ *layoutScope, want *novu.LayoutRequest) (revision, secrets string) {
	return definition.Revision(want), ""
}

// Find looks the layout up by its layoutID.
func (Layout) Find(s *layoutScope) (connection.Entry, bool) {
	return s.Conn.Lookup(connection.Layouts, s.ID())
}

// Observe reads the layout.
func (l Layout) Observe(ctx context.Context, s *layoutScope) (*novu.Layout, error) {
	have, err := s.Conn.Client.GetLayout(ctx, s.ID())
	if l.Absent(err) {
		return nil, nil
	}
	return have, err
}

// Create makes the layout, which Novu does without its content, and then writes the content.
func (l Layout) Create(ctx context.Context, s *layoutScope, want *novu.LayoutRequest) (*novu.Layout, error) {
	if err := mayBeFirst(ctx, s); err != nil {
		return nil, err
	}
	made, err := s.Conn.Client.CreateLayout(ctx, want)
	if err != nil {
		if novu.IsConflict(err) {
			s.Conn.Doubt(connection.Layouts, s.ID()) // somebody was faster: observe it
		}
		return nil, err
	}
	s.Conn.Written(connection.Layouts, s.ID(), connection.Entry{ID: made.ID, Default: made.IsDefault})
	return s.Conn.Client.UpdateLayout(ctx, s.ID(), want)
}

// Update writes the layout.
func (Layout) Update(ctx context.Context, s *layoutScope, want *novu.LayoutRequest, _ *novu.Layout) (*novu.Layout, error) {
	return s.Conn.Client.UpdateLayout(ctx, s.ID(), want)
}

// Delete removes the layout unless it is in use. Novu refuses to delete the default layout.
func (l Layout) Delete(ctx context.Context, s *layoutScope) error {
	if err := unused(ctx, s); err != nil {
		return err
	}
	err := s.Conn.Client.DeleteLayout(ctx, s.ID())
	switch {
	case l.Absent(err):
		return nil
	case novu.IsConflict(err):
		return &reconcile.Stalled{
			Reason: v1alpha1.ReasonRejected, Retry: true, Err: err,
			Message: definition.Refusal(err) + "; Novu has no way to make another layout the default one: set deletionPolicy to Retain",
		}
	}
	return err
}

// Sweep has nothing to do: Novu refuses a layoutID that is taken.
func (Layout) Sweep(context.Context, *layoutScope) error { return nil }

// Absent says that there is no such layout.
func (Layout) Absent(err error) bool { return novu.IsNotFound(err, novu.ResourceLayout) }

// Compare lists the differences.
func (Layout) Compare(_ *layoutScope, want *novu.LayoutRequest, have *novu.Layout) []v1alpha1.Difference {
	return definition.CompareLayout(want, have)
}

// Facts of the layout.
func (Layout) Facts(have *novu.Layout) sync.Facts {
	by := connection.Author(have.UpdatedBy)
	return sync.Facts{
		ID: have.ID, UpdatedAt: have.UpdatedAt, UpdatedBy: by,
		Hash:  definition.LayoutFingerprint(have),
		Entry: connection.Entry{ID: have.ID, UpdatedAt: have.UpdatedAt, UpdatedBy: by, Default: have.IsDefault},
	}
}

// Faults are none: Novu refuses a bad layout.
func (Layout) Faults(*novu.Layout) (errors, anything bool) { return false, false }

// Record keeps the layoutID and whether it is the default.
func (Layout) Record(s *layoutScope, have *novu.Layout) {
	s.Object.Status.LayoutID = have.LayoutID
	s.Object.Status.IsDefault = have.IsDefault
	s.Object.Status.Ignored = definition.Ignored(s.Object.Spec.IsTranslationEnabled, have.IsTranslationEnabled)
}

// Complaints are about what Novu ignores. It has none itself about a stored layout: it refuses a bad one.
func (Layout) Complaints(o *v1alpha1.Layout) (errors, warnings string) {
	return "", definition.IgnoredAdvice(o.Status.Ignored)
}
