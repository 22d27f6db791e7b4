// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// verdict waits until tools such as Flux, kpt and Argo CD judge an object as wanted.
func verdict(s *harness.Stage, kind, name string, want status.Status) {
	s.Helper()
	s.Eventually(fmt.Sprintf("%s %s is %s", kind, name, want), func() error {
		got, err := judged(s, kind, name)
		if err == nil && got.Status != want {
			err = fmt.Errorf("it is %s: %s", got.Status, got.Message)
		}
		return err
	})
}

func judged(s *harness.Stage, kind, name string) (*status.Result, error) {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	if err := s.Get(s.Context(), s.Key(name), u); err != nil {
		return nil, err
	}
	return status.Compute(u)
}

// TestLifeOfEachKind follows an object of each kind through the states in which tools may see it.
func TestLifeOfEachKind(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		manifest string         // of an object called it
		refused  novutest.Fault // makes Novu refuse it
		edit     []string       // pair of old and new text
	}{
		v1alpha1.WorkflowKind: {
			strings.Replace(orderShipped, "name: order-shipped", "name: it", 1),
			novutest.Fault{Method: "PUT", Path: "/v2/workflows/it"}, []string{"name: Order shipped", "name: Changed"},
		},
		v1alpha1.LayoutKind: {
			strings.Replace(brand, "name: brand", "name: it", 1),
			novutest.Fault{Method: "PUT", Path: "/v2/layouts/it"}, []string{"name: Brand", "name: Changed"},
		},
		v1alpha1.IntegrationKind: {
			mailer("it", "dev", false),
			novutest.Fault{Method: "PUT", Path: "/v1/integrations/*"}, []string{"primary: false", "name: Changed"},
		},
	}
	for kind, test := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := bare(t, novutest.Options{})
			first := &novu.LayoutRequest{LayoutID: "first", Name: "First"} // Novu does not let its first layout go
			_, err := theirs(s, "Development").CreateLayout(s.Context(), first)
			s.Must(err)
			s.YAML(strings.Replace(test.manifest, "{name: dev}", "{name: dev}\n  deletionPolicy: Delete", 1))
			verdict(s, kind, "it", status.InProgressStatus) // it waits for its Environment
			s.Environment("dev", "Development", "")
			verdict(s, kind, "it", status.CurrentStatus)
			test.refused.Status = 422
			heal := s.Novu.Inject(test.refused)
			changed := strings.NewReplacer(append(test.edit, "{name: dev}", "{name: dev}\n  deletionPolicy: Delete")...).Replace(test.manifest)
			s.YAML(changed)
			if got, err := judged(s, kind, "it"); err != nil || got.Status == status.CurrentStatus {
				t.Errorf("right after an edit it is %+v, %v", got, err)
			}
			verdict(s, kind, "it", status.FailedStatus)
			heal()
			verdict(s, kind, "it", status.CurrentStatus)
			stuck := s.Novu.Inject(novutest.Fault{Method: "DELETE", Status: 503})
			u := &unstructured.Unstructured{}
			u.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
			u.SetName("it")
			u.SetNamespace(s.Namespace)
			s.Must(s.Delete(s.Context(), u))
			verdict(s, kind, "it", status.TerminatingStatus)
			stuck()
			s.Eventually("it goes", func() error {
				if err := s.Get(s.Context(), s.Key("it"), u); client.IgnoreNotFound(err) != nil || err == nil {
					return fmt.Errorf("it is still there: %w", err)
				}
				return nil
			})
		})
	}
}

func TestLifeOfAnEnvironment(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	s.YAML(connectionTo("apiURL: " + s.Novu.URL))
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	verdict(s, v1alpha1.EnvironmentKind, "dev", status.InProgressStatus) // it waits for its Secret
	s.Secret("dev-key", map[string]string{"secretKey": "0123456789abcdef0123456789abcdef"})
	verdict(s, v1alpha1.EnvironmentKind, "dev", status.FailedStatus)
	devKey(s)
	verdict(s, v1alpha1.EnvironmentKind, "dev", status.CurrentStatus)
	heal := s.Novu.Inject(novutest.Fault{Reset: novutest.BeforeCommit})
	annotate(s, &v1alpha1.Environment{}, "dev", v1alpha1.RequestedAtAnnotation, "now")
	verdict(s, v1alpha1.EnvironmentKind, "dev", status.InProgressStatus)
	heal()
	verdict(s, v1alpha1.EnvironmentKind, "dev", status.CurrentStatus)
}

// The states that last, each as tools see it.
func TestStatesThatLast(t *testing.T) {
	s := bare(t, novutest.Options{})
	everything(s)
	for name, want := range map[string]status.Status{
		"order-shipped": status.CurrentStatus,
		"branded":       status.CurrentStatus,
		"suspended":     status.InProgressStatus, // it has never reached Novu
		"faulty":        status.FailedStatus,
		"claims-too":    status.FailedStatus,
		"lonely":        status.InProgressStatus,
		"waiting":       status.InProgressStatus,
	} {
		verdict(s, v1alpha1.WorkflowKind, name, want)
	}
	verdict(s, v1alpha1.EnvironmentKind, "dev", status.CurrentStatus)
	verdict(s, v1alpha1.EnvironmentKind, "broken", status.FailedStatus)
	verdict(s, v1alpha1.LayoutKind, "brand", status.CurrentStatus)
	verdict(s, v1alpha1.IntegrationKind, "sendgrid", status.CurrentStatus)
}
