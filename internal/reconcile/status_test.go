// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile_test

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

const order = `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: order}
spec: {environmentRef: {name: dev}, name: Order}
`

// TestStatusOfAnOutdatedObject writes a status that was worked out from a version of the object that is no longer the
// newest, as a cache that is behind or a replaced leader does.
func TestStatusOfAnOutdatedObject(t *testing.T) {
	for name, tc := range map[string]struct {
		meanwhile func(s *harness.Stage, w *v1alpha1.Workflow)
		outdated  bool
		revision  string // that status shows in the end
	}{
		"nothing has changed": {meanwhile: func(*harness.Stage, *v1alpha1.Workflow) {}, revision: "late"},
		"a user has changed spec": {
			meanwhile: func(s *harness.Stage, w *v1alpha1.Workflow) {
				w.Spec.Name = "Another"
				s.Must(s.Update(s.Context(), w))
			},
			revision: "late",
		},
		"a Promotion has recorded itself": {
			meanwhile: func(s *harness.Stage, w *v1alpha1.Workflow) {
				live := []v1alpha1.LiveRevision{{Environment: "prod", Namespace: s.Namespace, Revision: "r1"}}
				part := &v1alpha1.Workflow{Status: v1alpha1.WorkflowStatus{Environments: live}}
				s.Must(reconcile.ApplyStatus(s.Context(), s.Client, w, part, "a-promotion"))
			},
			revision: "late",
		},
		"another leader has written status": {
			meanwhile: func(s *harness.Stage, w *v1alpha1.Workflow) { record(s, w, "newer") },
			outdated:  true, revision: "newer",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := harness.NewStage(t, novutest.Options{})
			s.YAML(order)
			outdated := read(s)
			tc.meanwhile(s, read(s))
			now := outdated.DeepCopy()
			now.Status.Revision = "late"
			err := reconcile.WriteStatus(s.Context(), s.Client, s.Client, now, outdated)
			if reconcile.Outdated(err) != tc.outdated || !tc.outdated && err != nil {
				t.Errorf("the error is %v", err)
			}
			if got := read(s); got.Status.Revision != tc.revision {
				t.Errorf("status shows revision %q, not %q", got.Status.Revision, tc.revision)
			} else if err == nil && got.ResourceVersion != now.ResourceVersion {
				t.Error("the object does not carry the version that was written")
			}
		})
	}
}

// TestStatusOfALostObject writes the status of an object that is gone, or was made again under its name.
func TestStatusOfALostObject(t *testing.T) {
	s := harness.NewStage(t, novutest.Options{})
	s.YAML(order)
	lost := read(s)
	now := lost.DeepCopy()
	now.Status.Revision = "late"
	s.Must(s.Delete(s.Context(), lost.DeepCopy()))
	s.Must(reconcile.WriteStatus(s.Context(), s.Client, s.Client, now, lost))
	s.YAML(order)
	if err := reconcile.WriteStatus(s.Context(), s.Client, s.Client, now, lost); !reconcile.Outdated(err) {
		t.Errorf("the error is %v", err)
	}
	if got := read(s).Status.Revision; got != "" {
		t.Errorf("the new object shows revision %q", got)
	}
}

func record(s *harness.Stage, w *v1alpha1.Workflow, revision string) {
	s.Helper()
	before := w.DeepCopy()
	w.Status.Revision = revision
	s.Must(reconcile.WriteStatus(s.Context(), s.Client, s.Client, w, before))
}

func read(s *harness.Stage) *v1alpha1.Workflow {
	s.Helper()
	w := &v1alpha1.Workflow{}
	s.Must(s.Get(s.Context(), client.ObjectKey{Namespace: s.Namespace, Name: "order"}, w))
	return w
}
