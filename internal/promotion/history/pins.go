// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// Vouch writes down, where only the operator writes, the digest of what is about to be kept. What is read back counts only if
// it has that digest: a name and a label can be anybody's.
type Vouch func(ctx context.Context, digest string) error

// Pin keeps what a Promotion is to bring once its turn comes, however the source has changed by then. Only After and
// Revision of the entries count. It belongs to the Promotion, goes with it, and is no record of what was done. Whatever is there
// under its name, from an operator that was killed or from another writer, makes way. The Promotion's status.pinsDigest vouches for it.
func (s *Store) Pin(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion, entries []Entry, vouch Vouch) error {
	packed, err := encodeEntries(entries)
	if err != nil {
		return err
	}
	pieces := cut(p, packed)
	if err := vouch(ctx, pieces[0].SHA256); err != nil {
		return err
	}
	for i := len(pieces) - 1; i >= 0; i-- { // whoever finds the first finds all
		object, err := pieces[i].object(target, address{number: 1, promotion: p.UID, document: recordDocument, piece: i})
		if err != nil {
			return err
		}
		object.Name = pinName(p, i)
		object.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: "Promotion", Name: p.Name, UID: p.UID, Controller: new(true),
		}}
		if err := s.replace(ctx, object); err != nil {
			return fmt.Errorf("keep what Promotion %s/%s is to bring: %w", p.Namespace, p.Name, err)
		}
	}
	return nil
}

// replace makes an object in the place of whatever is there.
func (s *Store) replace(ctx context.Context, o *appsv1.ControllerRevision) error {
	err := s.Client.Create(ctx, o.DeepCopy())
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	there := &appsv1.ControllerRevision{}
	err = s.Live.Get(ctx, client.ObjectKeyFromObject(o), there)
	if err == nil {
		err = remove(ctx, s.Client, there)
	}
	if client.IgnoreNotFound(err) != nil {
		return err
	}
	return s.Client.Create(ctx, o)
}

func pinName(p *v1alpha1.Promotion, piece int) string {
	return fmt.Sprintf("novu-pins-%s-%d", p.UID, piece)
}

// Pinned is what the Promotion is to bring, as a record of nothing but that; nil: nothing was kept, or not all of it, or something
// that the operator does not vouch for.
func (s *Store) Pinned(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion) (*Record, error) {
	if p.Status.PinsDigest == "" {
		return nil, nil
	}
	var pieces []piece
	for total := 1; len(pieces) < total; {
		o := &appsv1.ControllerRevision{}
		key := types.NamespacedName{Namespace: target.Namespace, Name: pinName(p, len(pieces))}
		if err := s.Live.Get(ctx, key, o); apierrors.IsNotFound(err) {
			return nil, nil
		} else if err != nil {
			return nil, fmt.Errorf("read what Promotion %s/%s is to bring: %w", p.Namespace, p.Name, err)
		}
		read, err := parsePiece(o)
		if err != nil || read.SHA256 != p.Status.PinsDigest {
			return nil, nil //nolint:nilerr // it is kept again
		}
		pieces, total = append(pieces, *read), read.Pieces
	}
	record := &Record{PromotionUID: p.UID}
	packed, err := join(pieces)
	if err == nil {
		err = newDecoder().entries(packed, func(e Entry) { record.Entries = append(record.Entries, e) })
	}
	if err != nil {
		return nil, nil //nolint:nilerr // it is kept again
	}
	return record, nil
}
