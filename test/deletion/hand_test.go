// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"net/http"

	corev1 "k8s.io/api/core/v1"

	"novu-operator.dev/test/harness"
)

func secret() *corev1.Secret { return &corev1.Secret{} }

// byHand calls Novu as somebody does who is not the operator.
func byHand(s *harness.Stage, method, path, body string) {
	s.Helper()
	if status, answer := s.Call("Development", method, path, body); status >= http.StatusMultipleChoices {
		s.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
}
