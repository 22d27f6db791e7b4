// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/gate"
	"novu-operator.dev/test/harness"
)

// as is a client of a user who has the rights that a role grants in the whole cluster, and no others.
func (s *stage) as(user string, rules ...rbacv1.PolicyRule) client.Client {
	s.Helper()
	name := s.namespace + "-" + user
	s.create(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules})
	s.create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
	})
	config := rest.CopyConfig(harness.API(s))
	config.Impersonate = rest.ImpersonationConfig{UserName: name, Groups: []string{"system:authenticated"}}
	c, err := client.New(config, client.Options{})
	if err != nil {
		s.Fatal(err)
	}
	return c
}

func TestEvidence(t *testing.T) {
	s := newStage(t)
	s.environment("development", "")
	s.create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "flags"}, Data: map[string]string{"launch": "yes"}})
	tests := []struct{ name, object, expression, reason, message string }{
		{"in the namespace of the Environment", "apiVersion: v1, kind: ConfigMap, name: flags", "objects.o.data.launch == 'yes'", gate.ReasonOpen, "is true"},
		{"in a namespace that is named", "apiVersion: v1, kind: ConfigMap, namespace: NS, name: flags", "objects.o.data.launch == 'yes'", gate.ReasonOpen, "is true"},
		{"of the whole cluster", "apiVersion: v1, kind: Namespace, name: NS", "objects.o.status.phase == 'Active'", gate.ReasonOpen, "is true"},
		{"of the operator's own kinds", "apiVersion: novu-operator.dev/v1alpha1, kind: Environment, name: development", "has(objects.o.status.conditions)", gate.ReasonOpen, "is true"},
		{"in another namespace", "apiVersion: v1, kind: ServiceAccount, namespace: kube-system, name: gate", "!has(objects.o)", gate.ReasonOpen, "is true"},
		{"absent", "apiVersion: v1, kind: ConfigMap, name: others", "!has(objects.o)", gate.ReasonOpen, "is true"},
		{"without managed fields", "apiVersion: v1, kind: ConfigMap, name: flags", "!has(objects.o.metadata.managedFields)", gate.ReasonOpen, "is true"},
		{"a ConfigMap of somebody else", "apiVersion: v1, kind: ConfigMap, namespace: kube-system, name: extension-apiserver-authentication", "has(objects.o)", v1alpha1.ReasonGateFailed, "a gate reads objects of kind ConfigMap only in the namespace of its Environment, NS"},
		{"the same in small letters", "apiVersion: v1, kind: configmap, namespace: kube-system, name: extension-apiserver-authentication", "has(objects.o)", v1alpha1.ReasonGateFailed, "only in the namespace of its Environment"},
		{"a Workflow of somebody else", "apiVersion: novu-operator.dev/v1alpha1, kind: Workflow, namespace: kube-system, name: a", "has(objects.o)", v1alpha1.ReasonGateFailed, "only in the namespace of its Environment"},
		{"a record of somebody else", "apiVersion: apps/v1, kind: ControllerRevision, namespace: kube-system, name: a", "has(objects.o)", v1alpha1.ReasonGateFailed, "only in the namespace of its Environment"},
		{"a kind that does not exist", "apiVersion: example.com/v1, kind: Canary, name: a", "has(objects.o)", v1alpha1.ReasonGateFailed, "the cluster has no kind Canary in example.com/v1: correct objects of the gate, or install it"},
		{"a group that cannot be", "apiVersion: a/b/c, kind: Canary, name: a", "has(objects.o)", v1alpha1.ReasonGateFailed, "cannot be read"},
		{"a name that cannot be", "apiVersion: v1, kind: ConfigMap, name: a/b", "has(objects.o)", v1alpha1.ReasonGateFailed, "cannot be read"},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &stage{T: t, Client: s.Client, namespace: s.namespace}
			target := s.environment("target-"+string(rune('a'+i)), strings.ReplaceAll(
				`{sourceRef: {name: development}, gates: [{name: own, objects: [{as: o, `+test.object+`}], expression: "`+test.expression+`"}]}`, "NS", s.namespace))
			s.expect(s.gather(target), "own", test.reason == gate.ReasonOpen, test.reason, test.message)
		})
	}
}

// The API server refuses a gate that names a Secret; if it ever does not, the gate itself does.
func TestNoGateReadsSecrets(t *testing.T) {
	s := newStage(t)
	s.environment("development", "")
	s.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "flags"}, StringData: map[string]string{"launch": "hunter2"}})
	for i, kind := range []string{"Secret", "secret", "SecretList"} {
		target := s.environment("target-"+string(rune('a'+i)), "{sourceRef: {name: development}}")
		target.Spec.PromotionPolicy.Gates = []v1alpha1.PromotionGate{{
			Name: "own", Expression: "has(objects.o) || !has(objects.o)", Objects: []v1alpha1.GateObject{{As: "o", APIVersion: "v1", Kind: kind, Name: "flags"}},
		}}
		in := s.gather(target)
		if _, read := in.Evidence["own"].Objects["o"]; read {
			t.Errorf("the gate has read a %s", kind)
		}
		s.expect(in, "own", false, v1alpha1.ReasonGateFailed, "")
	}
}

func TestEvidenceNeedsARight(t *testing.T) {
	s := newStage(t)
	s.environment("development", "")
	s.create(&corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "api"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "a", Image: "a"}}},
	})
	target := s.environment("production", `{sourceRef: {name: development}, gates: [{name: own, objects: [{as: o, apiVersion: v1, kind: Pod, name: api}], expression: "has(objects.o)"}]}`)
	p := &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "release-7"}}
	check := func(operator client.Client, open bool, reason, message string) {
		t.Helper()
		in, err := gate.Gather(t.Context(), s.Client, operator, p, target, nil, nil, noon)
		if err != nil {
			t.Fatal(err)
		}
		s.expect(in, "own", open, reason, message)
	}
	check(s.as("stranger"), false, v1alpha1.ReasonGateFailed,
		"the operator may not get Pod NS/api of v1: grant it with the chart's value gates.rules")
	friend := s.as("friend", rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get"}})
	for range 100 { // the API server learns of a role a moment after it is written
		if friend.Get(t.Context(), client.ObjectKey{Namespace: s.namespace, Name: "api"}, &corev1.Pod{}) == nil {
			break
		}
	}
	check(friend, true, gate.ReasonOpen, "is true")
}

// documented is the first Environment on the page about code and templates.
func documented(t *testing.T) *v1alpha1.Environment {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(harness.Root(t), "docs", "how-to", "code-before-template.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	text, _, _ := strings.Cut(rest, "```")
	environment := &v1alpha1.Environment{}
	if err := yaml.UnmarshalStrict([]byte(text), environment); err != nil || environment.Spec.PromotionPolicy == nil {
		t.Fatalf("the page has no such Environment any more: %v", err)
	}
	return environment
}

// What the page promises: the gate opens when the Deployment has the version and is rolled out, and not before.
func TestCodeBeforeTemplate(t *testing.T) {
	s := newStage(t)
	s.environment("development", "")
	target := documented(t)
	target.Namespace = s.namespace
	target.Spec.PromotionPolicy.Gates[0].Objects[0].Namespace = "" // that of the Environment, so that the test is alone
	s.create(target)

	const waits = "orders-api 1.4.0 has to run everywhere, it sends the variable trackingUrl"
	expect := func(what string, open bool) {
		t.Helper()
		t.Log(what)
		if open {
			s.expect(s.gather(target), "orders-api", true, gate.ReasonOpen, "the expression is true")
			return
		}
		s.expect(s.gather(target), "orders-api", false, v1alpha1.ReasonGateClosed, waits)
	}
	expect("there is no Deployment", false)

	labels := map[string]string{"app": "orders-api"}
	api := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "orders-api"},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(3)), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{
				{Name: "proxy", Image: "registry.example.com:5000/proxy:9.0.0"}, {Name: "orders-api", Image: "registry.example.com:5000/orders-api:v1.3.9"},
			}}},
		},
	}
	s.create(api)
	expect("no controller has seen it", false)

	rollOut := func(seen int64, replicas, updated, available int32) {
		t.Helper()
		api.Status = appsv1.DeploymentStatus{ObservedGeneration: seen, Replicas: replicas, UpdatedReplicas: updated, AvailableReplicas: available, ReadyReplicas: available}
		if err := s.Status().Update(t.Context(), api); err != nil {
			t.Fatal(err)
		}
	}
	rollOut(api.Generation, 3, 3, 3)
	expect("the old version is rolled out", false)

	for _, image := range []string{"v1.4.0", "1.10.2"} {
		api.Spec.Template.Spec.Containers[1].Image = "registry.example.com:5000/orders-api:" + image
		if err := s.Update(t.Context(), api); err != nil {
			t.Fatal(err)
		}
		expect("the new version is not seen yet", false)
		rollOut(api.Generation, 4, 2, 3)
		expect("the old Pods are still there", false)
		rollOut(api.Generation, 3, 3, 2)
		expect("a new Pod does not answer", false)
		rollOut(api.Generation, 3, 3, 3)
		expect("the new version is rolled out", true)
	}
}
