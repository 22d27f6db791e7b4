// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/remote"
	"novu-operator.dev/internal/sync"
	"novu-operator.dev/internal/view"
)

// room is a Novu server with a connection to its Development environment, which was looked at once.
type room struct {
	*testing.T
	novu *novutest.Server
	conn *connection.Connection
}

func newRoom(t *testing.T) *room {
	t.Helper()
	t.Parallel()
	r := &room{T: t, novu: novutest.Start(t, novutest.Options{PaidTier: true})}
	r.conn = r.connect("Development")
	return r
}

func (r *room) connect(environment string) *connection.Connection {
	r.Helper()
	pool := connection.NewPool(connection.Options{})
	c, err := pool.Connect(r.Context(), types.NamespacedName{Name: environment}, connection.Settings{
		BaseURL: r.novu.URL, SecretKey: r.novu.Environment(environment).SecretKey,
	})
	r.must(err)
	_, err = c.Look(r.Context(), c.Now())
	r.must(err)
	return c
}

func (r *room) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// scoped is the scope of an object that is given as YAML. It has no API server: the object refers to nothing in one.
func scoped[O view.Object](r *room, o O, manifest string) *sync.Scope[O] {
	r.Helper()
	r.must(yaml.UnmarshalStrict([]byte(manifest), o))
	s := sync.NewScope(o, nil, nil)
	s.Conn = r.conn
	return s
}

// samples reads the manifests of a folder of config/samples that describe one object each.
func samples(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "config", "samples", folder, "*.yaml"))
	if err != nil || len(files) < 2 {
		t.Fatalf("config/samples/%s: %v %v", folder, files, err)
	}
	found := map[string]string{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(file); name != "kustomization.yaml" {
			found[name] = string(raw)
		}
	}
	return found
}

// create, update and remove do what the engine does.
func create[O view.Object, W, H any](r *room, kind sync.Adapter[O, W, H], s *sync.Scope[O], want *W) (*H, error) {
	r.Helper()
	return kind.Kind().Create(r.Context(), s.Conn, kind.Write(s, want, nil))
}

func update[O view.Object, W, H any](r *room, kind sync.Adapter[O, W, H], s *sync.Scope[O], want *W, have *H) (*H, error) {
	r.Helper()
	return kind.Kind().Update(r.Context(), s.Conn, kind.Write(s, want, have))
}

func remove[O view.Object, W, H any](r *room, kind sync.Adapter[O, W, H], s *sync.Scope[O]) error {
	r.Helper()
	entry, _ := kind.Find(s)
	ref := remote.Ref{ID: s.ID()}
	if kind.Kind().ByInternalID {
		ref.Internal = entry.ID
	}
	return kind.Kind().Remove(r.Context(), s.Conn, ref)
}
