// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

// memory is what of status cannot be found out again by looking at Novu, where it gives a definition a form of its own or does
// not show credentials. It is kept in an annotation, which backups keep: without it, an object that is restored would be
// written once more. It holds no secrets, and the hash of credentials is keyed.
type memory struct {
	EnvironmentID   string `json:"environmentID"`
	Revision        string `json:"revision"`
	RemoteHash      string `json:"remoteHash"`
	CredentialsHash string `json:"credentialsHash,omitempty"`
}

// recollect fills in status from the annotation if the object has none yet.
func recollect(o view.Object) {
	sync := view.Status(o)
	value, there := o.GetAnnotations()[v1alpha1.MemoryAnnotation]
	if !there || sync.ObservedGeneration != 0 || sync.ID != "" || sync.Creating || len(sync.Conditions) > 0 {
		return
	}
	m := memory{}
	if json.Unmarshal([]byte(value), &m) != nil || m.EnvironmentID == "" {
		return
	}
	sync.EnvironmentID, sync.Revision, sync.RemoteHash = m.EnvironmentID, m.Revision, m.RemoteHash
	sync.Creating = true // what Novu holds of this id is the operator's
	if secrets := view.Of(o).Secrets; secrets != nil {
		*secrets.Hash = m.CredentialsHash
	}
}

// memorise keeps in metadata what Novu would not tell again. Most objects need no such memory.
func (r *reporter[O, W, H]) memorise(ctx context.Context, s *Scope[O]) error {
	sync := s.Sync()
	m := memory{EnvironmentID: sync.EnvironmentID, Revision: sync.Revision, RemoteHash: sync.RemoteHash}
	if secrets := view.Of(s.Object).Secrets; secrets != nil {
		m.CredentialsHash = *secrets.Hash
	}
	if sync.Revision == "" || sync.Creating || m.CredentialsHash == "" && len(sync.Differences) == 0 {
		return nil
	}
	value, err := json.Marshal(m)
	if err != nil || s.Object.GetAnnotations()[v1alpha1.MemoryAnnotation] == string(value) || !s.Object.GetDeletionTimestamp().IsZero() {
		return err
	}
	if err := reconcile.Annotate(ctx, r.Client, s.Object, v1alpha1.MemoryAnnotation, string(value), ""); err != nil {
		return client.IgnoreNotFound(fmt.Errorf("remember what Novu holds of %s %s: %w", reflect.TypeFor[O]().Elem().Name(), reconcile.Key(s.Object), err))
	}
	return nil
}
