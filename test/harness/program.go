// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// BuildProgram compiles the operator.
func BuildProgram(tb testing.TB) (path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "manager")
	command := exec.CommandContext(tb.Context(), "go", "build", "-o", path, ".")
	command.Dir = Root(tb)
	if out, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("build the operator: %v\n%s", err, out)
	}
	return path
}

// Program is the operator as it is installed, a process of its own.
type Program struct {
	tb      testing.TB
	command *exec.Cmd
	ended   chan struct{}
	log     journal
}

// StartProgram starts a program for the stage's namespace, without leader election, probes and metrics, and with further
// variables in its environment. It is killed when the test ends.
func (s *Stage) StartProgram(path string, variables ...string) *Program {
	s.Helper()
	p := &Program{tb: s.TB, ended: make(chan struct{})}
	p.command = exec.CommandContext(context.Background(), path, "--leader-elect=false", "--watch-namespaces", s.Namespace,
		"--health-probe-bind-address", "0", "--metrics-bind-address", "0")
	p.command.Env = append(os.Environ(), append(variables, "KUBECONFIG="+s.kubeconfig())...)
	p.command.Stdout, p.command.Stderr = &p.log, &p.log
	s.Must(p.command.Start())
	go func() {
		_ = p.command.Wait() // Running tells
		close(p.ended)
	}()
	s.Cleanup(p.kill)
	return p
}

func (p *Program) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
	if p.tb.Failed() || os.Getenv("LOG") != "" {
		p.tb.Logf("the program's log:\n%s", p.log.text())
	}
}

// MustRun fails the test if the program has ended.
func (p *Program) MustRun() {
	p.tb.Helper()
	if !p.Running() {
		p.tb.Fatal("the program has ended")
	}
}

// Running reports whether the program has not ended.
func (p *Program) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Memory is what the program takes of the machine's memory now, and the most that it ever took, in bytes.
func (p *Program) Memory() (now, most int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			now = n << 10
		case "VmHWM":
			most = n << 10
		}
	}
	return now, most, nil
}

// kubeconfig writes an administrator's access to the API server to a file.
func (s *Stage) kubeconfig() (path string) {
	s.Helper()
	const name = "test"
	path, config := filepath.Join(s.TempDir(), "kubeconfig"), API(s)
	s.Must(clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			ClientCertificateData: config.CertData, ClientKeyData: config.KeyData, Token: config.BearerToken,
		}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, path))
	return path
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
