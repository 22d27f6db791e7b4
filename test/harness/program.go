// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

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

// FreeAddress is a loopback address that nothing listened on a moment ago.
func FreeAddress(tb testing.TB) string {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err == nil {
		err = listener.Close()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return listener.Addr().String()
}

// Program is the operator as it is installed, a process of its own: one that can be stopped and go on without noticing.
type Program struct {
	// Log is what it has written.
	Log Log

	tb      testing.TB
	command *exec.Cmd
	ended   chan struct{}
}

// Start is how a program is started.
type Start struct {
	// User that the program is for the API server; empty is an administrator.
	User string
	// Flags beside those that name the stage's namespace and turn metrics off.
	Flags []string
	// Variables of its environment, beside those of the test.
	Variables []string
}

// StartProgram starts a program for the stage's namespace. It is killed when the test ends, also if it is stopped.
func (s *Stage) StartProgram(path string, start Start) *Program {
	s.Helper()
	p := &Program{tb: s.TB, ended: make(chan struct{})}
	flags := append([]string{"--watch-namespaces", s.Namespace, "--metrics-bind-address", "0"}, start.Flags...)
	p.command = exec.CommandContext(context.Background(), path, flags...)
	p.command.Env = append(os.Environ(), append(start.Variables, "KUBECONFIG="+s.kubeconfig(start.User))...)
	p.command.Stdout, p.command.Stderr = &p.Log, &p.Log
	s.Must(p.command.Start())
	go func() {
		_ = p.command.Wait() // ProcessState tells how it ended
		close(p.ended)
	}()
	s.Cleanup(p.kill)
	return p
}

func (p *Program) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
	if p.tb.Failed() || os.Getenv("LOG") != "" {
		p.tb.Logf("the program's log:\n%s", p.Log.String())
	}
}

// Signal sends a signal to the program.
func (p *Program) Signal(signal os.Signal) {
	p.tb.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		p.tb.Fatal(err)
	}
}

// End waits until the program has ended, and returns its exit code.
func (p *Program) End() int {
	p.tb.Helper()
	select {
	case <-p.ended:
	case <-time.After(3 * time.Minute):
		p.tb.Fatal("the program does not end")
	}
	return p.command.ProcessState.ExitCode()
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

// Memory is what the program holds of the machine's memory now, its file's pages aside, and the most that it ever took with
// them, in bytes.
func (p *Program) Memory() (now, most int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "RssAnon":
			now = n << 10
		case "VmHWM":
			most = n << 10
		}
	}
	return now, most, nil
}

// kubeconfig writes a user's access to the API server to a file; an administrator's if there is none.
func (s *Stage) kubeconfig(user string) (path string) {
	s.Helper()
	const name = "test"
	path, config := filepath.Join(s.TempDir(), "kubeconfig"), API(s)
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
