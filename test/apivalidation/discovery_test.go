// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

func TestNames(t *testing.T) {
	t.Parallel()
	served, err := discovery.NewDiscoveryClientForConfigOrDie(config).ServerResourcesForGroupVersion(v1alpha1.GroupVersion.String())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, resource := range served.APIResources {
		got[resource.Name] = fmt.Sprintf("%s %s %v %v", resource.Kind, resource.SingularName, resource.ShortNames, resource.Categories)
		if !resource.Namespaced {
			t.Errorf("%s is not namespaced", resource.Name)
		}
	}
	for name, want := range map[string]string{
		"environments": "Environment environment [nenv] [novu]", "workflows": "Workflow workflow [nwf] [novu]",
		"layouts": "Layout layout [nlay] [novu]", "integrations": "Integration integration [nint] [novu]",
		"promotions": "Promotion promotion [nprom] [novu]",
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
		if _, ok := got[name+"/status"]; !ok {
			t.Errorf("%s has no status subresource", name)
		}
	}
}

const readyStatus = `conditions: [{type: Ready, status: "True", reason: Synced, message: All is well, lastTransitionTime: "2026-11-22T22:47:41Z"}]`

// columns are what kubectl get prints for a manifest with a status, without the age.
var columns = []struct{ manifest, status, narrow, wide string }{
	{
		`{kind: Environment, metadata: {name: example}, spec: {secretKeyRef: {name: novu}, promotionPolicy: {sourceRef: {name: development}}}}`,
		`{environmentName: Production, applicationIdentifier: abc, counts: [{kind: Layout, total: 3, notReady: 9}, {kind: Workflow, total: 20, managed: 20, unmanaged: 0, notReady: 0}], target: {pending: 2, drifted: 1},
			hold: {promotionRef: {namespace: novu, name: release-6}, startTime: "2026-11-22T22:47:41Z"}, ` + readyStatus + `}`,
		"Name=example Novu=Production Ready=True Reason=Synced Source=development Hold=release-6 Workflows=20 Pending=2 Drifted=1",
		"Frozen=<nil> Not ready=0 Application=abc Message=All is well",
	}, {
		workflowManifest, `{workflowID: order-shipped, state: ACTIVE, revision: 1f2e3d4c5b6a, shortRevision: 1f2e3d, ` + readyStatus + `}`,
		"Name=example Workflow=order-shipped Environment=development Ready=True Reason=Synced Revision=1f2e3d",
		"State=ACTIVE Message=All is well",
	}, {
		layoutManifest, `{layoutID: base, revision: 1f2e3d4c5b6a, shortRevision: 1f2e3d, ` + readyStatus + `}`,
		"Name=example Layout=base Environment=development Ready=True Reason=Synced Revision=1f2e3d",
		"Message=All is well",
	}, {
		integrationManifest, `{identifier: mail, active: true, primary: true, ` + readyStatus + `}`,
		"Name=example Environment=development Channel=Email Provider=sendgrid Ready=True Reason=Synced Primary=true",
		"Identifier=mail Message=All is well",
	}, {
		promotionManifest, `{phase: Waiting, progress: 0/3, plan: {create: 1, update: 2, delete: 4, unchanged: 0, refused: 0, leftOut: 3, hash: 1f2e3d4c5b6a, shortHash: 1f2e3d},
			conditions: [{type: GatesPassed, status: "False", reason: Soaking, message: "", lastTransitionTime: "2026-11-22T22:47:41Z"},
			{type: Ready, status: "False", reason: Soaking, message: Wait, lastTransitionTime: "2026-11-22T22:47:41Z"}]}`,
		"Name=example Target=production Phase=Waiting Progress=0/3 Gates=Soaking Create=1 Update=2 Unchanged=0 Left out=3 Ready=False Reason=Soaking",
		"Delete=4 Refused=0 Plan=1f2e3d Next=<nil> Message=Wait",
	},
}

func TestPrinterColumns(t *testing.T) {
	t.Parallel()
	for _, want := range columns {
		object := edit(t, want.manifest, "status", want.status)
		t.Run(object.GetKind(), func(t *testing.T) {
			t.Parallel()
			object.SetNamespace(newNamespace(t))
			status := object.Object["status"]
			if err := strict.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			object.Object["status"] = status
			if err := strict.Status().Update(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			if narrow, wide := printed(t, object); narrow != want.narrow || wide != want.wide {
				t.Errorf("got\n%s\n%s\nwant\n%s\n%s", narrow, wide, want.narrow, want.wide)
			}
		})
	}
}

// printed is the row of an object in the table that kubectl asks for: what it prints always, and what with -o wide.
func printed(t *testing.T, object *unstructured.Unstructured) (narrow, wide string) {
	t.Helper()
	resource, err := strict.RESTMapper().RESTMapping(object.GroupVersionKind().GroupKind())
	if err != nil {
		t.Fatal(err)
	}
	content, err := raw.Get().Namespace(object.GetNamespace()).Resource(resource.Resource.Resource).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var table metav1.Table
	if err := json.Unmarshal(content, &table); err != nil || len(table.Rows) != 1 {
		t.Fatalf("%v: %s", err, content)
	}
	for i, column := range table.ColumnDefinitions {
		switch cell := fmt.Sprintf("%s=%v", column.Name, table.Rows[0].Cells[i]); {
		case column.Name == "Age": // changes with every second
		case column.Priority > 0:
			wide = joined(wide, cell)
		default:
			narrow = joined(narrow, cell)
		}
	}
	return narrow, wide
}

func joined(row, cell string) string {
	if row == "" {
		return cell
	}
	return row + " " + cell
}

// Every selectable field of every kind, with a value that one of two objects has.
var selectable = []struct {
	manifest, other string
	fields          map[string]string
}{
	{environmentManifest, `{kind: Environment, metadata: {name: other}, spec: {secretKeyRef: {name: other}}}`, map[string]string{"spec.secretKeyRef.name": "novu"}},
	{
		`{kind: Workflow, metadata: {name: example}, spec: {environmentRef: {name: development}, workflowID: a, name: a}}`,
		`{kind: Workflow, metadata: {name: other}, spec: {environmentRef: {name: other}, workflowID: b, name: a}}`,
		map[string]string{"spec.environmentRef.name": "development", "spec.workflowID": "a"},
	}, {
		`{kind: Layout, metadata: {name: example}, spec: {environmentRef: {name: development}, layoutID: a, name: a, bodyFrom: {configMapKeyRef: {name: a, key: a}}}}`,
		`{kind: Layout, metadata: {name: other}, spec: {environmentRef: {name: other}, name: a, bodyFrom: {configMapKeyRef: {name: a, key: a}}}}`,
		map[string]string{"spec.environmentRef.name": "development", "spec.layoutID": "a"},
	}, {
		integrationManifest, `{kind: Integration, metadata: {name: other}, spec: {environmentRef: {name: other}, providerID: twilio, channel: SMS}}`,
		map[string]string{"spec.environmentRef.name": "development", "spec.providerID": "sendgrid", "spec.channel": "Email"},
	},
	{promotionManifest, `{kind: Promotion, metadata: {name: other}, spec: {targetRef: {name: staging}}}`, map[string]string{"spec.targetRef.name": "production"}},
}

func TestSelectableFields(t *testing.T) {
	t.Parallel()
	for _, want := range selectable {
		object := parse(t, want.manifest)
		t.Run(object.GetKind(), func(t *testing.T) {
			t.Parallel()
			namespace := newNamespace(t)
			for _, each := range []*unstructured.Unstructured{object, parse(t, want.other)} {
				each.SetNamespace(namespace)
				if err := strict.Create(t.Context(), each); err != nil {
					t.Fatal(err)
				}
			}
			for field, value := range want.fields {
				if found := namesWith(t, object, namespace, client.MatchingFields{field: value}); !slices.Equal(found, []string{"example"}) {
					t.Errorf("%s=%s finds %v", field, value, found)
				}
			}
			if declared := crds(t)[object.GetKind()].Spec.Versions[0].SelectableFields; len(declared) != len(want.fields) {
				t.Errorf("the CRD declares %v, the test knows %v", declared, want.fields)
			}
		})
	}
}

func namesWith(t *testing.T, example *unstructured.Unstructured, namespace string, fields client.MatchingFields) []string {
	t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(example.GroupVersionKind())
	if err := strict.List(t.Context(), list, client.InNamespace(namespace), fields); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, item := range list.Items {
		names = append(names, item.GetName())
	}
	return names
}
