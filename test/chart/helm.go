// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kubeVersion is what templates are rendered for when no cluster tells.
const kubeVersion = "1.37.0"

// Release is one installation of the chart.
type Release struct {
	Name, Namespace string
}

// Helm runs helm on the chart of this repository.
type Helm struct {
	program    string
	chart      string
	kubeconfig string
	env        []string
}

// NewHelm returns a helm that keeps its files to the test. Without a kubeconfig it can do what needs no cluster.
func NewHelm(tb testing.TB, kubeconfig string) *Helm {
	tb.Helper()
	home := tb.TempDir()
	return &Helm{
		program:    program(tb, "helm"),
		chart:      filepath.Join(Root(tb), "charts", "novu-operator"),
		kubeconfig: kubeconfig,
		env: append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home,
			"KUBECONFIG="+kubeconfig),
	}
}

// Lint fails the test if helm finds fault with the chart when it has these values (YAML).
func (h *Helm) Lint(tb testing.TB, values string) {
	tb.Helper()
	h.must(tb, values, "lint", h.chart, "--strict", "--kube-version", kubeVersion, "--values", "-")
}

// Template renders the chart with values (YAML).
func (h *Helm) Template(tb testing.TB, r Release, values string) Objects {
	tb.Helper()
	out, err := h.TryTemplate(tb, r, values)
	if err != nil {
		tb.Fatal(err)
	}
	return parse(tb, out)
}

// TryTemplate is Template for values that helm may refuse.
func (h *Helm) TryTemplate(tb testing.TB, r Release, values string) (string, error) {
	tb.Helper()
	return h.try(tb, values, "template", r.Name, h.chart, "--namespace", r.Namespace, "--kube-version", kubeVersion,
		"--values", "-")
}

// Install installs the chart with values (YAML) into the release's namespace, which it creates if need be. It returns
// what helm tells the user. It does not wait for Pods: a cluster of a test has no nodes.
func (h *Helm) Install(tb testing.TB, r Release, values string) string {
	tb.Helper()
	return h.must(tb, values, "install", r.Name, h.chart, "--namespace", r.Namespace, "--create-namespace", "--values", "-")
}

// Upgrade changes the release to these values (YAML); what it had before is forgotten.
func (h *Helm) Upgrade(tb testing.TB, r Release, values string) string {
	tb.Helper()
	return h.must(tb, values, "upgrade", r.Name, h.chart, "--namespace", r.Namespace, "--values", "-")
}

// Uninstall removes the release and waits until what it held is gone.
func (h *Helm) Uninstall(tb testing.TB, r Release) string {
	tb.Helper()
	return h.must(tb, "", "uninstall", r.Name, "--namespace", r.Namespace, "--wait", "--timeout", "2m")
}

func (h *Helm) must(tb testing.TB, stdin string, args ...string) string {
	tb.Helper()
	out, err := h.try(tb, stdin, args...)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func (h *Helm) try(tb testing.TB, stdin string, args ...string) (string, error) {
	tb.Helper()
	cmd := command(tb.Context(), h.program, args...)
	cmd.Env = h.env
	if strings.TrimSpace(stdin) == "" {
		stdin = "{}"
	}
	return output(cmd, stdin)
}
