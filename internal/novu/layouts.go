// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"cmp"
	"context"
	"errors"
)

// Layout is an e-mail layout as Novu returns it. List items carry no Email.
type Layout struct {
	ID                   string       `json:"_id"`
	LayoutID             string       `json:"layoutId"`
	Slug                 string       `json:"slug"`
	Name                 string       `json:"name"`
	IsDefault            bool         `json:"isDefault"` // the environment's first one; cannot be deleted
	IsTranslationEnabled bool         `json:"isTranslationEnabled"`
	Origin               string       `json:"origin"`
	Type                 string       `json:"type"`
	CreatedAt            string       `json:"createdAt"`
	UpdatedAt            string       `json:"updatedAt"`
	UpdatedBy            User         `json:"updatedBy"`
	Controls             LayoutValues `json:"controls"`
}

// LayoutValues wraps a layout's content the way Novu does.
type LayoutValues struct {
	Values struct {
		Email *LayoutEmail `json:"email"`
	} `json:"values"`
}

// LayoutEmail is the content of a layout: HTML with {{content}} in it for the
// editor type "html", or Maily JSON as a string for "block".
type LayoutEmail struct {
	Body       string `json:"body"`
	EditorType string `json:"editorType"`
}

// Email is the layout's content; nil if the answer did not carry it.
func (l *Layout) Email() *LayoutEmail { return l.Controls.Values.Email }

func (l *Layout) complete() error {
	if l.ID == "" || l.LayoutID == "" {
		return errors.New("it is not a layout: _id or layoutId is missing")
	}
	return nil
}

// LayoutRequest is the desired layout. Creating ignores Email: update afterwards.
type LayoutRequest struct {
	LayoutID             string // create only
	Name                 string
	IsTranslationEnabled bool
	Email                *LayoutEmail // nil leaves the stored content alone
}

func layoutPage() *page[Layout] {
	return &page[Layout]{what: "layouts", member: "layouts", keep: (*Layout).shorten}
}

// shorten refuses what is no layout, drops what is not kept of a whole list, and
// cuts what only people read.
func (l *Layout) shorten() (size int, err error) {
	if err := l.complete(); err != nil {
		return 0, err
	}
	l.Controls = LayoutValues{}
	l.Slug, l.Name, l.Origin, l.Type = label(l.Slug), label(l.Name), label(l.Origin), label(l.Type)
	l.CreatedAt, l.UpdatedAt = cut(l.CreatedAt, maxTime), cut(l.UpdatedAt, maxTime)
	size = itemOverhead + l.UpdatedBy.shorten() + texts(l.ID, l.LayoutID, l.Slug, l.Name, l.Origin, l.Type, l.CreatedAt, l.UpdatedAt)
	return size, cmp.Or(checkIdentifier(l.ID), checkIdentifier(l.LayoutID))
}

type layoutCreateBody struct {
	LayoutID             string `json:"layoutId"`
	Name                 string `json:"name"`
	IsTranslationEnabled bool   `json:"isTranslationEnabled"`
}

type layoutUpdateBody struct {
	Name                 string               `json:"name"`
	IsTranslationEnabled bool                 `json:"isTranslationEnabled"`
	ControlValues        *layoutControlValues `json:"controlValues,omitempty"`
}

type layoutControlValues struct {
	Email *LayoutEmail `json:"email"`
}

// AllLayouts returns every layout of the environment, oldest first, without their
// content.
func (c *Client) AllLayouts(ctx context.Context) ([]Layout, error) {
	return collect(c.pageSize, func(l Layout) string { return l.ID },
		func(o ListOptions) (*page[Layout], error) {
			page := layoutPage()
			err := c.do(ctx, listLayouts, params{query: o.values(), out: page})
			return page, err
		})
}

// GetLayout reads a layout by its layoutId or internal id.
func (c *Client) GetLayout(ctx context.Context, id string) (*Layout, error) {
	return c.layout(ctx, getLayout, id, nil)
}

// CreateLayout makes an empty layout; a taken layoutId is a conflict. The first
// layout of an environment becomes its default.
func (c *Client) CreateLayout(ctx context.Context, r *LayoutRequest) (*Layout, error) {
	out := &Layout{}
	body := &layoutCreateBody{LayoutID: r.LayoutID, Name: r.Name, IsTranslationEnabled: r.IsTranslationEnabled}
	if err := c.do(ctx, createLayout, params{subject: r.LayoutID, body: body, out: out}); err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateLayout replaces name, translation switch and, if given, the content. Novu
// refuses bad content with 400; Error.Fields says what is wrong.
func (c *Client) UpdateLayout(ctx context.Context, id string, r *LayoutRequest) (*Layout, error) {
	body := &layoutUpdateBody{Name: r.Name, IsTranslationEnabled: r.IsTranslationEnabled}
	if r.Email != nil {
		body.ControlValues = &layoutControlValues{Email: r.Email}
	}
	return c.layout(ctx, updateLayout, id, body)
}

// DeleteLayout removes a layout. Novu takes it out of every e-mail step that uses
// it without a word, and refuses to delete the default (409).
func (c *Client) DeleteLayout(ctx context.Context, id string) error {
	escaped, err := pathID(id)
	if err != nil {
		return err
	}
	return c.do(ctx, deleteLayout, params{id: escaped, subject: id})
}

// LayoutUser is a workflow that uses a layout.
type LayoutUser struct {
	Name       string `json:"name"`
	WorkflowID string `json:"workflowId"`
}

func layoutUsers() *page[LayoutUser] {
	return &page[LayoutUser]{what: "users", member: "workflows", keep: (*LayoutUser).shorten}
}

func (u *LayoutUser) shorten() (size int, err error) {
	u.Name = label(u.Name)
	return itemOverhead + texts(u.Name, u.WorkflowID), checkIdentifier(u.WorkflowID)
}

// LayoutUsers lists the workflows of the environment with a step that names the layout. An installation that does not
// offer the question answers with a 404 that is about the route.
func (c *Client) LayoutUsers(ctx context.Context, id string) ([]LayoutUser, error) {
	escaped, err := pathID(id)
	if err != nil {
		return nil, err
	}
	out := layoutUsers()
	defer out.leave()
	if err := c.do(ctx, layoutUsage, params{id: escaped, subject: id, out: out}); err != nil {
		return nil, err
	}
	return out.items, nil
}

func (c *Client) layout(ctx context.Context, e endpoint, id string, body any) (*Layout, error) {
	escaped, err := pathID(id)
	if err != nil {
		return nil, err
	}
	out := &Layout{}
	if err := c.do(ctx, e, params{id: escaped, subject: id, body: body, out: out}); err != nil {
		return nil, err
	}
	return out, nil
}
