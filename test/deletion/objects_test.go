// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deletion_test

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/test/harness"
)

// Policies of manifests; none leaves it to the operator.
const (
	none   = v1alpha1.DeletionPolicy("")
	retain = v1alpha1.DeletionPolicyRetain
	remove = v1alpha1.DeletionPolicyDelete
)

// workflow is a Workflow with that policy and further fields of spec.
func workflow(name string, policy v1alpha1.DeletionPolicy, extra ...string) string {
	return manifest("Workflow", name, policy, append(extra,
		"name: A workflow", "steps: [{stepID: text, type: SMS, sms: {body: Hello}}]"))
}

func layout(name string, policy v1alpha1.DeletionPolicy, extra ...string) string {
	return manifest("Layout", name, policy, append(extra, "name: A layout", `body: "<html><body>{{content}}</body></html>"`))
}

func integration(name string, policy v1alpha1.DeletionPolicy, extra ...string) string {
	return manifest("Integration", name, policy, append(extra,
		"providerID: twilio", "channel: SMS", "credentials: {accountSid: made-up, token: made-up, from: '+15550100'}"))
}

func manifest(kind, name string, policy v1alpha1.DeletionPolicy, fields []string) string {
	text := fmt.Sprintf("apiVersion: novu-operator.dev/v1alpha1\nkind: %s\nmetadata: {name: %s}\nspec:\n", kind, name)
	if !strings.Contains(strings.Join(fields, ""), "environmentRef") {
		text += "  environmentRef: {name: dev}\n"
	}
	if policy != none {
		text += "  deletionPolicy: " + string(policy) + "\n"
	}
	return text + "  " + strings.Join(fields, "\n  ") + "\n"
}

// kind of object that can be deleted in Novu.
type kind struct {
	empty    func() client.Object
	manifest func(name string, policy v1alpha1.DeletionPolicy, extra ...string) string
}

var kinds = map[string]kind{
	"Workflow":    {func() client.Object { return &v1alpha1.Workflow{} }, workflow},
	"Layout":      {func() client.Object { return &v1alpha1.Layout{} }, layout},
	"Integration": {func() client.Object { return &v1alpha1.Integration{} }, integration},
}

// known reports whether Novu holds anything of that id in Development.
func known(s *harness.Stage, id string) bool { return idOf(s, id) != "" }

// idOf is Novu's own id of what it holds under the id in Development; empty: nothing.
func idOf(s *harness.Stage, id string) string {
	for _, w := range s.Novu.Workflows("Development") {
		if w.WorkflowID == id {
			return w.ID
		}
	}
	for _, l := range s.Novu.Layouts("Development") {
		if l.LayoutID == id {
			return l.ID
		}
	}
	for _, i := range s.Novu.Integrations("Development") {
		if i.Identifier == id {
			return i.ID
		}
	}
	return ""
}

// holds fails the test unless Novu holds the object exactly if it should.
func holds(s *harness.Stage, id string, wanted bool) {
	s.Helper()
	if known(s, id) != wanted {
		s.Errorf("Novu holds %q: %v, wanted: %v", id, !wanted, wanted)
	}
}

// drop deletes an object of the stage's namespace without waiting.
func drop(s *harness.Stage, o client.Object, name string) {
	s.Helper()
	gone := o.DeepCopyObject().(client.Object)
	gone.SetNamespace(s.Namespace)
	gone.SetName(name)
	s.Must(client.IgnoreNotFound(s.Delete(s.Context(), gone)))
}

func dropNamespace(s *harness.Stage, name string) {
	s.Helper()
	s.Must(s.Delete(s.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
}

// patch merges JSON into an object.
func patch(s *harness.Stage, o client.Object, name, json string) {
	s.Helper()
	patched := o.DeepCopyObject().(client.Object)
	patched.SetNamespace(s.Namespace)
	patched.SetName(name)
	s.Must(s.Patch(s.Context(), patched, client.RawPatch(types.MergePatchType, []byte(json))))
}

const forceDetach = `{"metadata":{"annotations":{"` + v1alpha1.ForceDetachAnnotation + `":"true"}}}`

// finalized waits until an object has the operator's finalizer, or has not.
func finalized(s *harness.Stage, o client.Object, name string, wanted bool) {
	s.Helper()
	s.Eventually(fmt.Sprintf("%T %s has the finalizer: %v", o, name, wanted), func() error {
		if err := s.Get(s.Context(), s.Key(name), o); err != nil {
			return err
		}
		if slices.Contains(o.GetFinalizers(), v1alpha1.Finalizer) {
			return unless(wanted, "it has it")
		}
		return unless(!wanted, "it has not")
	})
}

func unless(fine bool, otherwise string) error {
	if fine {
		return nil
	}
	return fmt.Errorf("%s", otherwise)
}
