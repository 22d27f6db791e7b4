// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// library reads what is kept of one target, from the API server.
type library struct {
	live   client.Reader
	target *v1alpha1.Environment
}

func (s *Store) library(target *v1alpha1.Environment) *library {
	return &library{live: s.Live, target: target}
}

// damage tells why a record cannot be read, whoever tries and however often.
type damage struct {
	object string // name of a ControllerRevision
	err    error
}

func (d *damage) Error() string {
	return fmt.Sprintf("ControllerRevision %s cannot be read: %v", d.object, d.err)
}

func (d *damage) Unwrap() error { return d.err }

// Of reads the record of one Promotion; nil if there is none. A damaged one is an error.
func (s *Store) Of(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion) (*Record, error) {
	_, record, err := s.of(ctx, target, p)
	return record, err
}

func (s *Store) of(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion) (*volume, *Record, error) {
	shelf, err := s.library(target).shelf(ctx)
	if err != nil {
		return nil, nil, err
	}
	kept := shelf.of(p.UID)
	if kept == nil {
		return nil, nil, nil
	}
	if ours, err := s.vouched(ctx, target, p, kept); err != nil || !ours {
		return nil, nil, err
	}
	record, err := s.library(target).intact(ctx, kept)
	return kept, record, err
}

// List reads all records of the target, newest first. Those that are damaged are among them, see [Record.Damaged]: what is
// worked out from the others may be wrong. Objects that are no records are left out.
func (s *Store) List(ctx context.Context, target *v1alpha1.Environment) ([]*Record, error) {
	shelf, err := s.library(target).shelf(ctx)
	if err != nil {
		return nil, err
	}
	return s.library(target).list(ctx, shelf)
}

func (l *library) list(ctx context.Context, shelf shelf) (records []*Record, err error) {
	decoder := newDecoder()
	for _, v := range shelf {
		if !v.complete() {
			continue
		}
		record, err := l.open(ctx, v, decoder)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// intact reads a record that must not be damaged.
func (l *library) intact(ctx context.Context, v *volume) (*Record, error) {
	record, err := l.open(ctx, v, newDecoder())
	if err == nil && record.Damaged != "" {
		err = fmt.Errorf("what the Promotion has recorded is lost, %s: abort it and create a new one", record.Damaged)
	}
	return record, err
}

// open reads a record, damaged or not.
func (l *library) open(ctx context.Context, v *volume, decoder *decoder) (*Record, error) {
	first := v.first(recordDocument).meta
	record := &Record{PromotionUID: v.promotion, Number: v.number, Time: first.CreationTimestamp}
	record.version, _ = strconv.ParseUint(first.ResourceVersion, 10, 64)
	err := l.fill(ctx, v, record, decoder)
	if damaged, ok := errors.AsType[*damage](err); ok {
		record.Entries, record.Finished, record.Damaged = nil, false, damaged.Error()
		return record, nil
	}
	return record, err
}

func (l *library) fill(ctx context.Context, v *volume, record *Record, decoder *decoder) error {
	places := map[Item]int{}
	add := func(packed []byte) error {
		return decoder.entries(packed, func(e Entry) {
			if at, replaces := places[e.Item()]; replaces {
				record.Entries[at] = e
				return
			}
			places[e.Item()] = len(record.Entries)
			record.Entries = append(record.Entries, e)
		})
	}
	if err := l.document(ctx, v, record, recordDocument, add); err != nil {
		return err
	}
	for _, number := range v.supplements() {
		if err := l.document(ctx, v, record, supplementDocument(number), add); err != nil {
			return err
		}
	}
	if v.first(doneDocument) == nil {
		return nil
	}
	done := map[Item]bool{}
	err := l.document(ctx, v, record, doneDocument, func(packed []byte) error {
		return unpack(packed, func(item *Item) error { done[*item] = true; return nil })
	})
	if err == nil {
		record.finish(done)
	}
	return err
}

// document reads one document, and from it whose record it is. Errors of decode are damage.
func (l *library) document(
	ctx context.Context, v *volume, record *Record, name string, decode func([]byte) error,
) error {
	a := address{number: v.number, promotion: v.promotion, document: name}
	pieces, err := l.pieces(ctx, a)
	if err != nil {
		return err
	}
	first := pieces[0]
	record.Promotion = types.NamespacedName{Namespace: first.Namespace, Name: first.Promotion}
	record.RollbackOf, record.Name = first.RollbackOf, first.Promotion
	if first.Namespace != l.target.Namespace {
		record.Name = record.Promotion.String()
	}
	packed, err := join(pieces)
	if err == nil {
		err = decode(packed)
	}
	if err != nil {
		return &damage{object: a.name(l.target), err: err}
	}
	return nil
}

func (l *library) pieces(ctx context.Context, a address) (pieces []piece, err error) {
	for total := 1; a.piece < total; a.piece++ {
		o, err := l.get(ctx, a)
		if err != nil {
			return nil, err
		}
		p, err := parsePiece(o)
		if err != nil {
			return nil, &damage{object: o.Name, err: err}
		}
		if a.piece == 0 {
			total = p.Pieces
		}
		pieces = append(pieces, *p)
	}
	return pieces, nil
}

func (l *library) get(ctx context.Context, a address) (*appsv1.ControllerRevision, error) {
	o := &appsv1.ControllerRevision{}
	key := types.NamespacedName{Namespace: l.target.Namespace, Name: a.name(l.target)}
	err := l.live.Get(ctx, key, o)
	if apierrors.IsNotFound(err) {
		return nil, &damage{object: key.Name, err: errors.New("it was deleted")}
	}
	if err != nil {
		return nil, fmt.Errorf("read what is recorded of Environment %s/%s: %w", l.target.Namespace, l.target.Name, err)
	}
	return o, nil
}
