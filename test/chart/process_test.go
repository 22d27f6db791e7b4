// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

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

	appsv1 "k8s.io/api/apps/v1"
)

// operator is the operator's program, running as the chart's Deployment would run it: with the flags of its container
// and the rights of its ServiceAccount.
type operator struct {
	cmd    *exec.Cmd
	probes string // address
	log    journal
	done   chan error // how it ended
}

// buildOperator compiles the program of the repository.
func buildOperator(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manager")
	build := command(t.Context(), "go", "build", "-o", path, ".")
	build.Dir = Root(t)
	if _, err := output(build, ""); err != nil {
		t.Fatal(err)
	}
	return path
}

// startOperator runs the program. Only its addresses are the test's: those of the Pod may be in use on this machine.
func (c *cluster) startOperator(t *testing.T, program string) *operator {
	t.Helper()
	var deployment appsv1.Deployment
	c.get(t, release.Namespace, release.Name, &deployment)
	pod := deployment.Spec.Template.Spec
	o := &operator{probes: freeAddress(t)}
	var args []string
	for _, arg := range pod.Containers[0].Args {
		args = append(args, strings.ReplaceAll(arg, "$(POD_NAMESPACE)", deployment.Namespace))
	}
	args = append(args, "--health-probe-bind-address="+o.probes, "--metrics-bind-address="+freeAddress(t))
	config := ServiceAccountConfig(t, c.admin, deployment.Namespace, pod.ServiceAccountName)
	o.cmd = exec.CommandContext(context.Background(), program, args...)
	o.cmd.Env = append(os.Environ(), "KUBECONFIG="+Kubeconfig(t, config))
	o.cmd.Stdout, o.cmd.Stderr = &o.log, &o.log
	if err := o.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	o.done = make(chan error, 1)
	go func() { o.done <- o.cmd.Wait() }()
	t.Cleanup(func() { o.stop(t) })
	return o
}

// stop ends the program as Kubernetes does, and kills it when the grace period is over.
func (o *operator) stop(t *testing.T) {
	t.Helper()
	if o.cmd.ProcessState != nil {
		return // killed
	}
	if err := o.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("the operator ended by itself: %v", err)
	}
	select {
	case err := <-o.done:
		if err != nil {
			t.Errorf("the operator did not end well: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Error("the operator did not end within its grace period")
		o.kill(t)
	}
	if t.Failed() {
		t.Logf("its log:\n%s", strings.Join(o.log.lines(""), ""))
	}
}

func (o *operator) kill(t *testing.T) {
	t.Helper()
	if err := o.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := <-o.done; err == nil {
		t.Error("the operator had ended well before it was killed")
	}
}

// probe asks what the kubelet asks.
func (o *operator) probe(path string) error {
	answer, err := http.Get("http://" + o.probes + path)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, answer.Status)
	}
	return nil
}

// freeAddress is one that nothing listened on a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
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

// lines are those that contain the text in any case.
func (j *journal) lines(text string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []string
	for line := range strings.Lines(j.buf.String()) {
		if strings.Contains(strings.ToLower(line), text) {
			found = append(found, line)
		}
	}
	return found
}
