// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"novu-operator.dev/test/harness"
)

// operator is the operator's program, running as the chart's Deployment would run it: with the flags of its container
// and the rights of its ServiceAccount.
type operator struct {
	cmd    *exec.Cmd
	probes string // address
	log    harness.Log
	done   chan error // how it ended
}

// startOperator runs the program. Only its addresses are the test's: those of the Pod may be in use on this machine.
func (c *cluster) startOperator(t *testing.T, program string) *operator {
	t.Helper()
	var deployment appsv1.Deployment
	c.get(t, release.Namespace, release.Name, &deployment)
	pod := deployment.Spec.Template.Spec
	o := &operator{probes: harness.FreeAddress(t)}
	var args []string
	for _, arg := range pod.Containers[0].Args {
		args = append(args, strings.ReplaceAll(arg, "$(POD_NAMESPACE)", deployment.Namespace))
	}
	args = append(args, "--health-probe-bind-address="+o.probes, "--metrics-bind-address="+harness.FreeAddress(t))
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
		t.Logf("its log:\n%s", o.log.String())
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
