// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// Integration is a provider's connection as Novu returns it. Credentials are kept
// as fingerprints only; newer versions of Novu do not return them at all.
type Integration struct {
	ID             string          `json:"_id"`
	EnvironmentID  string          `json:"_environmentId"` // lists may cover other environments
	OrganizationID string          `json:"_organizationId"`
	Name           string          `json:"name"`
	Identifier     string          `json:"identifier"`
	ProviderID     string          `json:"providerId"`
	Channel        string          `json:"channel"`
	Active         bool            `json:"active"`
	Primary        bool            `json:"primary"`
	Priority       int             `json:"priority"`
	Conditions     json.RawMessage `json:"conditions"`     // nil if absent or null
	Configurations json.RawMessage `json:"configurations"` // nil if absent or null
	Deleted        bool            `json:"deleted"`
	CreatedAt      string          `json:"createdAt"`
	UpdatedAt      string          `json:"updatedAt"`
	Credentials    Fingerprints    `json:"credentials"`
}

func (i *Integration) complete() error {
	if i.ID == "" {
		return errors.New("it is not an integration: _id is missing")
	}
	i.Conditions, i.Configurations = orNil(i.Conditions), orNil(i.Configurations)
	return nil
}

// maxIntegrationBytes bounds an integration, which is kept as a whole.
const maxIntegrationBytes = 64 << 10

func integrationList() *page[Integration] {
	return &page[Integration]{what: "integrations", keep: func(i *Integration) (int, error) {
		size := i.Size()
		if size > maxIntegrationBytes {
			return 0, &tooLargeError{fmt.Sprintf("the list has an item of %d KiB, and %d KiB are the most that is read", size>>10, maxIntegrationBytes>>10)}
		}
		return size, i.complete()
	}}
}

// Size is what an integration takes, in bytes.
func (i *Integration) Size() int {
	size := itemOverhead + len(i.Conditions) + len(i.Configurations) +
		texts(i.ID, i.EnvironmentID, i.OrganizationID, i.Name, i.Identifier, i.ProviderID, i.Channel, i.CreatedAt, i.UpdatedAt)
	for name := range i.Credentials {
		size += len(name) + 3*len(Fingerprint{}) // its place in the map included
	}
	return size
}

// IntegrationRequest is the desired integration. Credentials, Conditions and
// Configurations replace the stored object as a whole when they are set, and leave
// it alone when nil.
type IntegrationRequest struct {
	ProviderID     string          `json:"providerId,omitempty"` // create only
	Channel        string          `json:"channel,omitempty"`    // create only
	Name           string          `json:"name,omitempty"`
	Identifier     string          `json:"identifier,omitempty"`
	Active         bool            `json:"active"`
	Check          bool            `json:"check"` // let Novu contact the e-mail provider first
	Credentials    map[string]any  `json:"credentials,omitempty"`
	Conditions     json.RawMessage `json:"conditions,omitempty"`
	Configurations map[string]any  `json:"configurations,omitempty"`
}

// secrets lists the request's values that no error may show.
func (r *IntegrationRequest) secrets() []string {
	var values []string
	for _, v := range r.Credentials {
		values = appendStrings(values, v)
	}
	for _, v := range r.Configurations {
		values = appendStrings(values, v)
	}
	return values
}

// appendStrings collects every string below v, and numbers as they are printed.
func appendStrings(values []string, v any) []string {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			values = appendStrings(values, member)
		}
		return values
	case []any:
		for _, item := range v {
			values = appendStrings(values, item)
		}
		return values
	case bool, nil:
		return values
	}
	return append(values, fmt.Sprint(v))
}

// ListIntegrations returns the integrations that the key can see. Older versions
// of Novu include those of other environments: filter by EnvironmentID.
func (c *Client) ListIntegrations(ctx context.Context) ([]Integration, error) {
	out := integrationList()
	defer out.leave()
	if err := c.do(ctx, listIntegrations, params{out: out}); err != nil {
		return nil, err
	}
	return out.items, nil
}

// CreateIntegration makes an integration in the key's environment; a taken
// identifier is a conflict. The first active one of e-mail or SMS becomes primary.
func (c *Client) CreateIntegration(ctx context.Context, r *IntegrationRequest) (*Integration, error) {
	return c.integration(ctx, createIntegration, "", orDefault(r.Identifier, r.Name), r)
}

// UpdateIntegration changes an integration by its internal id. Provider and
// channel cannot change and are not sent.
func (c *Client) UpdateIntegration(ctx context.Context, id string, r *IntegrationRequest) (*Integration, error) {
	sent := *r
	sent.ProviderID, sent.Channel = "", ""
	return c.integration(ctx, updateIntegration, id, orDefault(r.Identifier, id), &sent)
}

// SetPrimaryIntegration makes an e-mail or SMS integration the one that its channel
// uses. It also activates it and clears its conditions.
func (c *Client) SetPrimaryIntegration(ctx context.Context, id string) (*Integration, error) {
	return c.integration(ctx, primaryIntegration, id, id, nil)
}

// DeleteIntegration removes an integration by its internal id.
func (c *Client) DeleteIntegration(ctx context.Context, id string) error {
	if err := checkObjectID(id); err != nil {
		return err
	}
	return c.do(ctx, deleteIntegration, params{id: id})
}

func (c *Client) integration(ctx context.Context, e endpoint, id, subject string, r *IntegrationRequest) (*Integration, error) {
	p := params{id: url.PathEscape(id), subject: subject}
	if e.route != createIntegration.route {
		if err := checkObjectID(id); err != nil {
			return nil, err
		}
	}
	if r != nil {
		p.body, p.secrets = r, r.secrets()
	}
	out := &Integration{}
	p.out = out
	if err := c.do(ctx, e, p); err != nil {
		return nil, err
	}
	return out, nil
}

// checkObjectID keeps identifiers out of routes that know internal ids only: Novu
// answers 500 to those.
func checkObjectID(id string) error {
	if !isObjectID(id) {
		return fmt.Errorf("%q is not an internal id of Novu: integrations are addressed by _id, not by identifier", id)
	}
	return nil
}
