// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/index"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/source"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

const manifests = `
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec: {apiURL: "https://novu.example.com", secretKeyRef: {name: dev-key}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: prod}
spec: {apiURL: "https://novu.example.com", secretKeyRef: {name: prod-key}, promotionPolicy: {sourceRef: {name: dev}}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: brand}
spec: {environmentRef: {name: dev}, name: Brand, body: "<html><body>{{content}}</body></html>"}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: welcome, labels: {team: shop}}
spec:
  environmentRef: {name: dev}
  name: Welcome
  steps:
  - stepID: mail
    type: Email
    email: {subject: Hi, layout: {type: Ref, ref: {name: brand}}, bodyFrom: {configMapKeyRef: {name: bodies, key: welcome}}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: alert}
spec:
  environmentRef: {name: dev}
  name: Alert
  workflowID: loud-alert
  steps: [{stepID: text, type: SMS, sms: {body: Hi}}]
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: elsewhere}
spec:
  environmentRef: {name: lab}
  name: Elsewhere
  steps: [{stepID: text, type: SMS, sms: {body: Hi}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: bodies}
data: {welcome: "<p>Hi</p>"}
---
apiVersion: v1
kind: Secret
metadata: {name: dev-key}
stringData: {secretKey: nothing}
`

// sources are all kinds of Source, which hold the same objects.
func sources(t *testing.T) (s *harness.Stage, all map[string]source.Source) {
	t.Helper()
	s = harness.NewStage(t, novutest.Options{})
	s.YAML(manifests)

	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	c, err := cache.New(harness.API(t), cache.Options{
		Scheme: s.Scheme(), Mapper: s.RESTMapper(), DefaultNamespaces: map[string]cache.Config{s.Namespace: {}},
		ByObject: map[client.Object]cache.ByObject{&corev1.Namespace{}: {}},
	})
	s.Must(err)
	s.Must(index.Register(ctx, c))
	go func() { _ = c.Start(ctx) }()
	if !c.WaitForCacheSync(ctx) {
		t.Fatal("the cache does not come up")
	}

	files := &source.Files{Namespace: s.Namespace}
	s.Must(files.Read("all.yaml", strings.NewReader(manifests+"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: "+s.Namespace+"}\n")))
	if len(files.Problems)+len(files.Ignored) > 0 {
		t.Fatalf("%v %v", files.Problems, files.Ignored)
	}
	return s, map[string]source.Source{
		"cached": source.Cached(c), "live": source.Live(s.Client), "live, in one namespace": source.Live(s.Client, s.Namespace), "files": files,
	}
}

func TestSourcesHoldTheSame(t *testing.T) {
	t.Parallel()
	s, all := sources(t)
	dev := s.Key("dev")
	for name, test := range map[string]struct {
		list         client.ObjectList
		field, value string
		want         string
	}{
		"of an Environment":             {&v1alpha1.WorkflowList{}, index.Environment, dev.String(), "alert welcome"},
		"of another kind":               {&v1alpha1.LayoutList{}, index.Environment, dev.String(), "brand"},
		"of an Environment without any": {&v1alpha1.WorkflowList{}, index.Environment, s.Key("prod").String(), ""},
		"by what they are in Novu":      {&v1alpha1.WorkflowList{}, index.Identity, index.Within(dev, "loud-alert"), "alert"},
		"by what they refer to":         {&v1alpha1.WorkflowList{}, index.ConfigMap, s.Key("bodies").String(), "welcome"},
		"targets of a source":           {&v1alpha1.EnvironmentList{}, index.Source, dev.String(), "prod"},
	} {
		for kind, from := range all {
			t.Run(name+", "+kind, func(t *testing.T) {
				list := test.list.DeepCopyObject().(client.ObjectList)
				if err := from.Lookup(t.Context(), list, test.field, test.value); err != nil {
					t.Fatal(err)
				}
				if got := names(t, list); got != test.want {
					t.Errorf("found %q, want %q", got, test.want)
				}
			})
		}
	}
}

// names are those of the objects in a list, in their order, which is that of no Source.
func names(t *testing.T, list client.ObjectList) string {
	t.Helper()
	var found []string
	err := apimeta.EachListItem(list, func(o runtime.Object) error {
		found = append(found, o.(client.Object).GetName())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

func TestSourcesReadTheSame(t *testing.T) {
	t.Parallel()
	s, all := sources(t)
	for kind, from := range all {
		t.Run(kind, func(t *testing.T) {
			w, secret, namespace := &v1alpha1.Workflow{}, &corev1.Secret{}, &metav1.PartialObjectMetadata{}
			namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
			for _, o := range []struct {
				key  types.NamespacedName
				into client.Object
			}{{s.Key("welcome"), w}, {s.Key("dev-key"), secret}, {types.NamespacedName{Name: s.Namespace}, namespace}} {
				if err := from.Get(t.Context(), o.key, o.into); err != nil {
					t.Fatal(err)
				}
				if o.into.GetName() != o.key.Name || o.into.GetNamespace() != o.key.Namespace {
					t.Errorf("%s is %s/%s", o.key, o.into.GetNamespace(), o.into.GetName())
				}
			}
			if w.Labels["team"] != "shop" || w.Spec.Steps[0].Email.LayoutName() != "brand" || string(secret.Data["secretKey"]) != "nothing" {
				t.Errorf("%+v %d", w.Spec, len(secret.Data["secretKey"]))
			}
			if err := from.Get(t.Context(), s.Key("brand"), &v1alpha1.Workflow{}); !apierrors.IsNotFound(err) {
				t.Errorf("a Workflow of the name of a Layout: %v", err)
			}
			w.Labels["team"] = "changed by the reader"
			again := &v1alpha1.Workflow{}
			if err := from.Get(t.Context(), s.Key("welcome"), again); err != nil || again.Labels["team"] != "shop" {
				t.Errorf("what was read is shared: %v %v", again.Labels, err)
			}
			if err := from.Lookup(t.Context(), &v1alpha1.WorkflowList{}, index.Target, "x"); err == nil {
				t.Error("an index that there is not finds nothing, silently")
			}
		})
	}
}
