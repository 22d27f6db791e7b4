// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/test/harness"
)

// Somebody who may create ControllerRevisions, where no admission policy is installed, puts definitions of their own where the operator
// keeps what a Promotion is to bring, before it does. Whoever wins the race, the source is what is promoted and recorded.
func TestPinsAreForged(t *testing.T) {
	s := following(t, closed, "supersede: Queue")
	f := &forger{Stage: s, client: harness.Client(t)}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); f.run(ctx) }()
	const races = 4
	for n := range races {
		s.YAML(fmt.Sprintf(three, fmt.Sprintf("text %d", n)))
		s.Eventually("what each is to bring is kept, so that the source may move on", func() error {
			for _, p := range made(s, "prod", n+1) {
				if p.Status.PinsDigest == "" {
					return fmt.Errorf("that of %s is not", p.Name)
				}
			}
			return nil
		})
	}
	own := made(s, "prod", races)
	for _, p := range own { // the freeze holds the one that comes first, and that the others
		s.NotReady(p, p.Name, "")
	}
	stop()
	<-ended
	if f.won.Load() == 0 {
		t.Error("the operator was always first, so that nothing was tried")
	}
	follow(s, "prod", "Production", "dev", "historyLimit: 5", "supersede: Queue")
	for n, p := range own {
		s.Ready(p, p.Name)
		if changes := p.Status.Plan.Items; strings.Contains(fmt.Sprint(changes), "forged") {
			t.Errorf("%d: %+v", n, changes)
		}
	}
	if got := textIn(s, "Production"); got != fmt.Sprintf("text %d", races-1) {
		t.Errorf("Production says %q", got)
	}
	var kept appsv1.ControllerRevisionList
	s.Must(s.List(s.Context(), &kept, client.InNamespace(s.Namespace)))
	for i := range kept.Items {
		if text := unpacked(kept.Items[i].Data.Raw); strings.Contains(text, "forged") {
			t.Errorf("%s says %s", kept.Items[i].Name, text)
		}
	}
}

// forger makes pins for every Promotion that it sees.
type forger struct {
	*harness.Stage
	client client.Client
	won    atomic.Int32
}

func (f *forger) run(ctx context.Context) {
	seen := map[types.UID]bool{}
	for ctx.Err() == nil {
		var list v1alpha1.PromotionList
		if f.client.List(ctx, &list, client.InNamespace(f.Namespace)) != nil {
			return
		}
		for i := range list.Items {
			if p := &list.Items[i]; !seen[p.UID] {
				seen[p.UID] = true
				if f.client.Create(ctx, forgedPins(p)) == nil {
					f.won.Add(1)
				}
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// forgedPins are what the operator would keep, but for what the message says.
func forgedPins(p *v1alpha1.Promotion) *appsv1.ControllerRevision {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	for _, item := range p.Spec.Items {
		_ = json.NewEncoder(zip).Encode(map[string]any{
			"kind": item.Kind, "id": item.Name, "namespace": p.Namespace, "name": item.Name, "action": "Update", "revision": item.Revision,
			"after": map[string]any{"workflowId": item.Name, "name": "forged", "active": true, "severity": "none", "steps": []any{
				map[string]any{"stepId": "text", "name": "forged", "type": "in_app", "controlValues": map[string]any{"body": "forged"}},
			}},
		})
	}
	_ = zip.Close()
	sum := sha256.Sum256(packed.Bytes())
	data, _ := json.Marshal(map[string]any{
		"namespace": p.Namespace, "promotion": p.Name, "pieces": 1, "sha256": fmt.Sprintf("%x", sum), "gzip": packed.Bytes(),
	})
	return &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.Namespace, Name: fmt.Sprintf("novu-pins-%s-0", p.UID), OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.PromotionKind, Name: p.Name, UID: p.UID, Controller: new(true),
			}},
		},
		Data: runtime.RawExtension{Raw: data}, Revision: 1,
	}
}

// unpacked is what a ControllerRevision of the operator's says.
func unpacked(raw []byte) string {
	var piece struct{ Gzip []byte }
	if json.Unmarshal(raw, &piece) != nil {
		return ""
	}
	zip, err := gzip.NewReader(bytes.NewReader(piece.Gzip))
	if err != nil {
		return ""
	}
	var text bytes.Buffer
	_, _ = text.ReadFrom(zip)
	return text.String()
}
