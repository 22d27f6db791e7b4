// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

const kinds = 5

// testLifecycle goes through the life of a release. What users wrote survives all of it, until they say otherwise.
func (c *cluster) testLifecycle(t *testing.T) {
	notes := c.helm.Install(t, release, "")
	c.checkEstablished(t)
	c.followNotes(t, notes)
	c.checkPodIsMade(t)
	c.createWorkflow(t)

	c.helm.Upgrade(t, release, "{dryRun: true, crds: {annotations: {example.test/upgraded: 'yes'}}}")
	c.checkUpgraded(t)
	c.checkKept(t)

	c.helm.Upgrade(t, release, "{crds: {install: false}}")
	c.checkKept(t)

	c.helm.Uninstall(t, release)
	c.checkGone(t)
	c.checkKept(t)

	c.helm.Install(t, release, "")
	c.checkKept(t)

	c.helm.Upgrade(t, release, "{crds: {keep: false}}")
	c.checkKept(t)
	c.listEverything(t)
	c.helm.Uninstall(t, release)
	if left := c.definitions(t); len(left) > 0 {
		t.Errorf("crds.keep is false, and there are still %d definitions", len(left))
	}
}

// followNotes applies the manifest that helm tells the user to apply.
func (c *cluster) followNotes(t *testing.T, notes string) {
	t.Helper()
	if !strings.Contains(notes, "\nkubectl -n "+release.Namespace+" rollout status deployment/"+release.Name+"\n") {
		t.Errorf("helm does not tell how to see that the operator runs:\n%s", notes)
	}
	_, manifest, begins := strings.Cut(notes, "<<EOF\n")
	manifest, _, ends := strings.Cut(manifest, "\nEOF\n")
	if !begins || !ends {
		t.Fatalf("helm shows no manifest to apply:\n%s", notes)
	}
	environment := parse(t, manifest)[0]
	environment.SetNamespace(team)
	if err := c.Create(t.Context(), &environment, client.DryRunAll, client.FieldValidation(metav1.FieldValidationStrict)); err != nil {
		t.Errorf("%v:\n%s", err, manifest)
	}
}

func (c *cluster) checkEstablished(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		found := c.definitions(t)
		if len(found) != kinds {
			return fmt.Errorf("%d definitions instead of %d", len(found), kinds)
		}
		for name, crd := range found {
			if !slices.ContainsFunc(crd.Status.Conditions, established) {
				return fmt.Errorf("%s is not established: %v", name, crd.Status.Conditions)
			}
		}
		return nil
	})
}

func established(condition apiextensionsv1.CustomResourceDefinitionCondition) bool {
	return condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue
}

// checkPodIsMade waits for the Pod. The namespace enforces the restricted level: a Pod that violates it is never made.
func (c *cluster) checkPodIsMade(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		var pods corev1.PodList
		if err := c.List(t.Context(), &pods, client.InNamespace(release.Namespace)); err != nil {
			return err
		}
		if len(pods.Items) == 0 {
			var deployment appsv1.Deployment
			c.get(t, release.Namespace, release.Name, &deployment)
			return fmt.Errorf("no Pod was made: %v", deployment.Status.Conditions)
		}
		return nil
	})
}

func (c *cluster) createWorkflow(t *testing.T) {
	t.Helper()
	c.create(t, &v1alpha1.Workflow{
		ObjectMeta: metav1.ObjectMeta{Namespace: team, Name: "welcome"},
		Spec: v1alpha1.WorkflowSpec{
			EnvironmentRef: v1alpha1.EnvironmentReference{Name: "development"},
			Name:           "Welcome",
		},
	})
}

// listEverything makes the API server open the storage of every kind, as a running operator does. The server begins to
// delete a definition by listing its objects; when storage is not open by then, it may take minutes to try again.
func (c *cluster) listEverything(t *testing.T) {
	t.Helper()
	for _, list := range []client.ObjectList{
		&v1alpha1.EnvironmentList{}, &v1alpha1.IntegrationList{}, &v1alpha1.LayoutList{}, &v1alpha1.PromotionList{},
		&v1alpha1.WorkflowList{},
	} {
		eventually(t, func() error { return c.List(t.Context(), list) })
	}
}

func (c *cluster) checkUpgraded(t *testing.T) {
	t.Helper()
	var deployment appsv1.Deployment
	c.get(t, release.Namespace, release.Name, &deployment)
	if args := deployment.Spec.Template.Spec.Containers[0].Args; !slices.Contains(args, "--dry-run") {
		t.Errorf("the upgrade did not reach the Deployment: %v", args)
	}
	for name, crd := range c.definitions(t) {
		if crd.Annotations["example.test/upgraded"] != "yes" {
			t.Errorf("the upgrade did not reach the definition of %s: %v", name, crd.Annotations)
		}
	}
}

// checkKept sees that nobody's definitions or objects were taken away.
func (c *cluster) checkKept(t *testing.T) {
	t.Helper()
	found := c.definitions(t)
	if len(found) != kinds {
		t.Errorf("%d definitions are left of %d", len(found), kinds)
	}
	for name, crd := range found {
		if !crd.DeletionTimestamp.IsZero() {
			t.Errorf("the definition of %s is being deleted", name)
		}
	}
	c.get(t, team, "welcome", &v1alpha1.Workflow{})
}

func (c *cluster) checkGone(t *testing.T) {
	t.Helper()
	for _, object := range []client.Object{
		&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: release.Namespace, Name: release.Name}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: release.Namespace, Name: release.Name}},
		&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: release.Namespace, Name: release.Name + "-metrics"}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: release.Name + "-manager-role"}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: release.Name + "-manager-rolebinding"}},
		&admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: release.Name + "-promotions"}},
	} {
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(object), object); !apierrors.IsNotFound(err) {
			t.Errorf("%T %s is still there after uninstall: %v", object, object.GetName(), err)
		}
	}
}
