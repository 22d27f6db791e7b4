// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"novu-operator.dev/api/v1alpha1"
)

// volume is the objects that one Promotion's record is made of, without their data.
type volume struct {
	number    int64
	promotion types.UID
	objects   []object
}

type object struct {
	address
	meta *metav1.PartialObjectMetadata
}

// first is the object with piece 0 of the document; nil: the document was not completed.
func (v *volume) first(document string) *object {
	for i := range v.objects {
		if v.objects[i].document == document && v.objects[i].piece == 0 {
			return &v.objects[i]
		}
	}
	return nil
}

func (v *volume) complete() bool { return v.first(recordDocument) != nil }

// supplements are the numbers of those that were completed, ascending.
func (v *volume) supplements() (numbers []int) {
	for i := range v.objects {
		if number, ok := v.objects[i].supplement(); ok && v.objects[i].piece == 0 {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// shelf is the volumes of one target, newest first.
type shelf []*volume

// of is the completed volume of the Promotion; nil: there is none.
func (s shelf) of(uid types.UID) *volume {
	for _, v := range s {
		if v.promotion == uid && v.complete() {
			return v
		}
	}
	return nil
}

// newest is the number of the newest record, 0 if there is none.
func (s shelf) newest() int64 {
	for _, v := range s {
		if v.complete() {
			return v.number
		}
	}
	return 0
}

// Newest is the number of the newest record of the target, 0 if there is none.
func (s *Store) Newest(ctx context.Context, target *v1alpha1.Environment) (int64, error) {
	shelf, err := s.library(target).shelf(ctx)
	return shelf.newest(), err
}

// Left finds the record that an earlier attempt of the same Promotion has left, about the same, under another UID. Whoever
// deleted that one while it was at work, or restores it, has it interrupted.
func (s *Store) Left(ctx context.Context, target *v1alpha1.Environment, p *v1alpha1.Promotion) (types.UID, error) {
	shelf, err := s.library(target).shelf(ctx)
	if err != nil {
		return "", err
	}
	digest := Digest(p)
	for _, v := range shelf {
		first := v.first(recordDocument)
		if first == nil || v.promotion == p.UID || first.meta.Labels[LabelPromotion] != LabelValue(p.Name) {
			continue
		}
		o, err := s.library(target).get(ctx, first.address)
		if err != nil {
			return "", err
		}
		read, err := parsePiece(o)
		if err == nil && read.Namespace == p.Namespace && read.Promotion == p.Name && read.Digest == digest {
			return v.promotion, nil
		}
	}
	return "", nil
}

// shelf lists what is kept for the target, without reading it.
func (l *library) shelf(ctx context.Context) (shelf, error) {
	if err := Identified(l.target); err != nil {
		return nil, err
	}
	objects, err := Listed(ctx, l.live, l.target.Namespace, client.MatchingLabels{LabelTarget: LabelValue(l.target.Name)})
	if err != nil {
		return nil, fmt.Errorf("list the recorded promotions into Environment %s/%s: %w", l.target.Namespace, l.target.Name, err)
	}
	type key struct {
		number    int64
		promotion types.UID
	}
	volumes, found := map[key]*volume{}, shelf{}
	for i := range objects {
		meta := &objects[i]
		a, ours := parseAddress(l.target, meta.Name)
		if !ours {
			log.FromContext(ctx).V(1).Info("not the record of a promotion", "controllerRevision", meta.Name)
			continue
		}
		k := key{a.number, a.promotion}
		if volumes[k] == nil {
			volumes[k] = &volume{number: a.number, promotion: a.promotion}
			found = append(found, volumes[k])
		}
		volumes[k].objects = append(volumes[k].objects, object{address: a, meta: meta})
	}
	slices.SortFunc(found, func(a, b *volume) int {
		return cmp.Or(cmp.Compare(b.number, a.number), cmp.Compare(a.promotion, b.promotion))
	})
	return found, nil
}
