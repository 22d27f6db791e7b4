// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

// Environment is an environment of Novu. Keys are not decoded: many versions
// return those of every environment to any key.
type Environment struct {
	ID             string `json:"_id"`
	Name           string `json:"name"`
	Type           string `json:"type"`       // dev, prod
	Identifier     string `json:"identifier"` // public application identifier
	OrganizationID string `json:"_organizationId"`
	ParentID       string `json:"_parentId"` // "" for Development
}

// complete also cuts what only people read, and refuses identifiers that status could not take.
func (e *Environment) complete() error {
	if e.ID == "" {
		return errors.New("it is not an environment: _id is missing")
	}
	e.Name, e.Type = label(e.Name), label(e.Type)
	return cmp.Or(checkIdentifier(e.ID), checkIdentifier(e.Identifier), checkIdentifier(e.OrganizationID), checkIdentifier(e.ParentID))
}

func environmentList() *page[Environment] {
	return &page[Environment]{what: "environments", keep: (*Environment).shorten}
}

func (e *Environment) shorten() (size int, err error) {
	err = e.complete()
	return itemOverhead + texts(e.ID, e.Name, e.Type, e.Identifier, e.OrganizationID, e.ParentID), err
}

// Me returns the environment that the key belongs to.
func (c *Client) Me(ctx context.Context) (*Environment, error) {
	out := &Environment{}
	if err := c.do(ctx, currentEnvironment, params{out: out}); err != nil {
		return nil, err
	}
	return out, nil
}

// Environments returns all environments of the key's organization.
func (c *Client) Environments(ctx context.Context) ([]Environment, error) {
	out := environmentList()
	defer out.leave()
	if err := c.do(ctx, listEnvironments, params{out: out}); err != nil {
		return nil, err
	}
	return out.items, nil
}

// health is the part of the health check that does not depend on the deployment.
type health struct {
	Status string `json:"status"`
}

func (h *health) complete() error {
	if h.Status != "ok" {
		return fmt.Errorf("the health check does not say ok but %q", bounded(h.Status, maxText))
	}
	return nil
}

// Health asks the API whether it is up. The key is not sent, so success says
// nothing about it.
func (c *Client) Health(ctx context.Context) error {
	return c.do(ctx, healthCheck, params{out: &health{}})
}
