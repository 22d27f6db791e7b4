// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/promotion/history"
)

// Label is on the objects that keep the state of a target, for the operator's own lists.
const Label = "novu-operator.dev/guard"

// Store keeps the state of targets in the cluster: in a ControllerRevision beside the target, which has no owner and which only the
// operator may write. Its data cannot be changed, so that each state is a new object with the next number.
type Store struct {
	// Client writes the states.
	Client client.Client
	// Live reads them from the API server, not from a cache.
	Live client.Reader
}

// Entry is the state that is kept for a target. The zero value stands for none.
type Entry struct {
	State
	number  int64
	objects []types.NamespacedName // that keep it and earlier ones
}

// Read reads the state that is kept for the target.
func (s *Store) Read(ctx context.Context, target *v1alpha1.Environment) (*Entry, error) {
	entry := &Entry{}
	if err := history.Identified(target); err != nil {
		return nil, err
	}
	objects, err := history.Listed(ctx, s.Live, target.Namespace, client.MatchingLabels{Label: history.LabelValue(target.Name)})
	if err != nil {
		return nil, fmt.Errorf("look for what is kept of Environment %s/%s: %w", target.Namespace, target.Name, err)
	}
	for i := range objects {
		if number, ok := parse(target, objects[i].Name); ok {
			entry.number = max(entry.number, number)
			entry.objects = append(entry.objects, client.ObjectKeyFromObject(&objects[i]))
		}
	}
	if entry.number == 0 {
		return entry, nil
	}
	return entry, s.load(ctx, target, entry)
}

func (s *Store) load(ctx context.Context, target *v1alpha1.Environment, entry *Entry) error {
	o := &appsv1.ControllerRevision{}
	key := types.NamespacedName{Namespace: target.Namespace, Name: name(target, entry.number)}
	err := s.Live.Get(ctx, key, o)
	if err == nil {
		err = json.Unmarshal(o.Data.Raw, &entry.State)
	}
	if apierrors.IsNotFound(err) {
		return outdated(key.Name, errors.New("another state was written meanwhile"))
	}
	if err != nil {
		return fmt.Errorf("read what is kept of Environment %s, ControllerRevision %s: %w", target.Name, key, err)
	}
	return nil
}

// Write keeps another state in the place of the one that was read. If it was written meanwhile, the error is a conflict.
func (s *Store) Write(ctx context.Context, target *v1alpha1.Environment, old *Entry, state State) error {
	if !state.Empty() {
		if err := s.create(ctx, target, old.number+1, state); err != nil {
			return err
		}
	}
	for _, key := range old.objects {
		o := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
		if err := client.IgnoreNotFound(s.Client.Delete(ctx, o)); err != nil {
			return fmt.Errorf("forget what was kept of Environment %s/%s: %w", target.Namespace, target.Name, err)
		}
	}
	return nil
}

func (s *Store) create(ctx context.Context, target *v1alpha1.Environment, number int64, state State) error {
	data, err := json.Marshal(state)
	if err != nil {
		return err
	}
	label := history.LabelValue(target.Name)
	o := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: target.Namespace, Name: name(target, number), Labels: map[string]string{Label: label, history.LabelTarget: label},
		},
		Data: runtime.RawExtension{Raw: data}, Revision: number,
	}
	err = s.Client.Create(ctx, o)
	if apierrors.IsAlreadyExists(err) {
		return outdated(o.Name, err)
	}
	if err != nil {
		return fmt.Errorf("keep the freeze and the hold of Environment %s/%s: %w", target.Namespace, target.Name, err)
	}
	return nil
}

func outdated(name string, err error) error {
	return apierrors.NewConflict(schema.GroupResource{Group: appsv1.GroupName, Resource: "controllerrevisions"}, name, err)
}

func prefix(target *v1alpha1.Environment) string {
	return "novu-guard-" + history.Identity(target) + "-"
}

func name(target *v1alpha1.Environment, number int64) string {
	return prefix(target) + strconv.FormatInt(number, 10)
}

func parse(target *v1alpha1.Environment, object string) (number int64, ok bool) {
	digits, ours := strings.CutPrefix(object, prefix(target))
	number, err := strconv.ParseInt(digits, 10, 64)
	return number, ours && err == nil && number > 0 && object == name(target, number)
}
