// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// backedUp are the kinds of a backup, in the order in which they are restored.
var backedUp = []schema.GroupVersionKind{
	appsv1.SchemeGroupVersion.WithKind("ControllerRevision"),
	v1alpha1.GroupVersion.WithKind("Environment"), v1alpha1.GroupVersion.WithKind("Layout"),
	v1alpha1.GroupVersion.WithKind("Workflow"), v1alpha1.GroupVersion.WithKind("Integration"), v1alpha1.GroupVersion.WithKind("Promotion"),
}

// hiddenMail is an integration whose credentials Novu does not show.
const hiddenMail = `
apiVersion: novu-operator.dev/v1alpha1
kind: Integration
metadata: {name: sendgrid, annotations: {novu-operator.dev/requested-at: once}}
spec:
  environmentRef: {name: dev}
  adoptionPolicy: Refuse
  providerID: sendgrid
  channel: Email
  credentials: {from: noreply@example.test, senderName: Example}
  credentialsFrom: [{secretRef: {name: sendgrid}}]
`

// backup is what a tool keeps of objects: everything but status and what the API server gives them.
func backup(s *harness.Stage) (saved []*unstructured.Unstructured) {
	s.Helper()
	for _, gvk := range backedUp {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(gvk)
		s.Must(s.List(s.Context(), list, client.InNamespace(s.Namespace)))
		for i := range list.Items {
			o := &list.Items[i]
			delete(o.Object, "status")
			for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"} {
				unstructured.RemoveNestedField(o.Object, "metadata", field)
			}
			saved = append(saved, o)
		}
	}
	return saved
}

// disaster deletes what is to be restored.
func disaster(s *harness.Stage, saved []*unstructured.Unstructured) {
	s.Helper()
	for _, o := range saved {
		gone := o.DeepCopy()
		s.Must(s.Patch(s.Context(), gone, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))))
		s.Must(s.Delete(s.Context(), gone))
	}
}

func restoreAll(s *harness.Stage, saved []*unstructured.Unstructured, lose func(*unstructured.Unstructured) bool) {
	s.Helper()
	for _, o := range saved {
		if copied := o.DeepCopy(); lose == nil || !lose(copied) {
			s.Must(s.Create(s.Context(), copied))
		}
	}
}

// ends are the phases, reasons and times of Promotions that have ended.
func ends(s *harness.Stage) map[string]string {
	s.Helper()
	var list v1alpha1.PromotionList
	s.Must(s.List(s.Context(), &list, client.InNamespace(s.Namespace)))
	found := map[string]string{}
	for i := range list.Items {
		p := &list.Items[i]
		ready := apimeta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
		if p.Status.CompletionTime != nil {
			found[p.Name] = fmt.Sprint(p.Status.Phase, " ", ready.Status, " ", ready.Reason, " ", p.Status.CompletionTime.UTC(), " ", p.Status.RestoresRef)
		} else if ready != nil {
			found[p.Name] = ready.Reason
		}
	}
	return found
}

// noAttempts loses the annotations that say how Promotions have ended.
func noAttempts(o *unstructured.Unstructured) bool {
	annotations := o.GetAnnotations()
	delete(annotations, v1alpha1.AttemptAnnotation)
	o.SetAnnotations(annotations)
	return false
}

func noRecords(o *unstructured.Unstructured) bool { return o.GetKind() == "ControllerRevision" }

// Everything is restored from a backup that keeps no status: each Promotion shows the end that it had, and nothing is
// written to Novu, neither now nor for an approval of then.
func TestRestoreFromABackup(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*unstructured.Unstructured) bool{
		"whole": nil, "without annotations": noAttempts, "without records": noRecords,
	} {
		t.Run(name, func(t *testing.T) {
			s := unmanaged(t, novutest.Options{Environments: novuEnvironments.Environments, HideCredentials: true})
			operator := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			s.Environment("dev", "Development", "")
			s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}}")
			s.Secret("sendgrid", map[string]string{"apiKey": "SG.a-key-that-nobody-may-see"})
			s.YAML(hiddenMail)
			s.Ready(&v1alpha1.Integration{}, "sendgrid")
			refusing := strings.ReplaceAll(three, "environmentRef: {name: dev}", "adoptionPolicy: Refuse, environmentRef: {name: dev}")
			refusing = strings.ReplaceAll(refusing, "spec:\n  adoptionPolicy: Refuse, environmentRef: {name: dev}", "spec:\n  adoptionPolicy: Refuse\n  environmentRef: {name: dev}")
			s.YAML(fmt.Sprintf(refusing, "one"))
			s.Ready(promote(s, "first", "prod", ""), "first")
			failedForGoodAfter(s, "astray", "prod", "rollback: {to: Promotion, promotionRef: {name: nowhere}}", v1alpha1.ReasonNothingRecorded)
			s.YAML(fmt.Sprintf(refusing, "two"))
			s.Ready(promote(s, "second", "prod", ""), "second")
			s.Ready(promote(s, "back", "prod", "rollback: {to: Previous}"), "back")
			s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: dev}, approvals: {required: 1}}")
			waiting := promote(s, "waiting", "prod", "")
			s.NotReady(waiting, "waiting", v1alpha1.ReasonApprovalsMissing)
			promote(s, "given-up", "prod", "abort: true")
			s.NotReady(&v1alpha1.Promotion{}, "given-up", v1alpha1.ReasonAborted)
			s.Must(operator.Stop())
			approve(s, waiting, "waiting", "alice") // nobody has acted upon it yet when the disaster comes
			before := ends(s)

			saved := backup(s)
			disaster(s, saved)
			restoreAll(s, saved, lose)
			s.Novu.ClearRequests()
			harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			s.Ready(&v1alpha1.Layout{}, "brand")
			s.Ready(&v1alpha1.Workflow{}, "letter", "message")
			s.Ready(&v1alpha1.Integration{}, "sendgrid")
			s.Eventually("every Promotion shows its end", func() error {
				after := ends(s)
				for name, end := range before {
					if after[name] != end {
						return fmt.Errorf("%s: %q, was %q", name, after[name], end)
					}
				}
				return nil
			})
			settle(s)
			expect(t, "writes to Novu", writes(s))
			if got := text(s, "message"); got != "one" {
				t.Errorf("the text is %q", got)
			}
			s.NotReady(waiting, "waiting", v1alpha1.ReasonApprovalsMissing)
		})
	}
}

func failedForGoodAfter(s *harness.Stage, name, target, spec, reason string) {
	s.Helper()
	promote(s, name, target, spec)
	failedForGood(s, name, reason)
}

// A GitOps tool creates a Promotion again that its time to live has deleted: it has ended, and stays as long as the next one
// that is created. The same name with another spec is another attempt.
func TestPromotionIsCreatedAgain(t *testing.T) {
	s := ladder(t)
	s.YAML(fmt.Sprintf(three, "one"))
	first := promote(s, "release", "prod", "")
	promoted(s, first, "release", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	failedForGoodAfter(s, "astray", "prod", "rollback: {to: Promotion, promotionRef: {name: later}}", v1alpha1.ReasonNothingRecorded)
	remove(s, &v1alpha1.Promotion{}, "release")
	remove(s, &v1alpha1.Promotion{}, "astray")
	s.YAML(fmt.Sprintf(three, "two"))
	s.Ready(&v1alpha1.Workflow{}, "message")
	promoted(s, promote(s, "later", "prod", ""), "later", "3/3 promoted to prod: 0 created, 1 updated, 2 unchanged")
	s.YAML(fmt.Sprintf(three, "three"))
	s.Ready(&v1alpha1.Workflow{}, "message")
	settle(s)
	s.Novu.ClearRequests()

	again := promote(s, "release", "prod", "ttlSecondsAfterFinished: 3600, requestedBy: somebody")
	s.Ready(again, "release")
	ready := apimeta.FindStatusCondition(again.Status.Conditions, v1alpha1.ConditionReady)
	if !strings.Contains(ready.Message, string(first.UID)) || !strings.Contains(ready.Message, "create a Promotion with another name") ||
		!again.Status.CompletionTime.Equal(first.Status.CompletionTime) || again.UID == first.UID {
		t.Errorf("%+v, completed %s, was %s", ready, again.Status.CompletionTime, first.Status.CompletionTime)
	}
	failedForGoodAfter(s, "astray", "prod", "rollback: {to: Promotion, promotionRef: {name: later}}", v1alpha1.ReasonNothingRecorded)
	settle(s)
	expect(t, "writes to Novu", writes(s))
	if got := text(s, "message"); got != "two" {
		t.Errorf("the text is %q", got)
	}
	remove(s, &v1alpha1.Promotion{}, "release")
	other := promote(s, "release", "prod", "items: [{kind: Workflow, name: message}]")
	promoted(s, other, "release", "1/1 promoted to prod: 0 created, 1 updated, 0 unchanged")
}

// A Promotion is deleted while it is at work, by a disaster or by hand, and comes back: nobody goes on where it was.
func TestPromotionComesBackHalfDone(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*unstructured.Unstructured) bool{
		"whole": nil, "without annotations": noAttempts, "without records": noRecords,
	} {
		t.Run(name, func(t *testing.T) {
			s := unmanaged(t, novuEnvironments)
			operator := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			s.Environment("dev", "Development", "")
			targets(s)
			s.YAML(fmt.Sprintf(three, "one"))
			s.Ready(&v1alpha1.Workflow{}, "letter", "message")
			open := s.Novu.Inject(novutest.Fault{Method: http.MethodPut, Path: "/v2/workflows/message/sync", Status: 503})
			p := promote(s, "half", "prod", "")
			s.Eventually("the Promotion is held up", func() error {
				s.Must(s.Get(t.Context(), s.Key("half"), p))
				return unless(p.Status.Progress == "2/3", fmt.Sprintf("%+v", p.Status))
			})
			s.Must(operator.Stop())
			saved := backup(s)
			disaster(s, saved)
			restoreAll(s, saved, lose)
			open()
			s.Novu.ClearRequests()
			harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
			if got := s.NotReady(p, "half", v1alpha1.ReasonInterrupted); !strings.Contains(got, "create a Promotion with another name") {
				t.Error(got)
			}
			if p.Status.Phase != v1alpha1.PromotionPhaseFailed || p.Status.CompletionTime == nil {
				t.Errorf("%+v", p.Status)
			}
			s.Ready(&v1alpha1.Workflow{}, "letter", "message")
			settle(s)
			expect(t, "writes to Novu", writes(s))
			s.Ready(promote(s, "whole", "prod", ""), "whole")
		})
	}
}

// One that is created again by a tool is not deleted at once because it has ended long ago.
func TestTimeToLiveOfOneThatComesAgain(t *testing.T) {
	s, clock := clocked(t, novuEnvironments)
	targets(s)
	s.YAML(fmt.Sprintf(three, "one"))
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	clock.Move(-2 * time.Hour)
	s.Ready(promote(s, "release", "prod", "ttlSecondsAfterFinished: 3600"), "release")
	clock.Move(2 * time.Hour) // its end is longer ago than its time to live
	remove(s, &v1alpha1.Promotion{}, "release")
	again := promote(s, "release", "prod", "ttlSecondsAfterFinished: 3600")
	s.Ready(again, "release")
	settle(s)
	s.Must(s.Get(t.Context(), s.Key("release"), again))
	if again.DeletionTimestamp != nil || again.CreationTimestamp.Before(&metav1.Time{Time: again.Status.CompletionTime.Time}) {
		t.Errorf("created %s, completed %s", again.CreationTimestamp, again.Status.CompletionTime)
	}
}

// A rollback that is restored without the records of its target holds automatic promotion back all the same, until somebody resumes
// what it has held then. A hold that was lifted before does not come back.
func TestHoldIsRestoredWithItsRollback(t *testing.T) {
	s := unmanaged(t, novuEnvironments)
	operator := harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Environment("dev", "Development", "")
	follow(s, "prod", "Production", "dev", "historyLimit: 5", "")
	s.YAML(fmt.Sprintf(three, "one"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 1)[0].Name)
	s.YAML(fmt.Sprintf(three, "two"))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 2)[1].Name)
	earlier := promote(s, "earlier", "prod", "rollback: {to: Previous}")
	s.Ready(earlier, "earlier")
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, string(earlier.UID))
	s.Ready(&v1alpha1.Promotion{}, made(s, "prod", 3)[2].Name)
	back := promote(s, "undo", "prod", "rollback: {to: Previous}")
	s.Ready(back, "undo")
	s.Must(operator.Stop())

	saved := backup(s)
	disaster(s, saved)
	restoreAll(s, saved, noRecords)
	s.Novu.ClearRequests()
	operator = harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Ready(&v1alpha1.Promotion{}, "earlier", "undo")
	s.Ready(&v1alpha1.Workflow{}, "letter", "message")
	settle(s)
	expect(t, "writes to Novu", writes(s))
	held(s, "prod", "undo")
	if got := textIn(s, "Production"); got != "one" {
		t.Errorf("Production says %q", got)
	}
	annotate(s, &v1alpha1.Environment{}, "prod", v1alpha1.ResumeAnnotation, string(back.UID))
	s.Eventually("the source is followed again", func() error {
		return unless(textIn(s, "Production") == "two", "Production says "+textIn(s, "Production"))
	})
	settle(s)
	s.Must(operator.Stop())

	saved = backup(s)
	disaster(s, saved)
	restoreAll(s, saved, noRecords)
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{s.Namespace}})
	s.Ready(&v1alpha1.Promotion{}, "earlier", "undo")
	settle(s)
	var prod v1alpha1.Environment
	s.Must(s.Get(t.Context(), s.Key("prod"), &prod))
	if prod.Status.Hold != nil {
		t.Errorf("hold %+v", prod.Status.Hold)
	}
}
