// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

// patience is how long a test waits for something that comes in well under a second on an idle machine.
const patience = 4 * time.Minute

// Stage is a namespace with a Novu server of its own: what one test plays on.
type Stage struct {
	testing.TB
	client.Client

	Namespace string
	Novu      *novutest.Server
}

// NewStage makes a namespace and a Novu server, of the release that most tests are written for unless they want another one. It
// starts no manager.
func NewStage(tb testing.TB, o novutest.Options) *Stage {
	tb.Helper()
	o.Release = cmp.Or(o.Release, novutest.Release315)
	s := &Stage{TB: tb, Client: Client(tb), Novu: novutest.Start(tb, o)}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	s.Must(s.Create(s.Context(), ns))
	s.Namespace = ns.Name
	return s
}

// Must fails the test if there is an error.
func (s *Stage) Must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// Key of an object in the stage's namespace.
func (s *Stage) Key(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: s.Namespace, Name: name}
}

// Call calls Novu as a user or a script does.
func (s *Stage) Call(environment, method, path, body string) (status int, answer string) {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), method, s.Novu.URL+path, strings.NewReader(body))
	s.Must(err)
	request.Header.Set("Authorization", "ApiKey "+s.Novu.Environment(environment).SecretKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	s.Must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	s.Must(err)
	return response.StatusCode, string(text)
}

// Secret makes or replaces a Secret.
func (s *Stage) Secret(name string, data map[string]string) {
	s.Helper()
	s.Apply(map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": name}, "stringData": anyMap(data)})
}

// ConfigMap makes or replaces a ConfigMap.
func (s *Stage) ConfigMap(name string, data map[string]string) {
	s.Helper()
	s.Apply(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name}, "data": anyMap(data)})
}

func anyMap(data map[string]string) map[string]any {
	out := map[string]any{}
	for k, v := range data {
		out[k] = v
	}
	return out
}

// Environment applies an Environment for one of the Novu server's, with the Secret that it needs. extra is YAML of
// further fields of spec.
func (s *Stage) Environment(name, novuName, extra string) {
	s.Helper()
	s.Secret(name+"-key", map[string]string{"secretKey": s.Novu.Environment(novuName).SecretKey})
	s.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: %s}
spec:
  apiURL: %s
  secretKeyRef: {name: %s-key}
%s`, name, s.Novu.URL, name, indent(extra)))
}

func indent(text string) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	return "  " + strings.Join(lines, "\n  ") + "\n"
}

// YAML applies manifests in the stage's namespace, as a user would.
func (s *Stage) YAML(manifests string) {
	s.Helper()
	for document := range strings.SplitSeq(manifests, "\n---") {
		object := map[string]any{}
		s.Must(yaml.Unmarshal([]byte(document), &object))
		if len(object) > 0 {
			s.Apply(object)
		}
	}
}

// Apply applies one object on the server's side, with strict validation, in the stage's namespace.
func (s *Stage) Apply(object map[string]any) {
	s.Helper()
	s.Must(s.TryApply(object))
}

// TryApply is Apply that hands the error back.
func (s *Stage) TryApply(object map[string]any) error {
	u := &unstructured.Unstructured{Object: object}
	if u.GetNamespace() == "" {
		u.SetNamespace(s.Namespace)
	}
	return s.Client.Apply(s.Context(), client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("test"), client.ForceOwnership)
}

// Eventually waits until check finds all well; its last complaint is the failure.
func (s *Stage) Eventually(what string, check func() error) {
	s.Helper()
	s.until(what, s.Key(""), check)
}

// Condition waits until a condition has the status and reason. An empty reason matches all.
func (s *Stage) Condition(object client.Object, name, kind string, status metav1.ConditionStatus, reason string) *metav1.Condition {
	s.Helper()
	var found *metav1.Condition
	s.until(fmt.Sprintf("%T %s: %s=%s %s", object, name, kind, status, reason), s.Key(name), func() error {
		if err := s.Get(s.Context(), s.Key(name), object); err != nil {
			return err
		}
		found = apimeta.FindStatusCondition(Conditions(object), kind)
		if found == nil || found.Status != status || reason != "" && found.Reason != reason || found.ObservedGeneration != object.GetGeneration() {
			return fmt.Errorf("generation %d has %s", object.GetGeneration(), describe(Conditions(object)))
		}
		return nil
	})
	return found
}

// Ready waits until an object is ready for its current spec.
func (s *Stage) Ready(object client.Object, names ...string) {
	s.Helper()
	for _, name := range names {
		s.Condition(object, name, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	}
}

// NotReady waits until an object is not ready for the reason, and returns its message.
func (s *Stage) NotReady(object client.Object, name, reason string) string {
	s.Helper()
	return s.Condition(object, name, v1alpha1.ConditionReady, metav1.ConditionFalse, reason).Message
}

// Conditions of any of the five kinds; none of anything else.
func Conditions(object client.Object) []metav1.Condition {
	if o, ok := object.(v1alpha1.Object); ok {
		return o.GetConditions()
	}
	return nil
}

func describe(conditions []metav1.Condition) string {
	var parts []string
	for _, c := range conditions {
		parts = append(parts, fmt.Sprintf("%s=%s/%s (generation %d: %s)", c.Type, c.Status, c.Reason, c.ObservedGeneration, c.Message))
	}
	return strings.Join(parts, "; ")
}

// Gone waits until an object no longer exists.
func (s *Stage) Gone(object client.Object, name string) {
	s.Helper()
	s.until(fmt.Sprintf("%T %s is gone", object, name), s.Key(name), func() error {
		err := s.Get(context.Background(), s.Key(name), object)
		if client.IgnoreNotFound(err) != nil {
			return err
		}
		if err == nil {
			return fmt.Errorf("it still exists: %s", describe(Conditions(object)))
		}
		return nil
	})
}
