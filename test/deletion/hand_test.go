package deletion_test

import (
	"io"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"novu-operator.dev/test/harness"
)

func secret() *corev1.Secret { return &corev1.Secret{} }

// byHand calls Novu as somebody does who is not the operator.
func byHand(s *harness.Stage, method, path, body string) {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), method, s.Novu.URL+path, strings.NewReader(body))
	s.Must(err)
	request.Header.Set("Authorization", "ApiKey "+s.Novu.Environment("Development").SecretKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	s.Must(err)
	defer response.Body.Close()
	if answer, _ := io.ReadAll(response.Body); response.StatusCode >= http.StatusMultipleChoices {
		s.Fatalf("%s %s: %d %s", method, path, response.StatusCode, answer)
	}
}
