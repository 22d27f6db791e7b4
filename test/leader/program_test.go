// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package leader_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// TestProgram needs what a test's own process cannot do: stop as a whole, be asked to end, end by itself.
func TestProgram(t *testing.T) {
	program := harness.BuildProgram(t)
	for name, test := range map[string]func(s *harness.Stage, program string){
		"it is stopped in a write":                  stoppedInWrite,
		"it is stopped between reading and writing": stoppedBetween,
		"it is asked to end":                        askedToEnd,
		"it waits, at first without rights":         waitsWithoutRights,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(harness.NewStage(t, novutest.Options{}), program)
		})
	}
}

// stoppedInWrite: when it goes on, it hears that there was no such workflow when it asked, and would create one.
func stoppedInWrite(s *harness.Stage, program string) {
	first, second := lead(s, program), standBy(s)
	reached, release := hold(s, novutest.Fault{
		Method: http.MethodPut, Path: "/v2/workflows/order", Status: http.StatusNotFound,
		Body: []byte(`{"statusCode":404,"message":"Workflow cannot be found","ctx":{"workflowId":"order"},"workflowId":"order"}`),
	})
	s.YAML(order("From the first"))
	<-reached
	first.isDeposed(second, release)
}

// stoppedBetween: when it goes on, it hears what it was to write over.
func stoppedBetween(s *harness.Stage, program string) {
	byHand, err := novu.New(novu.Config{BaseURL: s.Novu.URL, SecretKey: s.Novu.Environment("Development").SecretKey})
	s.Must(err)
	_, err = byHand.CreateWorkflow(s.Context(), &novu.WorkflowRequest{WorkflowID: "order", Name: "By hand"})
	s.Must(err)
	first, second := lead(s, program), standBy(s)
	reached, release := hold(s, novutest.Fault{Method: http.MethodGet, Path: "/v2/workflows/order"})
	s.YAML(order("From the first"))
	<-reached
	first.isDeposed(second, release)
}

// lead starts the program and waits until it works.
func lead(s *harness.Stage, program string) *process {
	s.Helper()
	p := run(s, program, "")
	s.Environment("dev", "Development", "")
	s.Ready(&v1alpha1.Environment{}, "dev")
	return p
}

// standBy starts another replica and waits until it is ready to take over.
func standBy(s *harness.Stage) *replica {
	s.Helper()
	r := start(s, "second", true)
	s.Eventually("the second one stands by", func() error {
		if !r.warm.Load() {
			return errors.New("it has not asked for the lease yet")
		}
		return nil
	})
	return r
}

// hold keeps the next matching call waiting until it is released.
func hold(s *harness.Stage, f novutest.Fault) (reached <-chan struct{}, release func()) {
	arrived, released := make(chan struct{}), make(chan struct{})
	f.Times, f.Hook = 1, func(*http.Request) {
		close(arrived)
		<-released
	}
	s.Novu.Inject(f)
	release = sync.OnceFunc(func() { close(released) })
	s.Cleanup(release)
	return arrived, release
}

// isDeposed stops the program until another one has taken over and has written what Novu is to hold from then on.
func (p *process) isDeposed(second *replica, release func()) {
	p.Helper()
	p.program.Signal(syscall.SIGSTOP)
	calls := &ledger{}
	p.Novu.Inject(novutest.Fault{Hook: calls.note})
	<-second.Elected()
	p.YAML(order("From the second"))
	var settled v1alpha1.Workflow
	p.Ready(&settled, "order")
	successor := leader(p.Stage)

	p.program.Signal(syscall.SIGCONT)
	release()
	if code := p.program.End(); code != 1 || len(p.program.Log.Lines("novu-operator: leader election lost")) != 1 {
		p.Errorf("the first one ended with %d", code)
	}
	if late := calls.of(agent, writes); len(late) > 0 {
		p.Errorf("the first one still wrote %v", late)
	}
	if workflows := p.Novu.Workflows("Development"); len(workflows) != 1 || workflows[0].Steps[0].ControlValues["body"] != "From the second" {
		p.Errorf("Novu holds %+v", workflows)
	}
	var now v1alpha1.Workflow
	p.Must(p.Get(p.Context(), p.Key("order"), &now))
	if now.ResourceVersion != settled.ResourceVersion {
		p.Errorf("the first one still wrote to Kubernetes: %+v", now.Status)
	}
	if holder := leader(p.Stage); holder != successor {
		p.Errorf("the lease of %q is held by %q", successor, holder)
	}
}

// askedToEnd: the lease is free when it has ended, and its events tell who had it.
func askedToEnd(s *harness.Stage, program string) {
	p := lead(s, program)
	holder := leader(s)
	s.Eventually("an event tells who leads", func() error {
		var told corev1.EventList
		s.Must(s.List(s.Context(), &told, client.InNamespace(s.Namespace)))
		for _, e := range told.Items {
			if e.InvolvedObject.Kind == "Lease" && e.Message == holder+" became leader" {
				return nil
			}
		}
		return fmt.Errorf("%d events say nothing of %q", len(told.Items), holder)
	})
	p.program.Signal(syscall.SIGTERM)
	if code := p.program.End(); code != 0 {
		s.Errorf("it ended with %d", code)
	}
	if now := leader(s); now != "" {
		s.Errorf("the lease is still held by %q", now)
	}
}

// waitsWithoutRights: it is not ready while it cannot read what it is to work on, and ready while it only waits.
func waitsWithoutRights(s *harness.Stage, program string) {
	start(s, "first", true)
	s.Environment("dev", "Development", "")
	s.Ready(&v1alpha1.Environment{}, "dev")
	holder, user := leader(s), "replica-"+s.Namespace

	p := run(s, program, user)
	s.Eventually("it lives", func() error { return probe(s, p.probes, "/healthz") })
	if err := probe(s, p.probes, "/readyz"); err == nil {
		s.Error("it says that it is ready, and may not read anything")
	}
	admin := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}
	s.Must(s.Create(s.Context(), admin))
	s.Eventually("it is ready to take over", func() error { return probe(s, p.probes, "/readyz") })
	s.Must(probe(s, p.probes, "/healthz"))
	p.program.Signal(syscall.SIGTERM)
	if code := p.program.End(); code != 0 {
		s.Errorf("it ended with %d", code)
	}
	if now := leader(s); now != holder {
		s.Errorf("the lease of %q is held by %q", holder, now)
	}
}
