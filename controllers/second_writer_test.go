// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/view"
	"novu-operator.dev/test/harness"
)

// anotherCluster is another cluster, as it were, with an operator of its own on the same Novu.
func anotherCluster(t *testing.T, s *harness.Stage) *harness.Stage {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	s.Must(s.Create(s.Context(), ns))
	other := &harness.Stage{TB: t, Client: s.Client, Namespace: ns.Name, Novu: s.Novu}
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{other.Namespace}})
	other.Environment("dev", "Development", never)
	return other
}

// Two operators that write different content to one Novu environment see each other at the first correction, and no longer
// once one of them has stopped.
func TestTwoOperatorsSeeEachOther(t *testing.T) {
	t.Parallel()
	for kind, test := range map[string]struct {
		object   func() view.Object
		name     string
		manifest string
		old, new string
		changed  string
	}{
		"Workflow":    {func() view.Object { return &v1alpha1.Workflow{} }, "order-shipped", orderShipped, "Order shipped", "On its way", "name"},
		"Layout":      {func() view.Object { return &v1alpha1.Layout{} }, "brand", brand, "name: Brand", "name: Other", "name"},
		"Integration": {func() view.Object { return &v1alpha1.Integration{} }, "twilio", twilio, "+100", "+200", "credentials.from"},
	} {
		t.Run(kind, func(t *testing.T) {
			s := unmanaged(t, novutest.Options{})
			counted := &kubeWrites{}
			harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}, Config: counted.config(t)})
			s.Environment("dev", "Development", never)
			s.YAML(test.manifest)
			s.Ready(test.object(), test.name)
			other := anotherCluster(t, s)
			other.YAML(strings.Replace(test.manifest, test.old, test.new, 1))
			other.Ready(test.object(), test.name)
			corrected := func(who *harness.Stage, count int32) {
				t.Helper()
				look(who, "dev")
				o := test.object()
				for _, condition := range []string{v1alpha1.ConditionDrifted, v1alpha1.ConditionReady} {
					c := who.Condition(o, test.name, condition, "True", v1alpha1.ReasonDriftCorrected)
					if !strings.Contains(c.Message, test.changed+" changed in Novu") || !strings.Contains(c.Message, " since 20") {
						t.Errorf("%s says %q", condition, c.Message)
					}
				}
				if got := view.Status(o).Corrections; got == nil || got.Count != count || got.SinceTime.IsZero() {
					t.Errorf("corrections are %+v, want %d", got, count)
				}
				verdict(who, kind, test.name, status.CurrentStatus)
			}
			corrected(s, 1)
			corrected(other, 1)
			corrected(s, 2)
			corrected(other, 2)
			corrected(s, 3)
			annotate(s, test.object(), test.name, "example.com/touched", "yes") // which is no poll
			settle(s)
			s.Condition(test.object(), test.name, v1alpha1.ConditionDrifted, "True", v1alpha1.ReasonDriftCorrected)

			o := test.object()
			passes(s, o, test.name)
			s.Condition(o, test.name, v1alpha1.ConditionReady, "True", v1alpha1.ReasonSynced)
			if view.Status(o).Corrections != nil {
				t.Errorf("corrections %+v remain", view.Status(o).Corrections)
			}
			ask(s, o, test.name) // a full comparison forgets how often the same was corrected
			quiet(s, counted)
		})
	}
}

// passes has Novu polled until no correction is shown any more. The first poll may come before the operator's cache knows
// that there was one.
func passes(s *harness.Stage, o view.Object, name string) {
	s.Helper()
	s.Eventually("a poll without another change", func() error {
		look(s, "dev")
		s.Must(s.Get(s.Context(), s.Key(name), o))
		if view.Status(o).Corrections != nil {
			return fmt.Errorf("corrections are %+v", view.Status(o).Corrections)
		}
		return nil
	})
	s.Condition(o, name, v1alpha1.ConditionDrifted, "False", v1alpha1.ReasonNoDrift)
}

// quiet checks that a look writes nothing to objects any more.
func quiet(s *harness.Stage, counted *kubeWrites) {
	s.Helper()
	kinds := []string{"workflows", "layouts", "integrations"}
	count := func() (n int) {
		for _, kind := range kinds {
			n += len(counted.of(kind))
		}
		return n
	}
	before := count()
	s.Novu.ClearRequests()
	look(s, "dev")
	look(s, "dev")
	if after := count(); after != before {
		s.Errorf("%d writes in steady state: %s", after-before, counted.all())
	}
	expect(s, "writes to Novu in steady state", writes(s))
}

// What a user changes by hand is named with its author, and a restart does not lose it before a poll has passed.
func TestCorrectionSurvivesARestart(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", never)
	s.YAML(orderShipped)
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	meddle(s, "order-shipped", rename)
	look(s, "dev")
	var w v1alpha1.Workflow
	s.Condition(&w, "order-shipped", v1alpha1.ConditionDrifted, "True", v1alpha1.ReasonDriftCorrected)
	if c := w.Status.Corrections; c == nil || c.By == "" || !strings.Contains(c.Change, c.By) {
		t.Errorf("corrections are %+v", c)
	}
	s.Must(m.Stop())
	meddle(s, "order-shipped", rename)
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Eventually("the second correction", func() error {
		if err := s.Get(s.Context(), s.Key("order-shipped"), &w); err != nil {
			return err
		}
		if w.Status.Corrections == nil || w.Status.Corrections.Count != 2 {
			return fmt.Errorf("corrections are %+v", w.Status.Corrections)
		}
		return nil
	})
	passes(s, &w, "order-shipped")
}
