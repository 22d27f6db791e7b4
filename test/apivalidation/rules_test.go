// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"errors"
	"strings"
	"sync"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// rule is one thing that the API server refuses, beside the nearest things that it accepts.
type rule struct {
	name     string
	manifest string
	// at is the path in the manifest that the values are merged into, see edit.
	at string
	// refused are values, as YAML, that the API server refuses with want and with nothing else.
	refused []string
	// accepted are the neighbours of refused on the right side of the rule.
	accepted []string
	// want is part of `field: message` as the API server words it.
	want string
	// createOnly is for rules about what no update can change.
	createOnly bool
}

// noField is where the API server puts remarks that repeat a fault, or tell that it did not look for more.
const noField = "<nil>"

// checkRules has each rule tried on create and on update.
func checkRules(t *testing.T, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			namespace := newNamespace(t)
			for _, value := range r.refused {
				r.refusedOnCreate(t, namespace, value)
			}
			for _, value := range r.accepted {
				r.acceptedOnCreate(t, namespace, value)
			}
			if !r.createOnly {
				r.checkUpdates(t, namespace)
			}
		})
	}
}

func (r rule) refusedOnCreate(t *testing.T, namespace, value string) {
	t.Helper()
	object := edit(t, r.manifest, r.at, value)
	object.SetNamespace(namespace)
	err := strict.Create(t.Context(), object, client.DryRunAll)
	expectRefusal(t, "create with "+value, err, r.want)
}

func (r rule) acceptedOnCreate(t *testing.T, namespace, value string) {
	t.Helper()
	object := edit(t, r.manifest, r.at, value)
	object.SetNamespace(namespace)
	if err := strict.Create(t.Context(), object, client.DryRunAll); err != nil {
		t.Errorf("create with %s: %v", value, err)
	}
}

// checkUpdates changes an object with an accepted value to every other value.
func (r rule) checkUpdates(t *testing.T, namespace string) {
	t.Helper()
	live := edit(t, r.manifest, r.at, r.accepted[0])
	live.SetNamespace(namespace)
	if err := strict.Create(t.Context(), live); err != nil {
		t.Fatalf("create with %s: %v", r.accepted[0], err)
	}
	for _, value := range r.refused {
		expectRefusal(t, "update to "+value, updateSpec(t, live, edit(t, r.manifest, r.at, value)), r.want)
	}
	for _, value := range r.accepted {
		if err := updateSpec(t, live, edit(t, r.manifest, r.at, value)); err != nil {
			t.Errorf("update to %s: %v", value, err)
		}
	}
}

// updateSpec asks the API server whether the live object may have the spec of wanted.
func updateSpec(t *testing.T, live, wanted *unstructured.Unstructured) error {
	t.Helper()
	changed := live.DeepCopy()
	changed.Object["spec"] = wanted.Object["spec"]
	return strict.Update(t.Context(), changed, client.DryRunAll)
}

// expectRefusal wants the API server to have found exactly one fault, worded like want.
func expectRefusal(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: accepted, want %q", what, want)
		return
	}
	faults := faultsOf(err)
	if len(faults) != 1 || !strings.Contains(faults[0], want) || strings.Contains(faults[0], "evaluating rule") {
		t.Errorf("%s:\n got %q\nwant one that contains %q\n(%v)", what, faults, want, err)
	}
}

// saidOf has everything that the API server has found wrong, as `Kind: message`.
var saidOf sync.Map

// unseenRules are the CEL rules whose message no test has seen.
func unseenRules(crds map[string]apiextensionsv1.CustomResourceDefinition) []string {
	var unseen []string
	for kind, crd := range crds {
		visit("", crd.Spec.Versions[0].Schema.OpenAPIV3Schema, func(path string, schema *apiextensionsv1.JSONSchemaProps) {
			for _, rule := range schema.XValidations {
				seen := false
				saidOf.Range(func(said, _ any) bool {
					seen = strings.HasPrefix(said.(string), kind+": ") && strings.HasSuffix(said.(string), rule.Message)
					return !seen
				})
				if !seen {
					unseen = append(unseen, kind+path+": "+rule.Message)
				}
			}
		})
	}
	return unseen
}

// faultsOf is what the API server found wrong with fields of an object, each as `field: message`.
func faultsOf(err error) []string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || !apierrors.IsInvalid(err) || status.Status().Details == nil {
		return nil
	}
	var faults []string
	for _, cause := range status.Status().Details.Causes {
		saidOf.Store(status.Status().Details.Kind+": "+cause.Message, true)
		if cause.Field != noField {
			faults = append(faults, cause.Field+": "+cause.Message)
		}
	}
	return faults
}
