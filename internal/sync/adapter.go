package sync

import (
	"context"
	"iter"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
)

// Object is a Workflow, a Layout or an Integration.
type Object interface {
	client.Object
	// EffectiveID is the identifier in Novu.
	EffectiveID() string
	// Claim is what only one object may manage in one Novu environment.
	Claim() string
	// Policies are the fields of spec that the three kinds share.
	Policies() v1alpha1.Policies
	// Sync is the part of status that the three kinds share.
	Sync() *v1alpha1.SyncStatus
	// FreeForm are the fields of spec that hold JSON of any form, with their paths.
	FreeForm() iter.Seq2[string, []byte]
}

// Adapter is what the engine must know about one kind of object in Novu. W is the definition that is wanted, H what
// Novu holds. Errors are those of the Novu client, or outcomes.
type Adapter[O Object, W, H any] interface {
	// Resource is the list that the object appears in.
	Resource() connection.Resource

	// ReadOnlyTargets says whether objects of this kind must not be written to a promotion target.
	ReadOnlyTargets() bool

	// Want reads what spec refers to and makes the definition.
	Want(ctx context.Context, s *Scope[O]) (W, error)

	// Revision is a short hash of the definition, without secrets, and of the secrets apart from it, keyed.
	Revision(s *Scope[O], want W) (revision, secrets string)

	// Find looks the object up in what is known about the environment.
	Find(s *Scope[O]) (connection.Entry, bool)

	// Observe reads what Novu holds. It returns nil if the object does not exist.
	Observe(ctx context.Context, s *Scope[O]) (*H, error)

	// Create makes the object in Novu. It must never be called twice for one object without a look in between.
	Create(ctx context.Context, s *Scope[O], want W) (*H, error)

	// Update writes the whole definition. Without have, the internal ids in status are known to be current. A 404 that is
	// about the object itself means that it does not exist.
	Update(ctx context.Context, s *Scope[O], want W, have *H) (*H, error)

	// Delete removes the object from Novu. Absence is success.
	Delete(ctx context.Context, s *Scope[O]) error

	// Sweep deletes what a creation has left behind in Novu, and keeps in status what could not be deleted yet. The error is
	// an outcome.
	Sweep(ctx context.Context, s *Scope[O]) error

	// Unmet says what of spec Novu has no way to fulfil although it holds the definition; nil: nothing. It is an outcome.
	Unmet(s *Scope[O]) error

	// Absent says whether the error means that the object itself does not exist.
	Absent(err error) bool

	// Compare lists in what Novu differs from the definition.
	Compare(s *Scope[O], want W, have *H) []v1alpha1.Difference

	// Faults reports whether Novu complains about what it holds, as of the last write: about errors, and about anything.
	Faults(have *H) (errors, anything bool)

	// Facts of what Novu holds.
	Facts(have *H) Facts

	// Record writes what Novu holds into the kind's own status.
	Record(s *Scope[O], have *H)

	// Complaints are Novu's: errors make the object not ready, warnings are only mentioned.
	Complaints(o O) (errors, warnings string)
}

// Facts are what the engine remembers of an object in Novu.
type Facts struct {
	ID        string
	UpdatedAt string
	UpdatedBy string
	// Hash of everything that a definition can say. It changes when, and only when, somebody changed one of these.
	Hash string
	// CodeFirst says that the object belongs to application code.
	CodeFirst bool
	// Entry is what the snapshot of the environment shall hold about the object.
	Entry connection.Entry
	// Identifier in Novu if it is not the object's own.
	Identifier string
}

// Key is the identifier that the snapshot knows the object by.
func (f Facts) Key(own string) string {
	if f.Identifier != "" {
		return f.Identifier
	}
	return own
}
