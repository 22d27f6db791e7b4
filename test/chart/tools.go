// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// toolsModule requires helm and kustomize.
const toolsModule = "hack/tools/go.mod"

// Root is the absolute path of the repository that the test runs in.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := findRoot()
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}

func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, toolsModule)); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not within the repository", start)
		}
	}
}

// programs are the paths of tools that were built already, by name.
var programs sync.Map

// program builds a tool of the tools module, or finds it in Go's cache, and returns its path. Calling the path saves
// what `go tool` does before it starts the tool.
func program(tb testing.TB, name string) string {
	tb.Helper()
	build, _ := programs.LoadOrStore(name, sync.OnceValues(func() (string, error) {
		root, err := findRoot()
		if err != nil {
			return "", err
		}
		modfile := "-modfile=" + filepath.Join(root, toolsModule)
		path, err := output(command(context.Background(), "go", "tool", modfile, "-n", name), "")
		return strings.TrimSpace(path), err
	}))
	path, err := build.(func() (string, error))()
	if err != nil {
		tb.Fatalf("build %s: %v", name, err)
	}
	return path
}

// Kustomize builds a folder, given relative to the repository's root.
func Kustomize(tb testing.TB, dir string) Objects {
	tb.Helper()
	return KustomizeAt(tb, filepath.Join(Root(tb), dir))
}

// KustomizeAt builds a folder anywhere.
func KustomizeAt(tb testing.TB, path string) Objects {
	tb.Helper()
	out, err := output(command(tb.Context(), program(tb, "kustomize"), "build", path), "")
	if err != nil {
		tb.Fatal(err)
	}
	return parse(tb, out)
}

func command(ctx context.Context, program string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, program, args...)
}

// output runs a command and returns what it printed. The error contains what it complained about.
func output(cmd *exec.Cmd, stdin string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", filepath.Base(cmd.Path), strings.Join(cmd.Args[1:], " "), err, stderr.String())
	}
	return stdout.String(), nil
}
