// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/source"
)

const shopManifests = `
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: development, namespace: shop}
spec: {apiURL: "https://novu.example.com", secretKeyRef: {name: key}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: production, namespace: shop}
spec: {apiURL: "https://novu.example.com", secretKeyRef: {name: key}, promotionPolicy: {sourceRef: {name: development}}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Layout
metadata: {name: brand, namespace: shop}
spec: {environmentRef: {name: development}, name: Brand, body: "<html><body>{{content}}</body></html>"}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: letter, namespace: shop, labels: {team: shop}}
spec:
  environmentRef: {name: development}
  name: Letter
  steps:
  - {stepID: mail, type: Email, email: {subject: Hi, layout: {type: Ref, ref: {name: brand}}, bodyFrom: {configMapKeyRef: {name: bodies, key: letter}}}}
---
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: note, namespace: shop}
spec:
  environmentRef: {name: development}
  name: Note
  steps: [{stepID: inbox, type: InApp, inApp: {body: Hi}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: bodies, namespace: shop}
data: {letter: "<p>Hi</p>"}
`

// manifests are read as a command-line tool does, after the changes to their text, each from and to.
func (w *world) manifests(changes ...string) *source.Files {
	w.Helper()
	files := &source.Files{}
	w.must(files.Read("shop.yaml", strings.NewReader(strings.NewReplacer(changes...).Replace(shopManifests))))
	if len(files.Problems) > 0 {
		w.Fatal(files.Problems)
	}
	return files
}

// applied brings what manifests describe to the source, as the operator does.
func (w *world) applied(files *source.Files) {
	w.Helper()
	layout, letter, note := &v1alpha1.Layout{}, &v1alpha1.Workflow{}, &v1alpha1.Workflow{}
	w.get(files, "brand", layout)
	w.get(files, "letter", letter)
	w.get(files, "note", note)
	w.storeLayout(w.source, w.resolve(files, layout).Layout)
	w.store(w.source, w.resolve(files, letter).Workflow)
	w.store(w.source, w.resolve(files, note).Workflow)
}

func (w *world) get(files *source.Files, name string, into interface {
	v1alpha1.Object
}) {
	w.Helper()
	w.must(files.Get(w.Context(), types.NamespacedName{Namespace: "shop", Name: name}, into))
}

func (w *world) resolve(files *source.Files, o definition.Object) definition.Definition {
	w.Helper()
	inputs, err := source.Inputs(w.Context(), files, files, o)
	w.must(err)
	d, err := definition.Resolve(o, inputs)
	w.must(err)
	return d
}

// sequence plans what the manifests hold, without a cluster.
func (w *world) sequence(files *source.Files, spec v1alpha1.PromotionSpec) *Sequence {
	w.Helper()
	from, into := &v1alpha1.Environment{}, &v1alpha1.Environment{}
	w.get(files, "development", from)
	w.get(files, "production", into)
	origin, err := Origin(w.Context(), files, from)
	w.must(err)
	return &Sequence{
		Session: w.session(), Clock: w.clock, Objects: files, From: from, Into: into, Origin: origin, Readiness: ByContent,
		Promotion: &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: "shop"}, Spec: spec},
	}
}

func TestSequenceOfManifests(t *testing.T) {
	t.Parallel()
	everything := v1alpha1.PromotionSpec{}
	leaveOut := v1alpha1.PromotionSpec{UnfitItems: v1alpha1.UnfitItemsLeaveOut}
	labelled := v1alpha1.PromotionSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "shop"}}}
	created := "brand Create Pending\nletter Create Pending: the target has no active primary email integration: nothing is delivered that way until it has one"
	for name, test := range map[string]struct {
		changes []string // to the manifests, after the source has got them
		spec    v1alpha1.PromotionSpec
		stage   Stage
		want    string
	}{
		"everything":       {spec: everything, want: created + "\nnote Create Pending"},
		"what is selected": {spec: labelled, want: created},
		"nothing":          {spec: labelled, changes: []string{"team: shop", "team: bank"}, stage: NothingSelected},
		"something else in the source": {
			spec: labelled, changes: []string{"<p>Hi</p>", "<p>Hello</p>"}, stage: PlanRefused,
			want: "brand  \nletter Refused : the source holds something else than its manifest describes (steps[mail].email.body): apply the manifest there first",
		},
		"something else in the source, which is left alone": {
			spec: labelled, changes: []string{"<p>Hi</p>", "<p>Hello</p>", "name: Letter\n", "name: Letter\n  driftPolicy: Ignore\n"},
			want: created,
		},
		"nothing in the source, left out": {
			spec: leaveOut, changes: []string{"name: note,", "name: new,"},
			want: created + "\nnew LeftOut : the source does not hold it: apply its manifest there first",
		},
		"nothing to make it of": {
			spec: leaveOut, changes: []string{"name: bodies, namespace", "name: other, namespace"},
			want: "brand Create Pending\nletter LeftOut : it is not ready: ConfigMap shop/bodies does not exist: create it\nnote Create Pending",
		},
		"a layout that is left out": {
			spec: leaveOut, changes: []string{"name: Brand,", "name: Better Brand,"},
			want: "brand LeftOut : the source holds something else than its manifest describes (name): apply the manifest there first\n" +
				"letter LeftOut : its layout \"brand\" is left out\nnote Create Pending",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, novutest.Options{})
			w.applied(w.manifests())
			q := w.sequence(w.manifests(test.changes...), test.spec)
			planning, err := q.Plan(t.Context(), time.Minute)
			w.must(err)
			got := ""
			if planning.Plan != nil {
				got = describe(planning.Plan.Items)
			}
			if planning.Stage != test.stage || got != test.want {
				t.Errorf("stage %d, want %d:\n%s\nwant\n%s", planning.Stage, test.stage, got, test.want)
			}
		})
	}
}

// What was promoted once is not promoted again, and has the revision of the object, which is that of its definition.
func TestSequenceKnowsWhatTheTargetHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, novutest.Options{})
	files := w.manifests()
	w.applied(files)
	note := &v1alpha1.Workflow{}
	w.get(files, "note", note)
	want := w.resolve(files, note).Workflow
	w.store(w.target, want)
	planning, err := w.sequence(files, v1alpha1.PromotionSpec{Items: []v1alpha1.PromotionItem{{Kind: v1alpha1.PromotionItemWorkflow, Name: "note"}}}).Plan(t.Context(), time.Minute)
	w.must(err)
	item := planning.Plan.Items[0]
	if item.Action != v1alpha1.PlanActionUnchanged || item.Revision != definition.Revision(want) || item.SourceHash == "" {
		t.Errorf("%+v", item)
	}
}
