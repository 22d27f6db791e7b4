// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/sync/adapter"
)

const mailer = "metadata: {name: mailer-1}\nspec: {providerID: sendgrid, channel: Email, credentials: {apiKey: k}}"

func (r *room) createIntegration(i novu.IntegrationRequest) *novu.Integration {
	r.Helper()
	made, err := r.conn.Client.CreateIntegration(r.Context(), &i)
	r.must(err)
	r.must(r.conn.Refresh(r.Context(), connection.Integrations, r.conn.Now()))
	return made
}

// TestObserveListsAtMostOnce: Novu reads no single integration, and its lists are long.
func TestObserveListsAtMostOnce(t *testing.T) {
	for _, test := range []struct {
		what    string
		prepare func(r *room, o *v1alpha1.Integration)
		lists   int
	}{
		{"seen in the last poll", func(*room, *v1alpha1.Integration) {}, 0},
		{"lost sight of", func(r *room, _ *v1alpha1.Integration) { r.conn.Doubt(connection.Integrations, "mailer-1") }, 1},
		{"asked for", func(_ *room, o *v1alpha1.Integration) {
			o.Annotations = map[string]string{v1alpha1.RequestedAtAnnotation: "now"}
		}, 1},
		{"unknown", func(r *room, _ *v1alpha1.Integration) { r.conn.Deleted(connection.Integrations, "mailer-1") }, 1},
	} {
		t.Run(test.what, func(t *testing.T) {
			r := newRoom(t)
			made := r.createIntegration(novu.IntegrationRequest{
				Name: "m", Identifier: "mailer-1", ProviderID: "sendgrid", Channel: "email", Active: true,
			})
			o := &v1alpha1.Integration{}
			o.Status.ObservedGeneration = 1 // a new object asks for nothing
			s := scoped(r, o, mailer)
			test.prepare(r, s.Object)
			r.novu.ClearRequests()
			have, err := adapter.Integration{}.Observe(t.Context(), s)
			r.must(err)
			if have == nil || have.ID != made.ID || r.novu.Count("", "/") != test.lists {
				t.Errorf("%d lists, found %+v", r.novu.Count("", "/"), have)
			}
		})
	}
}

// TestPrimaryTakesTheMark: a creation and an update both do, also from an integration that nobody describes.
func TestPrimaryTakesTheMark(t *testing.T) {
	r := newRoom(t)
	r.createIntegration(novu.IntegrationRequest{Name: "other", Identifier: "other-1", ProviderID: "mailgun", Channel: "email", Active: true})
	s := scoped(r, &v1alpha1.Integration{}, mailer)
	kind := adapter.Integration{}
	want, err := kind.Want(t.Context(), s)
	r.must(err)
	made, err := create(r, kind, s, want)
	r.must(err)
	if made.Primary {
		t.Fatal("it has the mark although nobody asked for it")
	}
	s.Object.Spec.Primary = new(true)
	if d := kind.Compare(s, want, made); len(d) != 1 || d[0].Path != "primary" {
		t.Errorf("a mark that is missing shows as %+v", d)
	}
	marked, err := update(r, kind, s, want, nil)
	r.must(err)
	if d := kind.Compare(s, want, marked); len(d) > 0 || !marked.Primary {
		t.Errorf("%+v is left, the mark is %v", d, marked.Primary)
	}
	for _, i := range r.novu.Integrations("Development") {
		if i.Primary != (i.Identifier == "mailer-1") {
			t.Errorf("%s: primary is %v", i.Identifier, i.Primary)
		}
	}
}

// TestTakenIdentifier: what somebody else made meanwhile is looked at before anything is written again.
func TestTakenIdentifier(t *testing.T) {
	r := newRoom(t)
	kind, s := adapter.Integration{}, scoped(r, &v1alpha1.Integration{}, mailer)
	want, err := kind.Want(t.Context(), s)
	r.must(err)
	theirs, err := r.conn.Client.CreateIntegration(t.Context(), want)
	r.must(err)
	if _, err := create(r, kind, s, want); !novu.IsConflict(err) || kind.Kind().Absent(err) {
		t.Fatalf("got %v", err)
	}
	have, err := kind.Observe(t.Context(), s)
	if err != nil || have == nil || have.ID != theirs.ID {
		t.Errorf("observed %+v, %v", have, err)
	}
}

// TestInbox: Novu makes it by itself under an identifier that nobody can foresee, once in each environment.
func TestInbox(t *testing.T) {
	r := newRoom(t)
	kind, s := adapter.Integration{}, scoped(r, &v1alpha1.Integration{}, "metadata: {name: inbox-1}\nspec: {providerID: novu, channel: InApp, name: Bell}")
	want, err := kind.Want(t.Context(), s)
	r.must(err)
	own := r.novu.Integrations("Development")[0]
	have, err := kind.Observe(t.Context(), s)
	r.must(err)
	if have == nil || have.ID != own.ID || want.Identifier != own.Identifier {
		t.Fatalf("found %+v, and wants %q; Novu has %+v", have, want.Identifier, own)
	}
	got, err := update(r, kind, s, want, have)
	r.must(err)
	kind.Record(s, got)
	if d := kind.Compare(s, want, got); len(d) > 0 || s.Object.Status.Identifier != own.Identifier || got.Name != "Bell" {
		t.Errorf("%+v is left of %+v", d, got)
	}
	if n := len(r.novu.Integrations("Development")); n != 1 {
		t.Errorf("there are %d in-app integrations", n)
	}
}

// TestOtherEnvironmentsIntegration: every key sees those of all environments, and identifiers repeat.
func TestOtherEnvironmentsIntegration(t *testing.T) {
	r := newRoom(t)
	kind, s := adapter.Integration{}, scoped(r, &v1alpha1.Integration{}, mailer)
	want, err := kind.Want(t.Context(), s)
	r.must(err)
	_, err = r.connect("Production").Client.CreateIntegration(t.Context(), want)
	r.must(err)
	if have, err := kind.Observe(t.Context(), s); have != nil || err != nil {
		t.Errorf("takes Production's for its own: %+v, %v", have, err)
	}
	r.must(remove(r, kind, s))
	if n := len(r.novu.Integrations("Production")); n != 2 {
		t.Errorf("Production has %d integrations left of 2", n)
	}
}
