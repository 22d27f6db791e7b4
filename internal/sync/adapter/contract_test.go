// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/sync"
	"novu-operator.dev/internal/sync/adapter"
	"novu-operator.dev/internal/view"
)

// contract is what the engine relies on, of every kind: one object's life in Novu, from absent to absent. spoil changes a
// definition.
func contract[O view.Object, W, H any](r *room, kind sync.Adapter[O, W, H], s *sync.Scope[O], spoil func(*W)) {
	r.Helper()
	ctx := r.Context()
	want, err := kind.Want(ctx, s)
	r.must(err)
	if have, err := kind.Observe(ctx, s); have != nil || err != nil {
		r.Errorf("before: observed %+v, %v", have, err)
	}
	if _, err := update(r, kind, s, want, nil); !kind.Kind().Absent(err) {
		r.Errorf("before: the update says %v", err)
	}
	if err := remove(r, kind, s); err != nil {
		r.Errorf("before: the deletion says %v", err)
	}
	made, err := create(r, kind, s, want)
	r.must(err)
	if d := kind.Compare(s, want, made); len(d) > 0 {
		r.Errorf("one write is not enough: %+v", d)
	}
	hash := written(r, kind, s, made).Hash

	again, err := update(r, kind, s, want, made)
	r.must(err)
	if facts := written(r, kind, s, again); facts.Hash != hash || facts.ID != kind.Kind().Facts(made).ID {
		r.Errorf("an update without a change made %+v of %+v", facts, kind.Kind().Facts(made))
	}
	changed, err := kind.Want(ctx, s)
	r.must(err)
	spoil(changed)
	spoiled, err := update(r, kind, s, changed, again)
	r.must(err)
	if d := kind.Compare(s, want, spoiled); len(d) != 1 || written(r, kind, s, spoiled).Hash == hash {
		r.Errorf("one change shows as %+v", d)
	}
	fixed, err := update(r, kind, s, want, spoiled)
	r.must(err)
	if written(r, kind, s, fixed).Hash != hash {
		r.Errorf("fixed it is %+v", fixed)
	}
	r.must(remove(r, kind, s))
	if have, err := kind.Observe(ctx, s); have != nil || err != nil {
		r.Errorf("after: observed %+v, %v", have, err)
	}
}

// written does what the engine does after a write, and checks that a look finds the object as the answer described it.
func written[O view.Object, W, H any](r *room, kind sync.Adapter[O, W, H], s *sync.Scope[O], have *H) remote.Facts {
	r.Helper()
	facts := kind.Kind().Facts(have)
	kind.Record(s, have)
	r.must(r.conn.Refresh(r.Context(), kind.Kind().Resource, r.conn.Now()))
	entry, ok := kind.Find(s)
	sameAuthor := entry.UpdatedBy == facts.UpdatedBy || kind.Kind().Resource == connection.Layouts // whose list names none
	if !ok || entry.ID != facts.ID || entry.UpdatedAt != facts.UpdatedAt || !sameAuthor {
		r.Errorf("the list has %+v (%v), the answer %+v", entry, ok, facts)
	}
	seen, err := kind.Observe(r.Context(), s)
	r.must(err)
	if seen == nil || kind.Kind().Facts(seen).Hash != facts.Hash {
		r.Errorf("reading it again gives %+v, want %+v", seen, facts)
	}
	return facts
}

func TestWorkflows(t *testing.T) {
	for name, manifest := range samples(t, "workflows") {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			s := scoped(r, &v1alpha1.Workflow{}, manifest)
			for i := range s.Object.Spec.Steps {
				if email := s.Object.Spec.Steps[i].Email; email != nil {
					email.Layout = nil
				}
			}
			contract(r, adapter.Workflow{}, s, func(w *novu.WorkflowRequest) { w.Description += "!" })
		})
	}
}

func TestLayouts(t *testing.T) {
	for name, manifest := range samples(t, "layouts") {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			first := scoped(r, &v1alpha1.Layout{}, manifest) // the default layout of an environment cannot be deleted
			first.Object.Spec.LayoutID, first.Object.Spec.Default = "first-of-all", new(true)
			want, err := adapter.Layout{}.Want(t.Context(), first)
			r.must(err)
			_, err = create(r, adapter.Layout{}, first, want)
			r.must(err)
			s := scoped(r, &v1alpha1.Layout{}, manifest)
			s.Object.Annotations = map[string]string{v1alpha1.ForceDeleteAnnotation: "true"} // else it asks the API server who uses it
			contract(r, adapter.Layout{}, s, func(l *novu.LayoutRequest) { l.Name += "!" })
		})
	}
}

func TestIntegrations(t *testing.T) {
	for name, spec := range map[string]string{
		"primary":    `{providerID: sendgrid, channel: Email, primary: true, credentials: {apiKey: k, from: a@b.c}}`,
		"rules":      `{providerID: sendgrid, channel: Email, rules: [{join: And, children: [{source: tenant, field: identifier, operator: Equal, value: acme}]}]}`,
		"inactive":   `{providerID: twilio, channel: SMS, active: false}`,
		"configured": `{providerID: slack, channel: Chat, name: Slack, identifier: talk, configurations: {inboundWebhookEnabled: true}}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			_, err := r.conn.Client.CreateIntegration(t.Context(), &novu.IntegrationRequest{ // has the mark of the primary one
				Name: "first", Identifier: "first-1", ProviderID: "mailgun", Channel: "email", Active: true,
			})
			r.must(err)
			s := scoped(r, &v1alpha1.Integration{}, "metadata: {name: x-1}\nspec: "+spec)
			contract(r, adapter.Integration{}, s, func(i *novu.IntegrationRequest) { i.Name += "!" })
		})
	}
}
