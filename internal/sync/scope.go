// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/reconcile"
	"novu-operator.dev/internal/view"
)

// Scope is everything that one reconcile of one object works with.
type Scope[O view.Object] struct {
	// Object as it is in the cluster; its status is changed in place and written once, at the end.
	Object O
	// Environment that spec refers to, once it is resolved.
	Environment *v1alpha1.Environment
	// Conn is the connection of the Environment, once it is resolved.
	Conn *connection.Connection
	// Client reads from the cache.
	Client client.Reader
	// Live reads from the API server: Secrets and ConfigMaps are not cached.
	Live client.Reader
	// Unread is set by Compare if Novu does not show a part of the definition and it may have been changed there.
	Unread bool
	// Rewrite is set by Compare if that part is to be written once more although nothing points to another writer.
	Rewrite bool

	before    v1alpha1.SyncStatus // status at the start
	status    client.Object       // copy of the object at the start
	revision  string              // of the definition that is wanted
	secrets   string              // keyed hash of its secrets
	sources   []string            // versions of the Secrets that were read, and what of them is not taken byte by byte
	entry     connection.Entry    // what the last poll said
	known     bool                // whether it said anything
	raced     bool                // whether another writer was faster to create it
	described string              // what was done, for events: created, updated, corrected
	gone      bool                // whether it was deleted in Novu and is to stay so
	early     bool                // whether its Environment was not polled yet since the operator started
	teardown  bool                // whether its namespace is being deleted
	drift     string              // who changed what, if it was changed
	author    string              // who it was, if Novu says so
	stage     stage
}

// NewScope begins a reconcile of an object as it is in the cluster. cache serves what is cached, live Secrets and ConfigMaps.
func NewScope[O view.Object](object O, cache, live client.Reader) *Scope[O] {
	recollect(object)
	return &Scope[O]{
		Object: object, Client: cache, Live: live,
		before: *view.Status(object).DeepCopy(),
		status: object.DeepCopyObject().(client.Object),
	}
}

// stage is how far a reconcile came; conditions depend on it.
type stage int

const (
	stageStart    stage = iota
	stageResolved       // every reference was found
	stageCompared       // what Novu holds is known to be as wanted, or must be written
)

// Sync is the part of the object's status that the three kinds share.
func (s *Scope[O]) Sync() *v1alpha1.SyncStatus { return view.Status(s.Object) }

// ID is the object's identifier in Novu.
func (s *Scope[O]) ID() string { return s.Object.EffectiveID() }

// changed reports whether the definition is another one than was last brought to Novu.
func (s *Scope[O]) changed() bool {
	return s.before.Revision != s.revision || s.before.EnvironmentID != s.Conn.Environment().ID || s.SecretsChanged()
}

// SecretsChanged reports whether the secrets of the definition are others than were last written. Their hash is keyed by the
// environment's key, so that whoever may read status cannot try passwords. A hash that differs says nothing if the key has
// been rotated; then the secrets are the same if each Secret is still in the version that they were read from.
func (s *Scope[O]) SecretsChanged() bool {
	written := view.Of(s.status).Secrets
	if written == nil || *written.Hash == s.secrets {
		return false
	}
	same := *written.Version == s.secretsVersion() && s.before.Revision == s.revision &&
		s.before.EnvironmentID == s.Conn.Environment().ID
	return !same
}

// keepSecrets records that Novu holds the secrets of the definition.
func (s *Scope[O]) keepSecrets() {
	if secrets := view.Of(s.Object).Secrets; secrets != nil {
		*secrets.Hash, *secrets.Version = s.secrets, s.secretsVersion()
	}
}

func (s *Scope[O]) secretsVersion() string { return definition.Revision(s.sources) }

// untouched reports whether the object was not changed in Novu since the operator last saw it.
func (s *Scope[O]) untouched() bool {
	return s.known && s.before.ID == s.entry.ID && s.before.RemoteUpdatedAt != "" &&
		s.before.RemoteUpdatedAt == s.entry.UpdatedAt
}

// Wrote reports whether this reconcile has written the object to Novu.
func (s *Scope[O]) Wrote() bool { return s.described != "" }

// SeenUpdatedAt is Novu's time of the last change that the operator had seen when this reconcile began.
func (s *Scope[O]) SeenUpdatedAt() string { return s.before.RemoteUpdatedAt }

// Asked reports whether the user has asked for a comparison that was not made yet. The annotation that a new object is created
// with, out of a backup perhaps, asks for nothing that does not happen anyway.
func (s *Scope[O]) Asked() bool {
	return s.before.ObservedGeneration != 0 && s.Object.GetAnnotations()[v1alpha1.RequestedAtAnnotation] != s.before.LastHandledRequest
}

// standing is the drift that the last comparison found and left; empty if there was none.
func (s *Scope[O]) standing() string {
	drifted := apimeta.FindStatusCondition(s.before.Conditions, v1alpha1.ConditionDrifted)
	if drifted == nil || drifted.Status != metav1.ConditionTrue || drifted.Reason != v1alpha1.ReasonDriftDetected {
		return ""
	}
	return drifted.Message
}

// ours reports whether the operator has written the object before, or was about to create it.
func (s *Scope[O]) ours() bool {
	return (s.before.ID != "" || s.before.Creating) && s.before.EnvironmentID == s.Conn.Environment().ID
}

// join makes one message of the parts that are not empty.
func join(parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ". ")
}

// paths names the fields of a list of differences for a message.
func paths(differences []v1alpha1.Difference) string {
	names := make([]string, 0, len(differences))
	for i := range differences {
		names = append(names, differences[i].Path)
	}
	return reconcile.FirstFew(names)
}
