// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// testPodSecurity asks the API server whether it would admit the Pod under the strictest of the Pod Security levels.
func (c *cluster) testPodSecurity(t *testing.T) {
	const namespace = "restricted"
	c.createNamespace(t, namespace, map[string]string{"pod-security.kubernetes.io/enforce": "restricted"})
	tests := []struct{ name, values, violation string }{
		{name: "defaults"},
		{name: "another user", values: "podSecurityContext: {runAsUser: 1000, runAsGroup: 1000}"},
		{name: "all features", values: "{replicas: 2, dryRun: true, env: [{name: A, value: b}], metrics: {enabled: false}}"},
		{
			name: "no security context of the Pod", values: "podSecurityContext: null",
			violation: "runAsNonRoot",
		},
		{
			name: "no security context of the container", values: "securityContext: null",
			violation: "allowPrivilegeEscalation",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := c.admit(t, namespace, test.values)
			switch {
			case test.violation == "" && err != nil:
				t.Error(err)
			case test.violation != "" && (!apierrors.IsForbidden(err) || !strings.Contains(err.Error(), test.violation)):
				t.Errorf("not refused because of %s: %v", test.violation, err)
			}
		})
	}
}

// admit sends the Pod that the chart's Deployment describes, as a dry run.
func (c *cluster) admit(t *testing.T, namespace, values string) error {
	t.Helper()
	var deployment appsv1.Deployment
	c.helm.Template(t, release, values).Into(t, "Deployment", release.Name, &deployment)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "manager"},
		Spec:       deployment.Spec.Template.Spec,
	}
	pod.Spec.ServiceAccountName = "default"
	eventually(t, func() error {
		return c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "default"}, &corev1.ServiceAccount{})
	})
	return c.Create(t.Context(), pod, client.DryRunAll)
}
