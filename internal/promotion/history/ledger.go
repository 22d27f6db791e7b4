// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// +kubebuilder:rbac:groups=apps,resources=controllerrevisions,verbs=patch

// LabelEnded is on every entry of a ledger: who made the Promotion.
const LabelEnded = "novu-operator.dev/ended"

// Values of LabelEnded. The many that the operator makes by itself must not push out those of people, which come again from a
// Git repository.
const (
	endedAsked     = "asked"
	endedAutomatic = "automatic"
)

// mostEnded is how many ended attempts of each sort a target remembers.
var mostEnded = map[string]int{endedAsked: 1000, endedAutomatic: 100}

// seenAnnotation is when an entry was last made use of, if that was long after it was made. What still comes again is not
// forgotten.
const seenAnnotation = "novu-operator.dev/seen"

// seenAgain is how old that may be.
const seenAgain = 24 * time.Hour

// Ledger remembers which attempts have ended in a target, also those that wrote nothing. An entry is a ControllerRevision
// beside the target that has no owner: it outlasts the Promotion and the Environment. Whoever makes a Promotion of the same name
// about the same again finds how it has ended.
type Ledger struct {
	Client client.Client
	// Live reads from the API server, not from a cache.
	Live client.Reader
}

// endedText is the data of an entry.
type endedText struct {
	Namespace string  `json:"namespace"` // of the Promotion
	Attempt   Attempt `json:"attempt"`
}

// entryName is found without looking through all of them. It does not depend on the Novu environment that the target's key
// leads to: in a new one, old Promotions that come again are still old.
func entryName(p *v1alpha1.Promotion, digest string) string {
	return "novu-ended-" + hashOf(p.Spec.TargetRef.In(p.Namespace).String(), p.Namespace, p.Name, digest)
}

// Find is how an attempt of this Promotion has ended, under whatever UID; nil: there was none, or none is known.
func (l *Ledger) Find(ctx context.Context, p *v1alpha1.Promotion, now time.Time) (*Attempt, error) {
	digest, o := Digest(p), &appsv1.ControllerRevision{}
	key := types.NamespacedName{Namespace: p.Spec.TargetRef.In(p.Namespace).Namespace, Name: entryName(p, digest)}
	if err := l.Live.Get(ctx, key, o); apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("look whether Promotion %s/%s has ended before: %w", p.Namespace, p.Name, err)
	}
	text := endedText{}
	err := json.Unmarshal(o.Data.Raw, &text)
	if err != nil || text.Namespace != p.Namespace || text.Attempt.Name != p.Name || text.Attempt.Digest != digest || !text.Attempt.Ended() {
		return nil, nil //nolint:nilerr // not an entry of the operator's
	}
	return &text.Attempt, l.seen(ctx, o, now)
}

// seen notes that an entry is of use.
func (l *Ledger) seen(ctx context.Context, o *appsv1.ControllerRevision, now time.Time) error {
	if now.Sub(lastSeen(o)) < seenAgain {
		return nil
	}
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, seenAnnotation, now.UTC().Format(time.RFC3339))
	return client.IgnoreNotFound(l.Client.Patch(ctx, o, client.RawPatch(types.MergePatchType, []byte(patch))))
}

func lastSeen(o metav1.Object) time.Time {
	if at, err := time.Parse(time.RFC3339, o.GetAnnotations()[seenAnnotation]); err == nil {
		return at
	}
	return o.GetCreationTimestamp().Time
}

// Enter remembers how an attempt of the Promotion has ended. The first end counts. Nothing is remembered where the operator
// may not write, or that cannot be written to any more: a namespace that does not exist, is being deleted, or is none of the operator's. What
// names such a target has not been carried out.
func (l *Ledger) Enter(ctx context.Context, p *v1alpha1.Promotion, a *Attempt, automatic bool) error {
	target, sort := p.Spec.TargetRef.In(p.Namespace), endedAsked
	if automatic {
		sort = endedAutomatic
	}
	data, err := json.Marshal(endedText{Namespace: p.Namespace, Attempt: *a})
	if err != nil {
		return err
	}
	err = l.Client.Create(ctx, &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: target.Namespace, Name: entryName(p, a.Digest),
			Labels: map[string]string{LabelTarget: LabelValue(target.Name), LabelPromotion: LabelValue(p.Name), LabelEnded: sort},
		},
		Data: runtime.RawExtension{Raw: data},
	})
	switch {
	case apierrors.IsAlreadyExists(err), apierrors.IsNotFound(err), apierrors.IsForbidden(err):
		return nil
	case err != nil:
		return fmt.Errorf("remember the end of Promotion %s/%s: %w", p.Namespace, p.Name, err)
	}
	return l.trim(ctx, target, sort)
}

// trim forgets the entries that were of no use for the longest time.
func (l *Ledger) trim(ctx context.Context, target types.NamespacedName, sort string) error {
	entries, err := Listed(ctx, l.Live, target.Namespace, client.MatchingLabels{LabelTarget: LabelValue(target.Name), LabelEnded: sort})
	if err != nil {
		return fmt.Errorf("list the promotions into Environment %s that have ended: %w", target, err)
	}
	slices.SortFunc(entries, func(a, b metav1.PartialObjectMetadata) int {
		return cmp.Or(lastSeen(&a).Compare(lastSeen(&b)), cmp.Compare(a.Name, b.Name))
	})
	for i := range max(0, len(entries)-mostEnded[sort]) {
		if err := remove(ctx, l.Client, &entries[i]); err != nil {
			return fmt.Errorf("forget an old promotion into Environment %s: %w", target, err)
		}
	}
	return nil
}
