// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// Whatever repeats a secret in its answer, the guard of the stage must not find it anywhere.
func TestAnswersThatRepeatSecrets(t *testing.T) {
	t.Parallel()
	const secret = "SG.<secret>&\"quoted\"" // looks different wherever it is escaped
	answers := map[string]func(key string) novutest.Fault{
		"in Novu's message": func(key string) novutest.Fault {
			return novutest.Fault{Status: 422, Body: fmt.Appendf(nil, `{"statusCode":422,"message":"bad %s and %s"}`, key, strings.ReplaceAll(secret, `"`, `\"`))}
		},
		"as a value that was refused": func(key string) novutest.Fault {
			return novutest.Fault{Status: 422, Body: fmt.Appendf(nil,
				`{"statusCode":422,"message":"Validation Error","errors":{"general":{"messages":["%s is too short"],"value":%q}}}`, key, secret)}
		},
		"in a page": func(key string) novutest.Fault {
			return novutest.Fault{Status: 200, Body: []byte("<html>" + key + secret)}
		},
		"in a redirect": func(key string) novutest.Fault {
			return novutest.Fault{Status: 307, Body: []byte{}, Header: http.Header{"Location": {"https://" + key + ".example.test/" + key}}}
		},
		"in an id of support": func(key string) novutest.Fault {
			return novutest.Fault{Status: 500, Body: fmt.Appendf(nil, `{"statusCode":500,"message":"x","errorId":%q}`, key)}
		},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			s := stage(t, novutest.Options{})
			s.Ready(&v1alpha1.Environment{}, "dev")
			s.Secret("sendgrid", map[string]string{"apiKey": secret})
			fault := answer(s.Novu.Environment("Development").SecretKey)
			fault.Method, fault.Times = http.MethodPost, 1
			s.Novu.Inject(fault)
			s.YAML(sendgrid)
			s.NotReady(&v1alpha1.Integration{}, "sendgrid", "")
			fault.Method, fault.Times = "", 2
			s.Novu.Inject(fault)
			annotate(s, &v1alpha1.Environment{}, "dev", v1alpha1.RequestedAtAnnotation, "now")
			s.Ready(&v1alpha1.Integration{}, "sendgrid")
			if got := integration(s, "Development", "sendgrid").Credentials["apiKey"]; got != secret {
				t.Error("Novu holds another credential")
			}
		})
	}
}

// Users change their mind while Novu is slow.
func TestManyEditsEndWithTheLast(t *testing.T) {
	s := stage(t, novutest.Options{})
	edited(s, orderShipped, "order-shipped")
	ids := steps(s, "order-shipped")
	s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Delay: 50 * time.Millisecond})
	for n := range 20 {
		s.YAML(strings.Replace(orderShipped, "name: Order shipped", fmt.Sprintf("name: Edit %d", n), 1))
	}
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	settle(s)
	if got := stored(s, "order-shipped"); got.Name != "Edit 19" {
		t.Errorf("Novu holds %q", got.Name)
	}
	if after := steps(s, "order-shipped"); after["inbox"] != ids["inbox"] || after["mail"] != ids["mail"] {
		t.Errorf("the ids of steps went from %v to %v", ids, after)
	}
	if n := s.Novu.Count(http.MethodPost, "/v2/workflows"); n != 1 {
		t.Errorf("%d creations", n)
	}
}

// A list that leaves a workflow out, because it was made by a replica that is behind, must not cost the ids of its steps.
func TestWorkflowThatTheListForgets(t *testing.T) {
	s := stage(t, novutest.Options{})
	edited(s, orderShipped, "order-shipped")
	ids := steps(s, "order-shipped")
	s.Novu.Inject(novutest.Fault{
		Method: http.MethodGet, Path: "/v2/workflows", Times: 1, Status: http.StatusOK,
		Body: []byte(`{"data":{"workflows":[],"totalCount":0}}`), Header: http.Header{"Content-Type": {"application/json"}},
	})
	look(s, "dev")
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	if after := steps(s, "order-shipped"); after["inbox"] != ids["inbox"] || after["mail"] != ids["mail"] || len(s.Novu.Workflows("Development")) != 1 {
		t.Errorf("the ids of steps went from %v to %v, Novu holds %d workflows", ids, after, len(s.Novu.Workflows("Development")))
	}
}

// Two Environments with one key share a circuit. Whoever opened it, the objects of both come back.
func TestOutageOfASharedEnvironment(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Environment("dev", "Development", never)
	s.Environment("again", "Development", never)
	manifests := map[string]string{
		"a": claimant("a", "{name: dev}"),
		"b": strings.Replace(claimant("b", "{name: again}"), "contested", "other", 1),
	}
	for name, manifest := range manifests {
		s.YAML(manifest)
		s.Ready(&v1alpha1.Workflow{}, name)
	}
	heal := s.Novu.Inject(novutest.Fault{Reset: novutest.BeforeCommit})
	for name, manifest := range manifests {
		s.YAML(strings.Replace(manifest, "name: Of", "name: Edited", 1))
		s.Condition(&v1alpha1.Workflow{}, name, v1alpha1.ConditionReady, "False", "")
	}
	heal()
	s.Ready(&v1alpha1.Workflow{}, "a", "b")
	for _, id := range []string{"contested", "other"} {
		if got := stored(s, id).Name; !strings.HasPrefix(got, "Edited") {
			t.Errorf("%s is called %q", id, got)
		}
	}
}

// An Environment that is deleted takes its connection along; under the same name another may come.
func TestEnvironmentGoesAndAnotherComes(t *testing.T) {
	s := unmanaged(t, novutest.Options{})
	m := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	edited(s, orderShipped, "order-shipped")
	remove(s, &v1alpha1.Environment{}, "dev")
	s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonEnvironmentNotFound)
	s.Eventually("the connection is dropped", func() error {
		if m.Pool.Get(s.Key("dev")) != nil {
			return fmt.Errorf("it is still there")
		}
		return nil
	})
	s.Novu.ClearRequests()
	s.Environment("dev", "Production", "")
	s.Ready(&v1alpha1.Workflow{}, "order-shipped")
	if got := s.Novu.Workflows("Production"); len(got) != 1 || len(s.Novu.Workflows("Development")) != 1 {
		t.Errorf("Production holds %+v", got)
	}
}

func TestOddSecretsAndConfigMaps(t *testing.T) {
	s := bare(t, novutest.Options{})
	s.Environment("dev", "Development", "")
	s.Secret("dev-key", map[string]string{"secretKey": "\n " + s.Novu.Environment("Development").SecretKey + " \n"})
	body := "<html><body>\u00fc {{content}}</body></html>"
	s.Must(s.Create(s.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "bodies"}, BinaryData: map[string][]byte{"layout": []byte(body)},
	}))
	s.YAML(strings.Replace(brand, `body: "<html><body><h1>Brand</h1>{{content}}</body></html>"`, "bodyFrom: {configMapKeyRef: {name: bodies, key: layout}}", 1))
	s.Ready(&v1alpha1.Environment{}, "dev")
	s.Ready(&v1alpha1.Layout{}, "brand")
	if got := fmt.Sprint(s.Novu.Layouts("Development")[0].Values); !strings.Contains(got, body) {
		t.Errorf("Novu holds %s", got)
	}
}

// An event for every transition and none in between.
func TestEventsAreFew(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Ready(&v1alpha1.Environment{}, "dev")
	edited(s, orderShipped, "order-shipped")
	edited(s, orderShipped, "order-shipped", "name: Order shipped", "name: Changed")
	for range 3 {
		ask(s, &v1alpha1.Workflow{}, "order-shipped")
		look(s, "dev")
	}
	var list corev1.EventList
	s.Must(s.List(s.Context(), &list, client.InNamespace(s.Namespace)))
	var reasons []string
	for i := range list.Items {
		reasons = append(reasons, list.Items[i].InvolvedObject.Kind+" "+list.Items[i].Reason)
	}
	slices.Sort(reasons)
	reasons = slices.DeleteFunc(reasons, func(r string) bool { return strings.HasPrefix(r, "Workflow Environment") }) // it came first
	expect(t, "events", reasons, "Environment Connected", "Workflow Synced", "Workflow Synced")
}
