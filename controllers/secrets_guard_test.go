// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/printable"
	"novu-operator.dev/test/harness"
)

// operatorLog is everything that all managers of this process have logged.
var operatorLog harness.Log

// hidden are secrets of stages that neither the Novu server nor a Secret holds any more, by namespace.
var hidden sync.Map

// hide makes the guard look for a secret that is about to be replaced.
func hide(s *harness.Stage, secret string) {
	former, _ := hidden.Load(s.Namespace)
	list, _ := former.([]string)
	hidden.Store(s.Namespace, append(list, secret))
}

// guardSecrets fails the test if at its end a secret of the stage shows in a status, an event or the log.
func guardSecrets(t *testing.T, s *harness.Stage) {
	begun := operatorLog.Len() // what was logged before knows nothing of the stage
	t.Cleanup(func() {
		public := published(t, s)
		for _, secret := range secrets(t, s) {
			if strings.Contains(public, secret) {
				t.Errorf("a status or event shows the secret %q", secret)
			}
			if operatorLog.ContainsAfter(begun, secret) {
				t.Errorf("the log shows the secret %q", secret)
			}
		}
	})
}

func secrets(t *testing.T, s *harness.Stage) []string {
	var stored corev1.SecretList
	if err := s.List(context.Background(), &stored, client.InNamespace(s.Namespace)); err != nil {
		t.Error(err)
	}
	former, _ := hidden.Load(s.Namespace)
	found, _ := former.([]string)
	for i := range stored.Items {
		for _, value := range stored.Items[i].Data {
			if len(value) >= 8 { // shorter ones are words such as true
				found = append(found, string(value))
			}
		}
	}
	for _, environment := range s.Novu.Environments() {
		found = append(found, environment.SecretKey)
	}
	return found
}

// unprintable fails the test for what no reader may be shown: control characters, invisible ones, marks that turn texts
// around. Whoever wrote it, Novu or a user.
func unprintable(t *testing.T, o runtime.Object, content map[string]any) {
	walk(content["status"], func(text string) { checkPrintable(t, o, text) })
	walk(content["message"], func(text string) { checkPrintable(t, o, text) }) // of an event
}

func checkPrintable(t *testing.T, o runtime.Object, text string) {
	if !printable.Clean(text) {
		t.Errorf("%T shows %q", o, text)
	}
}

func walk(v any, each func(string)) {
	switch v := v.(type) {
	case string:
		each(v)
	case []any:
		for _, item := range v {
			walk(item, each)
		}
	case map[string]any:
		for name, item := range v {
			each(name)
			walk(item, each)
		}
	}
}

func publishedLists() []client.ObjectList {
	return []client.ObjectList{
		&v1alpha1.EnvironmentList{}, &v1alpha1.WorkflowList{}, &v1alpha1.LayoutList{}, &v1alpha1.IntegrationList{},
		&v1alpha1.PromotionList{}, &corev1.EventList{},
	}
}

// published is the status of every object and every event in the namespace, as JSON. Nothing in it may be unprintable.
func published(t *testing.T, s *harness.Stage) string {
	var text strings.Builder
	for _, list := range publishedLists() {
		if err := s.List(context.Background(), list, client.InNamespace(s.Namespace)); err != nil {
			t.Error(err)
		}
		_ = apimeta.EachListItem(list, func(o runtime.Object) error {
			content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
			unprintable(t, o, content)
			delete(content, "spec")
			encoded, _ := json.Marshal(content)
			text.Write(encoded)
			return err
		})
	}
	return text.String()
}
