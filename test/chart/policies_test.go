// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"errors"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// testPolicies looks at what only the controllers of Kubernetes do with the admission policies, and under them. Who may do
// what is tested in test/access.
func (c *cluster) testPolicies(t *testing.T) {
	c.helm.Install(t, release, "")
	c.checkEstablished(t)
	c.checkInForce(t)
	t.Run("pins go with their owner", c.testPinsOfOwner)
	t.Run("owners take nothing away that must stay", c.testOwnersAndFreeze)
	t.Run("records go with their namespace", c.testRecordsOfNamespace)
	c.helm.Uninstall(t, release)
}

// checkInForce waits until the API server judges by the policies, which it takes up a moment after they are created: until it keeps
// the garbage collector from deleting what is frozen.
func (c *cluster) checkInForce(t *testing.T) {
	t.Helper()
	config := rest.CopyConfig(c.admin)
	config.Impersonate.UserName = "system:serviceaccount:kube-system:generic-garbage-collector"
	probe := frozenEnvironment(team, "probe")
	c.create(t, probe)
	collector := newClient(t, config)
	eventually(t, func() error {
		err := collector.Delete(t.Context(), probe.DeepCopy(), client.DryRunAll)
		if apierrors.IsForbidden(err) {
			return nil
		}
		return errors.Join(errors.New("the garbage collector is not kept from deleting what is frozen"), err)
	})
	if err := c.Delete(t.Context(), probe); err != nil {
		t.Fatal(err)
	}
}

func frozenEnvironment(namespace, name string) *v1alpha1.Environment {
	return &v1alpha1.Environment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.EnvironmentSpec{
			SecretKeyRef: v1alpha1.SecretKeyReference{Name: "key"},
			PromotionPolicy: &v1alpha1.PromotionPolicy{
				SourceRef: v1alpha1.EnvironmentReference{Name: "source"}, Freeze: &v1alpha1.PromotionFreeze{Reason: "launch"},
			},
		},
	}
}

// testPinsOfOwner deletes a Promotion in the two ways in which the garbage collector writes to what it owned.
func (c *cluster) testPinsOfOwner(t *testing.T) {
	for name, how := range map[string]metav1.DeletionPropagation{
		"collected": metav1.DeletePropagationBackground, "orphaned": metav1.DeletePropagationOrphan,
	} {
		t.Run(name, func(t *testing.T) {
			promotion := &v1alpha1.Promotion{
				ObjectMeta: metav1.ObjectMeta{Namespace: team, Name: name},
				Spec:       v1alpha1.PromotionSpec{TargetRef: v1alpha1.EnvironmentReference{Name: "production"}},
			}
			c.create(t, promotion)
			pins := c.createRecord(t, team, "novu-pins-"+string(promotion.UID)+"-0", ownedBy(v1alpha1.GroupVersion.String(), v1alpha1.PromotionKind, promotion))
			if err := c.Delete(t.Context(), promotion, client.PropagationPolicy(how)); err != nil {
				t.Fatal(err)
			}
			c.checkVanished(t, promotion)
			if how == metav1.DeletePropagationBackground {
				c.checkVanished(t, pins)
				return
			}
			c.get(t, team, pins.Name, pins)
			if len(pins.OwnerReferences) > 0 {
				t.Errorf("they are still owned by %v", pins.OwnerReferences)
			}
		})
	}
}

// testOwnersAndFreeze lets the real garbage collector try to take away what must stay. What it does to an object that may go shows
// that it has had its turn.
func (c *cluster) testOwnersAndFreeze(t *testing.T) {
	owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: team, Name: "owner"}}
	c.create(t, owner)
	frozen, free := frozenEnvironment(team, "frozen"), frozenEnvironment(team, "free")
	free.Spec.PromotionPolicy.Freeze = nil
	for _, e := range []*v1alpha1.Environment{frozen, free} {
		e.OwnerReferences = []metav1.OwnerReference{ownedBy("v1", "ConfigMap", owner)}
		c.create(t, e)
	}
	if err := c.Delete(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	c.checkVanished(t, free)
	c.get(t, team, frozen.Name, frozen)
	if !frozen.DeletionTimestamp.IsZero() {
		t.Errorf("it was deleted at %v", frozen.DeletionTimestamp)
	}
}

func ownedBy(apiVersion, kind string, o client.Object) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: apiVersion, Kind: kind, Name: o.GetName(), UID: o.GetUID(), Controller: new(true)}
}

func (c *cluster) testRecordsOfNamespace(t *testing.T) {
	const short = "short-lived"
	c.createNamespace(t, short, nil)
	record := c.createRecord(t, short, "novu-guard-0123456789abcdef0123456789abcdef-1")
	frozen := frozenEnvironment(short, "frozen")
	underWay := &v1alpha1.Promotion{
		ObjectMeta: metav1.ObjectMeta{Namespace: short, Name: "under-way"},
		Spec:       v1alpha1.PromotionSpec{TargetRef: v1alpha1.EnvironmentReference{Name: "frozen"}},
	}
	c.create(t, frozen)
	c.create(t, underWay)
	if err := c.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: short}}); err != nil {
		t.Fatal(err)
	}
	for _, object := range []client.Object{record, frozen, underWay} {
		c.checkVanished(t, object)
	}
}

// createRecord makes, as an administrator, what the operator keeps of a promotion.
func (c *cluster) createRecord(t *testing.T, namespace, name string, owners ...metav1.OwnerReference) *appsv1.ControllerRevision {
	t.Helper()
	record := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, Labels: map[string]string{"novu-operator.dev/target": "production"}, OwnerReferences: owners,
		},
		Data: runtime.RawExtension{Raw: []byte("{}")},
	}
	c.create(t, record)
	return record
}

func (c *cluster) checkVanished(t *testing.T, object client.Object) {
	t.Helper()
	eventually(t, func() error {
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(object), object); !apierrors.IsNotFound(err) {
			return fmt.Errorf("%T %s is still there (error %w)", object, object.GetName(), err)
		}
		return nil
	})
}

// checkProtected asks the operator whether it sees the policies.
func (c *cluster) checkProtected(t *testing.T) {
	t.Helper()
	eventually(t, func() error {
		var environments v1alpha1.EnvironmentList
		if err := c.List(t.Context(), &environments, client.InNamespace(sender)); err != nil {
			return err
		}
		targets := 0
		for _, e := range environments.Items {
			if !e.IsPromotionTarget() {
				continue
			}
			targets++
			if !apimeta.IsStatusConditionTrue(e.Status.Conditions, v1alpha1.ConditionProtected) {
				return fmt.Errorf("%s has the conditions %v", e.Name, e.Status.Conditions)
			}
		}
		if targets == 0 {
			return errors.New("there is no promotion target")
		}
		return nil
	})
}
