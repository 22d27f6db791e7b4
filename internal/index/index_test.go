// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package index_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
)

// registered collects what is registered, by type and field.
type registered struct {
	indexes map[string]client.IndexerFunc
	refuse  string
}

func (r *registered) IndexField(_ context.Context, o client.Object, field string, values client.IndexerFunc) error {
	if field == r.refuse {
		return errors.New("refused")
	}
	key := fmt.Sprintf("%T %s", o, field)
	if r.indexes[key] != nil {
		return fmt.Errorf("%s is registered twice", key)
	}
	r.indexes[key] = values
	return nil
}

const (
	workflow = `
metadata: {name: letter, namespace: team}
spec:
  environmentRef: {name: dev}
  steps:
  - {stepID: a, type: Email, email: {layout: {type: Ref, ref: {name: brand}}, bodyFrom: {configMapKeyRef: {name: bodies, key: a}}}}
  - {stepID: b, type: Email, email: {layout: {type: Ref, ref: {name: brand}}, bodyFrom: {configMapKeyRef: {name: bodies, key: b}}}}
  - {stepID: c, type: SMS, sms: {bodyFrom: {configMapKeyRef: {name: texts, key: c}}}}
  - {stepID: d, type: Email, email: {layout: {type: ID, id: other}, body: x}}
  - {stepID: e, type: Delay}
`
	integration = `
metadata: {name: mailer, namespace: team}
spec:
  environmentRef: {name: dev, namespace: platform}
  providerID: sendgrid
  channel: Email
  primary: true
  credentialsFrom:
  - secretRef: {name: whole}
  - {credential: apiKey, secretKeyRef: {name: one, key: k}}
  - {credential: from, secretKeyRef: {name: one, key: l}}
`
	promoted = `
status: {environments: [{environment: prod, namespace: platform}, {environment: staging, namespace: platform}]}
`
	environment = `
metadata: {name: prod, namespace: platform}
spec:
  secretKeyRef: {name: prod-key}
  caBundleRef: {name: ca, key: ca.crt}
  promotionPolicy: {sourceRef: {name: dev}}
`
)

func TestIndexes(t *testing.T) {
	tests := []struct {
		object   client.Object
		manifest string
		field    string
		want     []string
	}{
		{&v1alpha1.Workflow{}, workflow, index.Environment, []string{"team/dev"}},
		{&v1alpha1.Workflow{}, workflow, index.Identity, []string{"team/dev letter"}},
		{&v1alpha1.Workflow{}, workflow + "  workflowID: other", index.Identity, []string{"team/dev other"}},
		{&v1alpha1.Workflow{}, workflow + promoted, index.Live, []string{"platform/prod", "platform/staging"}},
		{&v1alpha1.Layout{}, promoted, index.Live, []string{"platform/prod", "platform/staging"}},
		{&v1alpha1.Workflow{}, workflow, index.Layout, []string{"team/brand"}},
		{&v1alpha1.Workflow{}, workflow, index.ConfigMap, []string{"team/bodies", "team/texts"}},
		{&v1alpha1.Workflow{}, "metadata: {name: x, namespace: team}", index.ConfigMap, nil},
		{&v1alpha1.Layout{}, "metadata: {name: brand, namespace: team}\nspec: {environmentRef: {name: dev}}", index.Environment, []string{"team/dev"}},
		{&v1alpha1.Layout{}, "metadata: {name: brand, namespace: team}\nspec: {environmentRef: {name: dev}, layoutID: other}", index.Identity, []string{"team/dev other"}},
		{&v1alpha1.Layout{}, "metadata: {name: brand, namespace: team}\nspec: {bodyFrom: {configMapKeyRef: {name: b, key: k}}}", index.ConfigMap, []string{"team/b"}},
		{&v1alpha1.Layout{}, "metadata: {name: brand, namespace: team}", index.ConfigMap, nil},
		{&v1alpha1.Integration{}, integration, index.Environment, []string{"platform/dev"}},
		{&v1alpha1.Integration{}, integration, index.Identity, []string{"platform/dev mailer"}},
		{&v1alpha1.Integration{}, "metadata: {name: x, namespace: team}\nspec: {environmentRef: {name: dev}, providerID: novu, channel: InApp}", index.Identity, []string{"team/dev provider novu"}},
		{&v1alpha1.Integration{}, integration, index.Secret, []string{"team/whole", "team/one"}},
		{&v1alpha1.Integration{}, integration, index.Primary, []string{"platform/dev Email"}},
		{&v1alpha1.Integration{}, strings.Replace(integration, "primary: true", "primary: false", 1), index.Primary, nil},
		{&v1alpha1.Environment{}, environment, index.Secret, []string{"platform/prod-key"}},
		{&v1alpha1.Environment{}, environment, index.ConfigMap, []string{"platform/ca"}},
		{&v1alpha1.Environment{}, environment + "status: {environmentID: 64ab}", index.NovuEnvironment, []string{"64ab"}},
		{&v1alpha1.Environment{}, "metadata: {name: dev, namespace: platform}", index.NovuEnvironment, nil},
		{&v1alpha1.Environment{}, environment, index.Source, []string{"platform/dev"}},
		{&v1alpha1.Environment{}, "metadata: {name: dev, namespace: platform}", index.ConfigMap, nil},
		{&v1alpha1.Environment{}, "metadata: {name: dev, namespace: platform}", index.Source, nil},
		{&v1alpha1.Promotion{}, "metadata: {name: p, namespace: team}\nspec: {targetRef: {name: prod}}", index.Target, []string{"team/prod"}},
		{&v1alpha1.Promotion{}, "metadata: {name: p, namespace: team}\nspec: {targetRef: {name: prod, namespace: platform}}", index.Target, []string{"platform/prod"}},
	}
	r := &registered{indexes: map[string]client.IndexerFunc{}}
	if err := index.Register(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, test := range tests {
		key := fmt.Sprintf("%T %s", test.object, test.field)
		seen[key] = true
		if err := yaml.UnmarshalStrict([]byte(test.manifest), test.object); err != nil {
			t.Fatal(err)
		}
		if got := r.indexes[key](test.object); !slices.Equal(got, test.want) {
			t.Errorf("%s of %s: got %q, want %q", key, strings.TrimSpace(test.manifest), got, test.want)
		}
	}
	for key := range r.indexes {
		if !seen[key] {
			t.Errorf("%s has no test", key)
		}
	}
}

func TestRegisterSaysWhatWasRefused(t *testing.T) {
	err := index.Register(t.Context(), &registered{indexes: map[string]client.IndexerFunc{}, refuse: index.Layout})
	if err == nil || !strings.Contains(err.Error(), "Workflow by "+index.Layout) {
		t.Errorf("got %v", err)
	}
}
