// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// ServiceAccountConfig returns access to the cluster as the ServiceAccount, with a token such as a Pod would have. What
// runs with it has exactly the rights that the chart grants: a manager that is started with it fails where a rule is
// missing.
func ServiceAccountConfig(tb testing.TB, admin *rest.Config, namespace, name string) *rest.Config {
	tb.Helper()
	clients, err := kubernetes.NewForConfig(admin)
	if err != nil {
		tb.Fatal(err)
	}
	hour := int64(3600)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &hour}}
	token, err := clients.CoreV1().ServiceAccounts(namespace).CreateToken(tb.Context(), name, request, metav1.CreateOptions{})
	if err != nil {
		tb.Fatalf("token for the ServiceAccount %s/%s: %v", namespace, name, err)
	}
	config := rest.AnonymousClientConfig(admin)
	config.BearerToken = token.Status.Token
	return config
}
