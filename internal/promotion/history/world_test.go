// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history_test

import (
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion/history"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// world is a namespace with the Environment production, and the store of an operator that can be killed.
type world struct {
	*harness.Stage

	store  *history.Store
	target *v1alpha1.Environment
	killer *killer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Stage: harness.NewStage(t, novutest.Options{}), killer: &killer{}, target: &v1alpha1.Environment{}}
	w.Environment("production", "Production", "")
	w.Must(w.Get(w.Context(), w.Key("production"), w.target))
	w.target.Status.EnvironmentID = "6650a0000000000000000001" // no operator connects it here
	config := rest.CopyConfig(harness.API(t))
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		w.killer.next = next
		return w.killer
	})
	c, err := client.New(config, client.Options{Scheme: w.Scheme()})
	w.Must(err)
	w.store = &history.Store{Client: c, Live: c}
	return w
}

// promotion is one that was created in the stage's namespace, or in another: "team/release".
func (w *world) promotion(name string) *v1alpha1.Promotion {
	p := &v1alpha1.Promotion{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: name}}
	if namespace, bare, found := strings.Cut(name, "/"); found {
		p.Namespace, p.Name = namespace, bare
	}
	p.UID = types.UID(fmt.Sprintf("00000000-0000-4000-8000-%012x", crc32.ChecksumIEEE([]byte(name))))
	return p
}

// promoted keeps the record of a Promotion that was carried out.
func (w *world) promoted(name string, lines ...string) *v1alpha1.Promotion {
	w.Helper()
	p, entries := w.promotion(name), history.Entries(lines...)
	w.Must(w.store.Keep(w.Context(), w.target, p, entries))
	w.finish(p, entries)
	return p
}

func (w *world) finish(p *v1alpha1.Promotion, done []history.Entry) {
	w.Helper()
	var items []history.Item
	for i := range done {
		items = append(items, done[i].Item())
	}
	w.Must(w.store.Finish(w.Context(), w.target, p, items))
}

func (w *world) of(p *v1alpha1.Promotion) *history.Record {
	w.Helper()
	record, err := w.store.Of(w.Context(), w.target, p)
	w.Must(err)
	return record
}

func (w *world) list() []*history.Record {
	w.Helper()
	records, err := w.store.List(w.Context(), w.target)
	w.Must(err)
	return records
}

// numbers of the records, newest first; those that are damaged in parentheses.
func (w *world) numbers() string {
	w.Helper()
	var out []string
	for _, r := range w.list() {
		text := fmt.Sprintf("%d %s", r.Number, r.Name)
		if r.Damaged != "" {
			text = fmt.Sprintf("(%d)", r.Number)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// objects of which the name contains what is given.
func (w *world) objects(containing string) (found []appsv1.ControllerRevision) {
	w.Helper()
	var all appsv1.ControllerRevisionList
	w.Must(w.List(w.Context(), &all, client.InNamespace(w.Namespace)))
	for i := range all.Items {
		if strings.Contains(all.Items[i].Name, containing) {
			found = append(found, all.Items[i])
		}
	}
	return found
}

func (w *world) same(what, got, want string) {
	w.Helper()
	if got != want {
		w.Errorf("%s\ngot\n%s\nwant\n%s", what, got, want)
	}
}

// killer cuts an operator off the API server at one of its requests: that is carried out or not, and none after it.
type killer struct {
	next  http.RoundTripper
	alive atomic.Int64 // how many requests are let through; 0: all
	after bool         // the last one is carried out, and its answer lost
	dead  atomic.Bool
	count atomic.Int64 // requests that were carried out
}

var errKilled = errors.New("the operator was killed")

func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	if k.dead.Load() {
		return nil, errKilled
	}
	if k.alive.Load() > 0 && k.alive.Add(-1) == 0 {
		k.dead.Store(true)
		if !k.after {
			return nil, errKilled
		}
	}
	k.count.Add(1)
	answer, err := k.next.RoundTrip(r)
	if k.dead.Load() && err == nil {
		_ = answer.Body.Close()
		return nil, errKilled
	}
	return answer, err
}

// kill lets the operator make some more requests.
func (k *killer) kill(requests int64, after bool) {
	k.after = after
	k.alive.Store(requests)
}

// restart starts the operator again.
func (k *killer) restart() {
	k.alive.Store(0)
	k.dead.Store(false)
}
