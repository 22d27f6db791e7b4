// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestEffectiveInterval(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		interval *metav1.Duration
		want     time.Duration
	}{
		{"default", nil, 10 * time.Minute},
		{"never", &metav1.Duration{}, 0},
		{"as written", &metav1.Duration{Duration: time.Hour}, time.Hour},
	} {
		environment := Environment{Spec: EnvironmentSpec{Interval: tc.interval}}
		if got := environment.EffectiveInterval(); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// Every default that is a string: what an empty object has, and what one has that sets the field.
func TestEffectiveStrings(t *testing.T) {
	t.Parallel()
	named := metav1.ObjectMeta{Name: "from-metadata"}
	for _, tc := range []struct{ what, empty, wantEmpty, set, wantSet string }{
		{
			"secret key", (&Environment{}).EffectiveSecretKey(), "secretKey",
			(&Environment{Spec: EnvironmentSpec{SecretKeyRef: SecretKeyReference{Key: "apiKey"}}}).EffectiveSecretKey(), "apiKey",
		}, {
			"environment's drift policy", string((&Environment{}).EffectiveDriftPolicy()), "Correct",
			string((&Environment{Spec: EnvironmentSpec{DriftPolicy: DriftPolicyIgnore}}).EffectiveDriftPolicy()), "Ignore",
		}, {
			"adoption policy", string(EffectiveAdoptionPolicy("")), "Adopt",
			string(EffectiveAdoptionPolicy(AdoptionPolicyRefuse)), "Refuse",
		}, {
			"workflow's id", (&Workflow{ObjectMeta: named}).EffectiveID(), "from-metadata",
			(&Workflow{ObjectMeta: named, Spec: WorkflowSpec{WorkflowID: "own"}}).EffectiveID(), "own",
		}, {
			"severity", string((&Workflow{}).EffectiveSeverity()), "None",
			string((&Workflow{Spec: WorkflowSpec{Severity: SeverityHigh}}).EffectiveSeverity()), "High",
		}, {
			"step's name", (&WorkflowStep{StepID: "mail"}).EffectiveName(), "mail",
			(&WorkflowStep{StepID: "mail", Name: "Welcome"}).EffectiveName(), "Welcome",
		}, {
			"layout's id", (&Layout{ObjectMeta: named}).EffectiveID(), "from-metadata",
			(&Layout{ObjectMeta: named, Spec: LayoutSpec{LayoutID: "own"}}).EffectiveID(), "own",
		}, {
			"integration's id", (&Integration{ObjectMeta: named}).EffectiveID(), "from-metadata",
			(&Integration{ObjectMeta: named, Spec: IntegrationSpec{Identifier: "own"}}).EffectiveID(), "own",
		}, {
			"integration's name", (&Integration{ObjectMeta: named}).EffectiveName(), "from-metadata",
			(&Integration{ObjectMeta: named, Spec: IntegrationSpec{Name: "Mail"}}).EffectiveName(), "Mail",
		}, {
			"integration's name is its identifier", (&Integration{ObjectMeta: named, Spec: IntegrationSpec{Identifier: "own"}}).EffectiveName(), "own",
			(&Integration{ObjectMeta: named, Spec: IntegrationSpec{Identifier: "own", Name: "Mail"}}).EffectiveName(), "Mail",
		},
	} {
		if tc.empty != tc.wantEmpty {
			t.Errorf("%s when empty: got %q, want %q", tc.what, tc.empty, tc.wantEmpty)
		}
		if tc.set != tc.wantSet {
			t.Errorf("%s when set: got %q, want %q", tc.what, tc.set, tc.wantSet)
		}
	}
}

// Every default that is a bool: when empty, when true, when false.
func TestEffectiveBools(t *testing.T) {
	t.Parallel()
	schema := &apiextensionsv1.JSON{Raw: []byte("{}")}
	for _, tc := range []struct {
		what      string
		effective func(value *bool) bool
		empty     bool
	}{
		{"workflow is active", func(v *bool) bool { return (&Workflow{Spec: WorkflowSpec{Active: v}}).EffectiveActive() }, true},
		{"payload without schema is validated", func(v *bool) bool {
			return (&Workflow{Spec: WorkflowSpec{ValidatePayload: v}}).EffectiveValidatePayload()
		}, false},
		{"payload with schema is validated", func(v *bool) bool {
			return (&Workflow{Spec: WorkflowSpec{ValidatePayload: v, PayloadSchema: schema}}).EffectiveValidatePayload()
		}, true},
		{"integration is active", func(v *bool) bool { return (&Integration{Spec: IntegrationSpec{Active: v}}).EffectiveActive() }, true},
		{"integration wants to be primary", func(v *bool) bool { return (&Integration{Spec: IntegrationSpec{Primary: v}}).WantsPrimary() }, false},
	} {
		yes, no := true, false
		if got := tc.effective(nil); got != tc.empty {
			t.Errorf("%s when empty: got %t", tc.what, got)
		}
		if !tc.effective(&yes) || tc.effective(&no) {
			t.Errorf("%s: the value that is set does not count", tc.what)
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		reference EnvironmentReference
		want      types.NamespacedName
	}{
		{EnvironmentReference{Name: "development"}, types.NamespacedName{Namespace: "shop", Name: "development"}},
		{EnvironmentReference{Name: "development", Namespace: "shared"}, types.NamespacedName{Namespace: "shared", Name: "development"}},
	} {
		if got := tc.reference.In("shop"); got != tc.want {
			t.Errorf("%+v: got %s, want %s", tc.reference, got, tc.want)
		}
		target := Environment{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop"},
			Spec:       EnvironmentSpec{PromotionPolicy: &PromotionPolicy{SourceRef: tc.reference}},
		}
		if got := target.EffectiveSource(); got != tc.want || !target.IsPromotionTarget() {
			t.Errorf("source %+v: got %s, want %s", tc.reference, got, tc.want)
		}
	}
	if (&Environment{}).IsPromotionTarget() {
		t.Error("an Environment without spec.promotionPolicy is no target")
	}
}

func TestBodyFrom(t *testing.T) {
	t.Parallel()
	source := &BodySource{ConfigMapKeyRef: ConfigMapKeyReference{Name: "texts", Key: "body"}}
	for name, step := range map[string]WorkflowStep{
		"inApp": {InApp: &InAppStep{BodyFrom: source}}, "email": {Email: &EmailStep{BodyFrom: source}}, "sms": {SMS: &BodyStep{BodyFrom: source}},
		"chat": {Chat: &BodyStep{BodyFrom: source}}, "push": {Push: &PushStep{BodyFrom: source}},
	} {
		if step.BodyFrom() != source {
			t.Errorf("%s: got %v", name, step.BodyFrom())
		}
	}
	for name, step := range map[string]WorkflowStep{"a body in place": {SMS: &BodyStep{Body: "hi"}}, "no message": {Delay: &DelayStep{}}} {
		if step.BodyFrom() != nil {
			t.Errorf("%s: got %v", name, step.BodyFrom())
		}
	}
}
