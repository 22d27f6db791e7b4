// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package leader_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"novu-operator.dev/test/harness"
)

// agent is the user agent of a program that was built without a version.
const agent = "novu-operator/dev"

// process is the operator as it is installed, a program of its own: one that can be stopped and go on without noticing.
type process struct {
	*harness.Stage

	command *exec.Cmd
	probes  string // address
	log     journal
	ended   chan struct{}
}

// build compiles the program.
func build(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "manager")
	command := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".")
	command.Dir = harness.Root(t)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build the operator: %v\n%s", err, out)
	}
	return path
}

// run starts the program with leader election, for the stage's namespace. user is who it is for the API server; empty is
// an administrator.
func run(s *harness.Stage, program, user string) *process {
	s.Helper()
	p := &process{Stage: s, probes: freeAddress(s), ended: make(chan struct{})}
	p.command = exec.CommandContext(context.Background(), program,
		"--leader-elect", "--leader-election-namespace", s.Namespace, "--leader-election-lease-duration", lease.String(),
		"--watch-namespaces", s.Namespace, "--health-probe-bind-address", p.probes, "--metrics-bind-address", "0")
	p.command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig(s, user))
	p.command.Stdout, p.command.Stderr = &p.log, &p.log
	s.Must(p.command.Start())
	go func() {
		_ = p.command.Wait() // ProcessState says how it ended
		close(p.ended)
	}()
	s.Cleanup(p.kill)
	return p
}

// kubeconfig writes access to the API server to a file.
func kubeconfig(s *harness.Stage, user string) (path string) {
	s.Helper()
	const name = "test"
	path, config := filepath.Join(s.TempDir(), "kubeconfig"), harness.API(s)
	s.Must(clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			ClientCertificateData: config.CertData, ClientKeyData: config.KeyData, Token: config.BearerToken, Impersonate: user,
		}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, path))
	return path
}

func freeAddress(s *harness.Stage) string {
	listener, err := (&net.ListenConfig{}).Listen(s.Context(), "tcp", "127.0.0.1:0")
	s.Must(err)
	s.Must(listener.Close())
	return listener.Addr().String()
}

// kill ends a program that still runs when the test ends, also one that is stopped.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
	if p.Failed() || os.Getenv("LOG") != "" {
		p.Logf("the program's log:\n%s", p.log.text())
	}
}

func (p *process) signal(s syscall.Signal) {
	p.Helper()
	p.Must(p.command.Process.Signal(s))
}

// end waits until the program has ended, and returns its exit code.
func (p *process) end() int {
	p.Helper()
	select {
	case <-p.ended:
	case <-time.After(3 * time.Minute):
		p.Fatal("the program does not end")
	}
	return p.command.ProcessState.ExitCode()
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

// journal is a log that is read while it is written.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// count the lines with the text.
func (j *journal) count(text string) (n int) {
	for line := range strings.Lines(j.text()) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}
