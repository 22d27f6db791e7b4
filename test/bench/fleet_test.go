// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/controllers"
	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// fleet is a cluster with many teams. Each has a namespace, an Environment, three Layouts and a hundred Workflows; Novu
// has an environment for each.
type fleet struct {
	client.Client
	r     *report
	novu  *novutest.Server
	plane *controlplane.ControlPlane

	teams, workflows int
	names            []types.NamespacedName // of the workflows
	edits            int                    // so far
}

// perTeam is the number of a team's workflows: as many as Novu's smallest plan allows.
const perTeam = 100

// fleetSize is the number of workflows to measure with.
func fleetSize(r *report) int {
	text := os.Getenv("BENCH_WORKFLOWS")
	if text == "" {
		return 10000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < perTeam || n%perTeam != 0 {
		r.Fatalf("BENCH_WORKFLOWS is %q: it must be a multiple of %d", text, perTeam)
	}
	return n
}

// newFleet starts a cluster and a Novu server and applies every manifest, before there is an operator.
func newFleet(r *report) *fleet {
	f := &fleet{r: r, workflows: fleetSize(r)}
	f.teams = f.workflows / perTeam
	f.plane = controlplanetest.Start(r, controlplane.Options{})
	config := rest.CopyConfig(f.plane.Config)
	config.QPS = -1
	_, err := envtest.InstallCRDs(config, envtest.CRDInstallOptions{
		Paths: []string{filepath.Join(harness.Root(r), "config", "crd", "bases")}, ErrorIfPathMissing: true,
	})
	r.Must(err)
	f.Client, err = client.New(config, client.Options{Scheme: controllers.NewScheme()})
	r.Must(err)
	names := []string{byHandEnvironment}
	for i := range f.teams {
		names = append(names, team(i))
	}
	f.novu = novutest.Start(r, novutest.Options{PaidTier: true, WorkflowLimit: -1, Environments: names})
	f.populate()
	return f
}

// byHandEnvironment is the environment in Novu that is no team's.
const byHandEnvironment = "by-hand"

// team is the name of a team's namespace, and of its environment in Novu.
func team(i int) string { return fmt.Sprintf("team-%03d", i) }

// writers is how many objects are made at the same time.
const writers = 8

func (f *fleet) populate() {
	layouts, samples := readSamples(f.r, "layouts"), workflows(readSamples(f.r, "workflows"), perTeam)
	for _, o := range slices.Concat(layouts, samples) {
		withLastApplied(f.r, o)
	}
	var made atomic.Int64
	stop := f.every(5*time.Second, func() { f.r.Progress("%d of %d workflows are applied", made.Load()*perTeam, f.workflows) })
	defer stop()
	group := &errgroup.Group{}
	group.SetLimit(writers)
	for i := range f.teams {
		for _, o := range samples {
			f.names = append(f.names, types.NamespacedName{Namespace: team(i), Name: o.GetName()})
		}
		group.Go(func() error {
			objects := f.environment(i)
			for _, o := range slices.Concat(layouts, samples) {
				o = o.DeepCopy()
				o.SetNamespace(team(i))
				objects = append(objects, o)
			}
			for _, o := range objects {
				if err := f.Create(f.r.Context(), o); err != nil {
					return err
				}
			}
			made.Add(1)
			return nil
		})
	}
	f.r.Must(group.Wait())
}

// environment of a team, with its namespace and Secret.
func (f *fleet) environment(i int) []client.Object {
	e := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: team(i), Name: environmentName}}
	e.Spec.APIURL = f.novu.URL
	e.Spec.SecretKeyRef.Name = "novu"
	return []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: team(i)}},
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: team(i), Name: "novu"},
			StringData: map[string]string{"secretKey": f.novu.Environment(team(i)).SecretKey},
		},
		e,
	}
}

// every calls a function now and then until stop is called.
func (f *fleet) every(interval time.Duration, do func()) (stop func()) {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				do()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-stopped }
}

// request asks every Environment to look at Novu at once.
func (f *fleet) request(word string) {
	for i := range f.teams {
		e := &v1alpha1.Environment{ObjectMeta: metav1.ObjectMeta{Namespace: team(i), Name: environmentName}}
		patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.RequestedAtAnnotation, word)
		f.r.Must(f.Patch(f.r.Context(), e, client.RawPatch(types.MergePatchType, patch)))
	}
}

// looked waits until every Environment has done as requested.
func (f *fleet) looked(p *process, word string) {
	p.await("all Environments have looked", 5*time.Minute, func() error {
		var list v1alpha1.EnvironmentList
		if err := f.List(f.r.Context(), &list); err != nil {
			return err
		}
		for i := range list.Items {
			if e := &list.Items[i]; e.Status.LastHandledRequest != word {
				return fmt.Errorf("Environment %s/%s has not", e.Namespace, e.Name)
			}
		}
		return nil
	})
}
