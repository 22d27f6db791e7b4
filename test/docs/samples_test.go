// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/test/chart"
)

// samples reads the samples of this repository.
func samples(t *testing.T) []Manifest {
	t.Helper()
	manifests, err := Samples(chart.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	return manifests
}

// decode reads all samples of a kind.
func decode[T any](t *testing.T, kind string) map[string]T {
	t.Helper()
	found := map[string]T{}
	for _, m := range samples(t) {
		if m.Object.GetKind() != kind {
			continue
		}
		var object T
		if err := yaml.UnmarshalStrict(m.Raw, &object); err != nil {
			t.Fatalf("%s: %v", m.Where, err)
		}
		if _, twice := found[m.Object.GetName()]; twice {
			t.Errorf("%s: there is another %s", m.Where, m.Name())
		}
		found[m.Object.GetName()] = object
	}
	return found
}

// TestSamplesAreReached builds what `kubectl apply -k config/samples` applies. Promotions are applied later, by hand.
func TestSamplesAreReached(t *testing.T) {
	var want []string
	for _, m := range samples(t) {
		if ns := m.Object.GetNamespace(); ns != "" {
			t.Errorf("%s: %s chooses the namespace %s; leave that to the reader", m.Where, m.Name(), ns)
		}
		if m.Object.GetKind() != v1alpha1.PromotionKind {
			want = append(want, m.Name())
		}
	}
	got := chart.Kustomize(t, "config/samples").Names()
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-files +kustomization:\n%s", diff)
	}
}

// TestSamplesHoldTogether follows every reference.
func TestSamplesHoldTogether(t *testing.T) {
	environments := decode[v1alpha1.Environment](t, v1alpha1.EnvironmentKind)
	layouts := decode[v1alpha1.Layout](t, v1alpha1.LayoutKind)
	secrets := decode[corev1.Secret](t, "Secret")
	used := map[string]bool{}
	secret := func(by, name, key string) {
		used[name] = true
		if _, ok := secrets[name].StringData[key]; !ok {
			t.Errorf("%s: there is no Secret %s with a key %s", by, name, key)
		}
	}
	writable := func(by, name string) {
		if e, ok := environments[name]; !ok || e.IsPromotionTarget() {
			t.Errorf("%s: there is no Environment %s that is written to", by, name)
		}
	}
	for name, e := range environments {
		secret("Environment/"+name, e.Spec.SecretKeyRef.Name, e.EffectiveSecretKey())
		if e.IsPromotionTarget() {
			writable("Environment/"+name, e.EffectiveSource().Name)
		}
	}
	for name, l := range layouts {
		writable("Layout/"+name, l.Spec.EnvironmentRef.Name)
	}
	for name, w := range decode[v1alpha1.Workflow](t, v1alpha1.WorkflowKind) {
		writable("Workflow/"+name, w.Spec.EnvironmentRef.Name)
		checkLayouts(t, &w, layouts)
	}
	for name, i := range decode[v1alpha1.Integration](t, v1alpha1.IntegrationKind) {
		followCredentials("Integration/"+name, &i, secrets, secret)
	}
	for name, p := range decode[v1alpha1.Promotion](t, v1alpha1.PromotionKind) {
		if e := environments[p.Spec.TargetRef.Name]; !e.IsPromotionTarget() {
			t.Errorf("Promotion/%s: %s is no promotion target", name, p.Spec.TargetRef.Name)
		}
	}
	for name := range secrets {
		if !used[name] {
			t.Errorf("nothing uses Secret/%s", name)
		}
	}
}

func checkLayouts(t *testing.T, w *v1alpha1.Workflow, layouts map[string]v1alpha1.Layout) {
	t.Helper()
	for _, step := range w.Spec.Steps {
		if step.Email.LayoutName() == "" {
			continue
		}
		if _, ok := layouts[step.Email.LayoutName()]; !ok {
			t.Errorf("Workflow/%s: there is no Layout %s", w.Name, step.Email.LayoutName())
		}
	}
}

func followCredentials(by string, i *v1alpha1.Integration, secrets map[string]corev1.Secret, follow func(by, name, key string)) {
	for _, source := range i.Spec.CredentialsFrom {
		if source.SecretKeyRef != nil {
			follow(by, source.SecretKeyRef.Name, source.SecretKeyRef.Key)
			continue
		}
		keys := slices.Sorted(maps.Keys(secrets[source.SecretRef.Name].StringData))
		if len(keys) == 0 {
			keys = []string{"(any)"}
		}
		for _, key := range keys {
			follow(by, source.SecretRef.Name, key)
		}
	}
}

// TestSamplesDeliver counts what the demo promises, and looks for a provider of every channel in every environment:
// without one, Novu reports the steps of that channel.
func TestSamplesDeliver(t *testing.T) {
	workflows := decode[v1alpha1.Workflow](t, v1alpha1.WorkflowKind)
	layouts := decode[v1alpha1.Layout](t, v1alpha1.LayoutKind)
	if len(workflows) != 20 || len(layouts) != 3 {
		t.Errorf("%d workflows and %d layouts, want 20 and 3", len(workflows), len(layouts))
	}
	delivers := map[string]bool{}
	for _, i := range decode[v1alpha1.Integration](t, v1alpha1.IntegrationKind) {
		primary := i.Spec.Primary != nil && *i.Spec.Primary
		delivers[fmt.Sprintf("%s %s %t", i.Spec.EnvironmentRef.Name, i.Spec.Channel, primary)] = true
	}
	for name := range decode[v1alpha1.Environment](t, v1alpha1.EnvironmentKind) {
		for channel, primary := range map[v1alpha1.Channel]bool{
			v1alpha1.ChannelEmail: true, v1alpha1.ChannelSMS: true, v1alpha1.ChannelChat: false, v1alpha1.ChannelPush: false,
		} {
			if !delivers[fmt.Sprintf("%s %s %t", name, channel, primary)] {
				t.Errorf("nothing delivers %s in %s (primary: %t)", channel, name, primary)
			}
		}
	}
}
