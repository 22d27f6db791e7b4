// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"cmp"
	"context"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/sync"
)

// Integration is the engine's view of integrations.
type Integration struct{}

var _ sync.Adapter[*v1alpha1.Integration, novu.IntegrationRequest, novu.Integration] = Integration{}

type integrationScope = sync.Scope[*v1alpha1.Integration]

// Want reads the credentials and makes the definition.
func (Integration) Want(ctx context.Context, s *integrationScope) (*novu.IntegrationRequest, error) {
	d, _, err := s.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	want := d.Integration
	if entry, ok := adoptInbox(s); ok && s.Object.Spec.Identifier == "" {
		want.Identifier = entry.Integration.Identifier
	}
	return want, nil
}

// Revision of the definition, and a hash of the credentials that is keyed by the environment's secret key.
func (Integration) Revision(s *integrationScope, want *novu.IntegrationRequest) (revision, secrets string) {
	revision = definition.IntegrationRevision(s.Object)
	if want.Credentials == nil {
		return revision, ""
	}
	return revision, definition.CredentialsHash(s.Conn.HashKey(), want.Credentials)
}

// Kind is that of integrations.
func (Integration) Kind() *remote.Kind[novu.Integration, novu.IntegrationRequest] {
	return remote.Integrations
}

// Find looks the integration up by its identifier; the Inbox by its provider, because Novu makes it by itself under an
// identifier of its own and allows no second one.
func (Integration) Find(s *integrationScope) (connection.Entry, bool) {
	if entry, ok := adoptInbox(s); ok {
		return entry, true
	}
	return s.Conn.Lookup(connection.Integrations, s.ID())
}

func adoptInbox(s *integrationScope) (connection.Entry, bool) {
	if !s.Object.IsInbox() {
		return connection.Entry{}, false
	}
	for _, entry := range s.Conn.All(connection.Integrations) {
		if entry.Integration.ProviderID == v1alpha1.InboxProvider && entry.Integration.Channel == "in_app" {
			return entry, true
		}
	}
	return connection.Entry{}, false
}

// Observe finds the integration in the list: Novu has no way to read a single one. The last list is good enough unless a
// write was lost sight of since, or the user asks.
func (i Integration) Observe(ctx context.Context, s *integrationScope) (*novu.Integration, error) {
	if entry, ok := i.Find(s); ok && entry.UpdatedAt != "" && !s.Asked() {
		return entry.Integration, nil
	}
	if err := s.Conn.Refresh(ctx, connection.Integrations, s.Conn.Now()); err != nil {
		return nil, err
	}
	entry, _ := i.Find(s)
	return entry.Integration, nil
}

// Write has all of the credentials, and the configurations that Novu holds and spec does not name.
func (i Integration) Write(s *integrationScope, want *novu.IntegrationRequest, have *novu.Integration) *remote.Write[novu.IntegrationRequest] {
	w := &remote.Write[novu.IntegrationRequest]{Ref: remote.Ref{ID: s.ID()}, Want: want, Primary: s.Object.WantsPrimary()}
	if have == nil {
		entry, _ := i.Find(s)
		have = entry.Integration
	}
	if have != nil {
		w.Internal = have.ID
		w.Bound = definition.KeepConfigurations(want, have, s.Object.Status.Configurations)
	}
	return w
}

// Compare lists the differences. Of credentials it names only which.
func (Integration) Compare(s *integrationScope, want *novu.IntegrationRequest, have *novu.Integration) []v1alpha1.Difference {
	moved := !s.Wrote() && want.Credentials != nil && len(have.Credentials) == 0 && credentialsMoved(s, have)
	s.Rewrite = moved && reranked(s, have)
	expectation := definition.Expectation{
		CredentialsWritten: !s.SecretsChanged(), Answered: s.Wrote(), Unread: moved && !s.Rewrite,
	}
	if s.Object.WantsPrimary() {
		expectation.Primary = s.Object.Spec.Primary
	}
	differences := definition.CompareIntegration(want, have, expectation)
	s.Unread = definition.DiffersInCredentials(differences)
	return differences
}

// credentialsMoved reports whether the integration has changed in Novu since its credentials were known.
func credentialsMoved(s *integrationScope, have *novu.Integration) bool {
	known := cmp.Or(s.Object.Status.CredentialsUpdatedAt, s.SeenUpdatedAt()) // older operators did not note the first
	return known != "" && known != have.UpdatedAt
}

// reranked reports whether the change is explained by another integration of the channel, which Novu ranks again when one
// comes, goes or becomes primary. It may hide a change by hand, but it is no sign of one.
func reranked(s *integrationScope, have *novu.Integration) bool {
	status := &s.Object.Status
	doubted := status.CredentialsUpdatedAt != "" && status.CredentialsUpdatedAt != s.SeenUpdatedAt()
	return !doubted && (status.Priority != priorityOf(have) || s.Object.IsPrimary() != have.Primary)
}

func priorityOf(have *novu.Integration) int32 { return int32(have.Priority) } //nolint:gosec // counts integrations

// Record keeps what Novu decides by itself.
func (Integration) Record(s *integrationScope, have *novu.Integration) {
	status := &s.Object.Status
	status.Identifier = have.Identifier
	status.Active = &have.Active
	status.Primary = &have.Primary
	status.Priority = priorityOf(have)
	status.Configurations = definition.ConfigurationNames(s.Object)
	if s.Wrote() || !s.Unread {
		status.CredentialsUpdatedAt = have.UpdatedAt
	}
}

// Complaints are about a provider that is most likely misspelt: Novu stores an integration without looking at it.
func (Integration) Complaints(o *v1alpha1.Integration) (errors, warnings string) {
	return "", definition.ProviderAdvice(o)
}
