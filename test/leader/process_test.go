// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package leader_test

import (
	"fmt"
	"net/http"

	coordinationv1 "k8s.io/api/coordination/v1"

	"novu-operator.dev/test/harness"
)

// agent is the user agent of a program that was built without a version.
const agent = "novu-operator/dev"

// process is the operator with leader election.
type process struct {
	*harness.Stage

	program *harness.Program
	probes  string // address
}

// run starts the program with leader election, for the stage's namespace. user is who it is for the API server; empty is
// an administrator.
func run(s *harness.Stage, program, user string) *process {
	s.Helper()
	p := &process{Stage: s, probes: harness.FreeAddress(s)}
	p.program = s.StartProgram(program, harness.Start{User: user, Flags: []string{
		"--leader-elect", "--leader-election-namespace", s.Namespace, "--leader-election-lease-duration", lease.String(),
		"--health-probe-bind-address", p.probes,
	}})
	return p
}

// probe asks what the kubelet asks.
func probe(s *harness.Stage, address, path string) error {
	request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, answer.Status)
	}
	return nil
}

// leader is who holds the lease, if anybody does.
func leader(s *harness.Stage) string {
	s.Helper()
	var found coordinationv1.Lease
	s.Must(s.Get(s.Context(), s.Key(leaseName), &found))
	if found.Spec.HolderIdentity == nil {
		return ""
	}
	return *found.Spec.HolderIdentity
}
