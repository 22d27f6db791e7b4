// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"net/url"
	"strconv"
)

// ListOptions selects one page. Zero values leave the choice to Novu: 50 items,
// newest first.
type ListOptions struct {
	Limit, Offset  int
	OrderBy        string // createdAt, updatedAt, name
	OrderDirection string // ASC, DESC
	Query          string // part of name or identifier
}

func (o ListOptions) values() url.Values {
	v := url.Values{}
	set := func(key, value string) {
		if value != "" && value != "0" {
			v.Set(key, value)
		}
	}
	set("limit", strconv.Itoa(o.Limit))
	set("offset", strconv.Itoa(o.Offset))
	set("orderBy", o.OrderBy)
	set("orderDirection", o.OrderDirection)
	set("query", o.Query)
	return v
}

// ListWorkflows returns one page of workflows.
func (c *Client) ListWorkflows(ctx context.Context, o ListOptions) (*WorkflowPage, error) {
	page := workflowPage()
	defer page.leave()
	if err := c.do(ctx, listWorkflows, params{query: o.values(), out: page}); err != nil {
		return nil, err
	}
	return &WorkflowPage{Workflows: page.items, TotalCount: page.total}, nil
}

// AllWorkflows returns every workflow of the environment, oldest first.
func (c *Client) AllWorkflows(ctx context.Context) ([]WorkflowSummary, error) {
	return collect(c.pageSize, func(w WorkflowSummary) string { return w.ID },
		func(o ListOptions) (*page[WorkflowSummary], error) {
			page := workflowPage()
			err := c.do(ctx, listWorkflows, params{query: o.values(), out: page})
			return page, err
		})
}

// GetWorkflow reads a workflow by its workflowId or internal id.
func (c *Client) GetWorkflow(ctx context.Context, id string) (*Workflow, error) {
	return c.workflow(ctx, getWorkflow, id, nil)
}

// CreateWorkflow makes a new workflow. Novu never refuses a taken workflowId: it
// stores the workflow under another one. Compare the result's WorkflowID with the
// requested one and delete the stray by its ID. After an error for which
// [IsMaybeCommitted] is true, or a missing layout, the workflow may exist.
func (c *Client) CreateWorkflow(ctx context.Context, r *WorkflowRequest) (*Workflow, error) {
	out := &Workflow{}
	if err := c.do(ctx, createWorkflow, params{subject: r.WorkflowID, body: r.createBody(), out: out}); err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateWorkflow replaces a workflow. It never creates one: a missing workflow is
// an error for which IsNotFound(err, ResourceWorkflow) is true.
func (c *Client) UpdateWorkflow(ctx context.Context, id string, r *WorkflowRequest) (*Workflow, error) {
	return c.workflow(ctx, updateWorkflow, id, r.updateBody())
}

// DeleteWorkflow removes a workflow from this environment alone.
func (c *Client) DeleteWorkflow(ctx context.Context, id string) error {
	escaped, err := pathID(id)
	if err != nil {
		return err
	}
	return c.do(ctx, deleteWorkflow, params{id: escaped, subject: id})
}

// SyncWorkflow copies a workflow, and the layouts it uses, from this client's
// environment to the target and returns the target's workflow. IsForbidden(err)
// means that this Novu does not allow it with an API key.
func (c *Client) SyncWorkflow(ctx context.Context, id, targetEnvironmentID string) (*Workflow, error) {
	return c.workflow(ctx, syncWorkflow, id, map[string]string{"targetEnvironmentId": targetEnvironmentID})
}

func (c *Client) workflow(ctx context.Context, e endpoint, id string, body any) (*Workflow, error) {
	escaped, err := pathID(id)
	if err != nil {
		return nil, err
	}
	out := &Workflow{}
	if err := c.do(ctx, e, params{id: escaped, subject: id, body: body, out: out}); err != nil {
		return nil, err
	}
	return out, nil
}
