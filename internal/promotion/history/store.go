// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// Store keeps the records of promotions in the cluster. Only one Promotion at a time may be at work in a target.
type Store struct {
	// Client writes the records.
	Client client.Client
	// Live reads them from the API server, not from a cache.
	Live client.Reader
	// Vouch writes into status.recordDigest of the Promotion what its record is known by, before that is written. A record of an
	// unfinished Promotion that its status does not vouch for was not written by the operator, and makes way. Nil: every record counts.
	Vouch Vouch
}

// Keep records what the Promotion is going to do, and what the target holds before. It is called before the first write.
// Called again after a crash it completes a record that is not complete yet. One that is complete stays as it is, since
// the target may already hold a part of what is promoted; then only the definitions that are promoted must be the same.
// See [Store.Supplement] for what has changed in the target since.
func (s *Store) Keep(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion, entries []Entry) error {
	shelf, err := s.library(target).shelf(ctx)
	if err != nil {
		return err
	}
	if kept := shelf.of(p.UID); kept != nil {
		ours, err := s.vouched(ctx, target, p, kept)
		if err != nil {
			return err
		}
		if ours {
			record, err := s.library(target).intact(ctx, kept)
			if err != nil {
				return err
			}
			return samePlan(record, entries)
		}
		if err := s.discard(ctx, target, kept); err != nil {
			return err
		}
		shelf = slices.DeleteFunc(shelf, func(v *volume) bool { return v == kept })
	}
	packed, err := encodeEntries(entries)
	if err != nil {
		return err
	}
	if s.Vouch != nil {
		if err := s.Vouch(ctx, digest(packed)); err != nil {
			return err
		}
	}
	return s.write(ctx, target, p, address{number: shelf.newest() + 1, promotion: p.UID, document: recordDocument}, packed)
}

// vouched reports whether a record is that of which the Promotion's status has the digest. What the record says of its own digest is
// checked when it is read.
func (s *Store) vouched(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion, v *volume) (bool, error) {
	if s.Vouch == nil {
		return true, nil
	}
	o, err := s.library(target).get(ctx, v.first(recordDocument).address)
	if err != nil {
		return false, err
	}
	first, err := parsePiece(o)
	return err == nil && first.SHA256 == p.Status.RecordDigest, nil // what cannot be read is not the operator's
}

// samePlan checks that a record is that of a plan.
func samePlan(record *Record, entries []Entry) error {
	same := len(record.Entries) == len(entries)
	for i := range entries {
		kept := record.entry(entries[i].Item())
		same = same && kept != nil && sameText(kept.After, entries[i].After)
	}
	if same {
		return nil
	}
	return fmt.Errorf("record Promotion %s: something else than its plan is recorded for it already: abort it and create a new one", record.Name)
}

func sameText(a, b *Definition) bool {
	return (a == nil) == (b == nil) && a.Revision() == b.Revision()
}

// Supplement replaces the entry about one item in the record of the Promotion. It is called when the target holds something
// else, right before it is written, than it did when the record was made.
func (s *Store) Supplement(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion, entry *Entry) error {
	kept, record, err := s.of(ctx, target, p)
	switch {
	case err != nil:
		return err
	case record == nil:
		return fmt.Errorf("record Promotion %s/%s: its record is gone: create a new Promotion", p.Namespace, p.Name)
	}
	if old := record.entry(entry.Item()); old != nil && sameEntry(old, entry) {
		return nil
	}
	packed, err := encodeEntries([]Entry{*entry})
	if err != nil {
		return err
	}
	number := 1
	if earlier := kept.supplements(); len(earlier) > 0 {
		number = earlier[len(earlier)-1] + 1
	}
	a := address{number: kept.number, promotion: p.UID, document: supplementDocument(number)}
	return s.write(ctx, target, p, a, packed)
}

// sameEntry compares what is stored of two entries.
func sameEntry(a, b *Entry) bool {
	textA, errA := textOf(a)
	textB, errB := textOf(b)
	return errA == nil && errB == nil && reflect.DeepEqual(textA, textB)
}

// Finish records that the Promotion has ended, and which items the target then holds as it planned: those that it wrote,
// and those that were so already; and, as Failed, those of which nothing is known. Nothing happens if it has no record.
func (s *Store) Finish(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion, done []Item) error {
	shelf, err := s.library(target).shelf(ctx)
	if err != nil {
		return err
	}
	kept := shelf.of(p.UID)
	if kept == nil {
		return nil
	}
	packed, err := pack(done)
	if err != nil {
		return err
	}
	return s.write(ctx, target, p, address{number: kept.number, promotion: p.UID, document: doneDocument}, packed)
}

// write makes the objects of a document, piece 0 last.
func (s *Store) write(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion, a address, packed []byte) error {
	pieces := cut(p, packed)
	for i, piece := range slices.Backward(pieces) {
		a.piece = i
		if err := s.put(ctx, target, a, &piece); err != nil {
			return fmt.Errorf("record Promotion %s/%s: %w", p.Namespace, p.Name, err)
		}
	}
	return nil
}

// put makes the object of a piece. What an operator that was killed has left there is kept if it is the same in every part,
// else replaced: whoever put it there, a foreign owner or finalizer would take it away again.
func (s *Store) put(ctx context.Context, target *v1alpha1.Environment, a address, piece *piece) error {
	wanted, err := piece.object(target, a)
	if err != nil {
		return err
	}
	err = s.Client.Create(ctx, wanted.DeepCopy())
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	there, err := s.library(target).get(ctx, a)
	if err != nil {
		return err
	}
	if old, err := parsePiece(there); err == nil && old.equal(piece) && alike(there, wanted) {
		return nil
	}
	if err := remove(ctx, s.Client, there); err != nil {
		return err
	}
	return s.Client.Create(ctx, wanted)
}

// alike reports whether the metadata of an object are what the operator gives it.
func alike(there, wanted *appsv1.ControllerRevision) bool {
	return maps.Equal(there.Labels, wanted.Labels) && there.Revision == wanted.Revision && len(there.Finalizers) == 0 &&
		equality.Semantic.DeepEqual(there.OwnerReferences, wanted.OwnerReferences)
}

// remove deletes the very object that was read.
func remove(ctx context.Context, c client.Client, o client.Object) error {
	uid := o.GetUID()
	return client.IgnoreNotFound(c.Delete(ctx, o, client.Preconditions{UID: &uid}))
}

// Listed are the metadata of the ControllerRevisions in a namespace that have the labels, as the API server has them.
func Listed(ctx context.Context, live client.Reader, namespace string, labels client.MatchingLabels) ([]metav1.PartialObjectMetadata, error) {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind("ControllerRevisionList"))
	err := live.List(ctx, list, client.InNamespace(namespace), labels)
	return list.Items, err
}
