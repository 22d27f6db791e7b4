// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"cmp"
	"context"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
)

// Kind is how objects of one kind are read from and written to Novu. H is the object as Novu returns it, W the definition
// as Novu is sent it.
type Kind[H, W any] struct {
	// Resource is the list that the objects appear in.
	Resource connection.Resource
	// Entry is what the snapshot of the environment holds about an object.
	Entry func(*H) connection.Entry
	// Facts of what Novu holds. They take a hash of all of it: ask for them once.
	Facts func(*H) Facts
	// Promoted reports whether promotion targets get the objects from Promotions alone.
	Promoted bool
	// ByInternalID reports whether Novu addresses the objects by its own id alone.
	ByInternalID bool

	// Requests that read and write the objects.
	Requests Requests[H, W]

	missing novu.Resource // what a 404 names when the object itself does not exist
	// key is the identifier that the snapshot knows an object by; nil: the one that was asked for.
	key func(*H) string
	// storedAs is the identifier under which Novu stored the object; nil if it is always the one that was asked for.
	storedAs func(*H) string
	// uncertain is what to remember of a creation whose answer was lost; nil: Novu makes no duplicates.
	uncertain func(conn *connection.Connection, want *W, began time.Time) *v1alpha1.UncertainCreation
}

// Requests are what Novu offers for objects of one kind. An error of an object that does not exist is one of which
// [Kind.Absent] is true.
type Requests[H, W any] struct {
	// Get reads one object; nil if Novu offers no such request.
	Get    func(ctx context.Context, c *novu.Client, ref Ref) (*H, error)
	Update func(ctx context.Context, c *novu.Client, ref Ref, want *W) (*H, error)
	Create func(ctx context.Context, conn *connection.Connection, want *W) (*H, error)
	Delete func(ctx context.Context, c *novu.Client, ref Ref) error
}

// Ref names one object in Novu.
type Ref struct {
	// ID is the identifier that users choose.
	ID string
	// Internal is Novu's own id; empty if it is not known.
	Internal string
}

// Facts are what is remembered of an object in Novu.
type Facts struct {
	ID        string
	UpdatedAt string
	UpdatedBy string
	// Hash of everything that a definition can express. It changes when, and only when, one of these values was changed.
	Hash string
	// CodeFirst reports whether the object belongs to application code.
	CodeFirst bool
	// Errors and Issues report whether Novu, as of the last write, found errors in the object, and anything at all.
	Errors, Issues bool
}

// newFacts are those of an object of which the snapshot holds that entry.
func newFacts(hash string, entry connection.Entry) Facts {
	return Facts{ID: entry.ID, UpdatedAt: entry.UpdatedAt, UpdatedBy: entry.UpdatedBy, Hash: hash}
}

// Workflows are written by their workflowID. Novu never refuses one that is taken.
var Workflows = &Kind[novu.Workflow, novu.WorkflowRequest]{
	Resource: connection.Workflows,
	Entry:    workflowEntry,
	Facts:    workflowFacts,
	Promoted: true,
	Requests: Requests[novu.Workflow, novu.WorkflowRequest]{
		Get: func(ctx context.Context, c *novu.Client, ref Ref) (*novu.Workflow, error) {
			return c.GetWorkflow(ctx, ref.ID)
		},
		Update: func(ctx context.Context, c *novu.Client, ref Ref, want *novu.WorkflowRequest) (*novu.Workflow, error) {
			return c.UpdateWorkflow(ctx, ref.ID, want)
		},
		Create: func(ctx context.Context, conn *connection.Connection, want *novu.WorkflowRequest) (*novu.Workflow, error) {
			return conn.Client.CreateWorkflow(ctx, want)
		},
		Delete: func(ctx context.Context, c *novu.Client, ref Ref) error {
			return c.DeleteWorkflow(ctx, cmp.Or(ref.Internal, ref.ID))
		},
	},
	missing:   novu.ResourceWorkflow,
	storedAs:  func(w *novu.Workflow) string { return w.WorkflowID },
	uncertain: uncertainWorkflow,
}

func workflowEntry(have *novu.Workflow) connection.Entry {
	return connection.Entry{
		ID: have.ID, UpdatedAt: have.UpdatedAt, UpdatedBy: connection.Author(have.UpdatedBy), Faulty: have.Status == novu.StatusError,
	}
}

func workflowFacts(have *novu.Workflow) Facts {
	facts := newFacts(definition.WorkflowFingerprint(have), workflowEntry(have))
	facts.CodeFirst = have.Origin == novu.OriginExternal
	facts.Errors, facts.Issues = definition.HasErrors(have), definition.HasIssues(have)
	return facts
}

// Layouts are written by their layoutID. Novu refuses one that is taken, and bad content.
var Layouts = &Kind[novu.Layout, novu.LayoutRequest]{
	Resource: connection.Layouts,
	Entry:    layoutEntry,
	Facts:    layoutFacts,
	Promoted: true,
	Requests: Requests[novu.Layout, novu.LayoutRequest]{
		Get: func(ctx context.Context, c *novu.Client, ref Ref) (*novu.Layout, error) {
			return c.GetLayout(ctx, ref.ID)
		},
		Update: func(ctx context.Context, c *novu.Client, ref Ref, want *novu.LayoutRequest) (*novu.Layout, error) {
			return c.UpdateLayout(ctx, ref.ID, want)
		},
		Create: createLayout,
		Delete: deleteLayout,
	},
	missing: novu.ResourceLayout,
}

func layoutEntry(have *novu.Layout) connection.Entry {
	return connection.Entry{
		ID: have.ID, UpdatedAt: have.UpdatedAt, UpdatedBy: connection.Author(have.UpdatedBy), Default: have.IsDefault,
	}
}

func layoutFacts(have *novu.Layout) Facts {
	return newFacts(definition.LayoutFingerprint(have), layoutEntry(have))
}

// createLayout makes a layout, which Novu does without its content, and then writes the content. Should that not come to
// pass, the layout is known, and must be read before it is relied on.
func createLayout(ctx context.Context, conn *connection.Connection, want *novu.LayoutRequest) (*novu.Layout, error) {
	made, err := conn.Client.CreateLayout(ctx, want)
	if err != nil {
		return nil, err
	}
	conn.Written(connection.Layouts, want.LayoutID, connection.Entry{ID: made.ID, Default: made.IsDefault})
	return conn.Client.UpdateLayout(ctx, want.LayoutID, want)
}

// deleteLayout deletes a layout. Novu refuses to delete the default one.
func deleteLayout(ctx context.Context, c *novu.Client, ref Ref) error {
	err := c.DeleteLayout(ctx, cmp.Or(ref.Internal, ref.ID))
	if novu.IsConflict(err) {
		return &DefaultLayoutError{Err: err}
	}
	return err
}

// Integrations are written by Novu's own id; there is no request that reads a single one. Novu refuses an identifier that
// is taken.
var Integrations = &Kind[novu.Integration, novu.IntegrationRequest]{
	Resource:     connection.Integrations,
	Entry:        integrationEntry,
	Facts:        integrationFacts,
	key:          func(i *novu.Integration) string { return i.Identifier },
	ByInternalID: true,
	Requests: Requests[novu.Integration, novu.IntegrationRequest]{
		Update: func(ctx context.Context, c *novu.Client, ref Ref, want *novu.IntegrationRequest) (*novu.Integration, error) {
			if ref.Internal == "" {
				return nil, ErrAbsent
			}
			return c.UpdateIntegration(ctx, ref.Internal, want)
		},
		Create: func(ctx context.Context, conn *connection.Connection, want *novu.IntegrationRequest) (*novu.Integration, error) {
			return conn.Client.CreateIntegration(ctx, want)
		},
		Delete: func(ctx context.Context, c *novu.Client, ref Ref) error {
			if ref.Internal == "" {
				return ErrAbsent
			}
			return c.DeleteIntegration(ctx, ref.Internal)
		},
	},
	missing: novu.ResourceIntegration,
}

func integrationEntry(have *novu.Integration) connection.Entry {
	return connection.Entry{ID: have.ID, UpdatedAt: have.UpdatedAt, Integration: have}
}

func integrationFacts(have *novu.Integration) Facts {
	return newFacts(definition.IntegrationFingerprint(have), integrationEntry(have))
}
