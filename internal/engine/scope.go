package engine

import (
	"context"
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
)

// Scope is everything that one reconcile of one object works with.
type Scope[O Object] struct {
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

	before    v1alpha1.SyncStatus // status at the start
	status    client.Object       // copy of the object at the start
	revision  string              // of the definition that is wanted
	secrets   string              // keyed hash of its secrets
	entry     connection.Entry    // what the last look said
	known     bool                // whether it said anything
	raced     bool                // whether somebody else was faster to create it
	described string              // what was done, for events: created, updated, corrected
	drift     string              // who changed what, if somebody did
	stage     stage
}

// stage is how far a reconcile came; conditions depend on it.
type stage int

const (
	stageStart    stage = iota
	stageResolved       // every reference was found
	stageCompared       // what Novu holds is known to be as wanted, or must be written
)

// ID is the object's identifier in Novu.
func (s *Scope[O]) ID() string { return s.Object.EffectiveID() }

// Key names the object in messages.
func Key(o client.Object) string { return o.GetNamespace() + "/" + o.GetName() }

// changed says whether the definition is another one than was last brought to Novu.
func (s *Scope[O]) changed() bool {
	return s.before.Revision != s.revision || s.before.EnvironmentID != s.Conn.Environment().ID || s.SecretsChanged()
}

// SecretsChanged says that the secrets of the definition are others than were last written.
func (s *Scope[O]) SecretsChanged() bool {
	keeper, ok := any(s.status).(secretsKeeper)
	return ok && *keeper.SecretsHash() != s.secrets
}

// secretsKeeper is a kind that remembers a hash of the secrets that were last written.
type secretsKeeper interface{ SecretsHash() *string }

// untouched says that nobody has changed the object in Novu since the operator last saw it.
func (s *Scope[O]) untouched() bool {
	return s.known && s.before.ID == s.entry.ID && s.before.RemoteUpdatedAt != "" &&
		s.before.RemoteUpdatedAt == s.entry.UpdatedAt
}

// Asked says that the user has asked for a comparison that was not made yet.
func (s *Scope[O]) Asked() bool {
	return s.Object.GetAnnotations()[v1alpha1.RequestedAtAnnotation] != s.before.RequestedAt
}

// standing is the drift that the last comparison found and left; empty if there was none.
func (s *Scope[O]) standing() string {
	drifted := apimeta.FindStatusCondition(s.before.Conditions, v1alpha1.ConditionDrifted)
	if drifted == nil || drifted.Status != metav1.ConditionTrue {
		return ""
	}
	return drifted.Message
}

// ours says that the operator has written the object before, or was about to create it.
func (s *Scope[O]) ours() bool {
	return (s.before.ID != "" || s.before.Creating) && s.before.EnvironmentID == s.Conn.Environment().ID
}

// ConfigMapKey reads one key of a ConfigMap in the object's namespace.
func (s *Scope[O]) ConfigMapKey(ctx context.Context, ref v1alpha1.KeyReference) (string, error) {
	return ReadConfigMapKey(ctx, s.Live, s.Object.GetNamespace(), ref)
}

// SecretData reads a Secret in the object's namespace.
func (s *Scope[O]) SecretData(ctx context.Context, name string) (map[string][]byte, error) {
	return ReadSecret(ctx, s.Live, s.Object.GetNamespace(), name)
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
	const most = 5
	names := make([]string, 0, most)
	for i, d := range differences {
		if i == most {
			return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), len(differences)-most)
		}
		names = append(names, d.Path)
	}
	return strings.Join(names, ", ")
}
