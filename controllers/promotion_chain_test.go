// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"novu-operator.dev/api/v1alpha1"
)

// Production is promoted from Staging, which holds what Development has left behind: revisions keep their names all the way,
// so that gates and pins find them.
func TestPromotionFollowsAChain(t *testing.T) {
	s := stage(t, novuEnvironments)
	s.Environment("staging", "Staging", "promotionPolicy: {sourceRef: {name: dev}}")
	s.Environment("prod", "Production", "promotionPolicy: {sourceRef: {name: staging}, afterRefs: [{name: staging}], soak: 1s}")
	s.YAML(fmt.Sprintf(three, "one"))
	promoted(s, promote(s, "to-staging", "staging", ""), "to-staging", "3/3 promoted to staging: 3 created, 0 updated, 0 unchanged")
	first := live(s, "message")["staging"].Revision
	s.YAML(fmt.Sprintf(three, "two"))
	s.Ready(&v1alpha1.Workflow{}, "message")
	promoted(s, promote(s, "to-prod", "prod", ""), "to-prod", "3/3 promoted to prod: 3 created, 0 updated, 0 unchanged")
	if got := live(s, "message")["prod"].Revision; got != first || text(s, "message") != "one" {
		t.Errorf("production holds %q as revision %s, staging %s", text(s, "message"), got, first)
	}
	pinned := fmt.Sprintf("items: [{kind: Workflow, name: message, revision: %q}]", first)
	promoted(s, promote(s, "pinned", "prod", pinned), "pinned", "1/1 promoted to prod: 0 created, 0 updated, 1 unchanged")
}

// Only what the Promotion is about is deleted, although the objects that could say so are gone.
func TestPruneKeepsToTheSelector(t *testing.T) {
	s := stage(t, novuEnvironments)
	targets(s)
	labelled := "\n---" + farewell + "---" + `
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: goodbye, labels: {team: ours}}
spec: {environmentRef: {name: dev}, name: Goodbye, steps: [{stepID: text, type: SMS, sms: {body: See you}}]}
`
	s.YAML(fmt.Sprintf(three, "one") + labelled)
	promoted(s, promote(s, "first", "prod", ""), "first", "5/5 promoted to prod: 5 created, 0 updated, 0 unchanged")
	for _, name := range []string{"farewell", "goodbye"} {
		s.Must(s.Delete(t.Context(), &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: name}}))
		s.Gone(&v1alpha1.Workflow{}, name)
	}
	promoted(s, promote(s, "ours", "prod", "prune: true, selector: {matchLabels: {team: ours}}"), "ours",
		"1/1 promoted to prod: 0 created, 0 updated, 1 deleted, 0 unchanged")
	if text(s, "goodbye") != "" || text(s, "farewell") == "" {
		t.Errorf("goodbye %q, farewell %q", text(s, "goodbye"), text(s, "farewell"))
	}
	promoted(s, promote(s, "listed", "prod", "prune: true, items: [{kind: Workflow, name: farewell}]"), "listed",
		"1/1 promoted to prod: 0 created, 0 updated, 1 deleted, 0 unchanged")
	if text(s, "farewell") != "" {
		t.Error("what is listed is still there")
	}
}
