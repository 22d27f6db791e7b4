// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A tools module in miniature: its program says by what name it was called and
// which version the linker gave it.
var miniature = map[string]string{
	"go.mod": `module tools

go 1.26

require (
	k8s.io/component-base v0.99.7
	k8s.io/kubernetes v1.99.7
)

replace k8s.io/component-base => ./base
replace k8s.io/kubernetes => ./kubernetes
`,
	"go.sum":                   "",
	"base/go.mod":              "module k8s.io/component-base\n",
	"base/version/version.go":  "package version\n\nvar gitVersion, gitMajor, gitMinor = \"v0.0.0-master\", \"\", \"\"\n\nfunc Get() string { return gitVersion + \" \" + gitMajor + \".\" + gitMinor }\n",
	"kubernetes/go.mod":        "module k8s.io/kubernetes\n",
	"kubernetes/kubernetes.go": "package kubernetes\n",
	"kube/main.go": `package main

import (
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/component-base/version"
	_ "k8s.io/kubernetes"
)

func main() { fmt.Println(filepath.Base(os.Args[0]), version.Get()) }
`,
}

// newCheckout writes the miniature and gives this test an empty cache, but the
// usual cache of compiled packages.
func newCheckout(t *testing.T) (root string) {
	t.Helper()
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv(AssetsVariable, "")
	t.Setenv(IndexVariable, indexOff)
	root = t.TempDir()
	for name, content := range miniature {
		writeFile(t, filepath.Join(root, toolsModule, name), content)
	}
	t.Chdir(root)
	return root
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func TestAssetsBuilt(t *testing.T) {
	newCheckout(t)
	var progress bytes.Buffer
	dir, err := Assets(t.Context(), &progress)
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{etcd, apiServer, controllerManager, scheduler, kubectl} {
		out, err := exec.Command(filepath.Join(dir, program)).Output()
		if want := program + " v1.99.7 1.99\n"; err != nil || string(out) != want {
			t.Errorf("%s printed %q, %v; want %q", program, out, err, want)
		}
	}
	for _, want := range []string{"v1.99.7", "built in"} {
		if !strings.Contains(progress.String(), want) {
			t.Errorf("progress %q does not say %q", progress.String(), want)
		}
	}

	progress.Reset()
	again, err := Assets(t.Context(), &progress)
	if err != nil || again != dir || progress.Len() > 0 {
		t.Errorf("second Assets() = %q, %v, progress %q; want the first result without a build", again, err, progress.String())
	}
}

func TestAssetsFollowTheirSources(t *testing.T) {
	for _, name := range []string{"go.mod", "go.sum", "kube/main.go"} {
		t.Run(name, func(t *testing.T) {
			root := newCheckout(t)
			before, err := newBuild(root, nil)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(root, toolsModule, name)
			writeFile(t, path, miniature[name]+"\n")
			after, err := newBuild(root, nil)
			if err != nil {
				t.Fatal(err)
			}
			if before.dir == after.dir {
				t.Errorf("a changed %s does not change the folder %s", name, after.dir)
			}
		})
	}
}

func TestAssetsBuiltOnceForAll(t *testing.T) {
	newCheckout(t)
	const callers = 4
	var progress [callers]bytes.Buffer
	var wait sync.WaitGroup
	for i := range callers {
		wait.Go(func() {
			if _, err := Assets(t.Context(), &progress[i]); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	built := 0
	for i := range callers {
		built += strings.Count(progress[i].String(), "built in")
	}
	if built != 1 {
		t.Errorf("%d callers built %d times; want once", callers, built)
	}
}

func TestAssetsBuildFailures(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx     context.Context
		prepare func(t *testing.T, module string)
		want    string
	}{
		"does not compile": {
			ctx: t.Context(),
			prepare: func(t *testing.T, module string) {
				writeFile(t, filepath.Join(module, "kube/main.go"), "package main\n\nfunc main() { missing() }\n")
			},
			want: "undefined: missing",
		},
		"interrupted": {
			ctx:     cancelled,
			prepare: func(*testing.T, string) {},
			want:    context.Canceled.Error(),
		},
		"no Kubernetes required": {
			ctx: t.Context(),
			prepare: func(t *testing.T, module string) {
				writeFile(t, filepath.Join(module, "go.mod"), "module tools\n")
			},
			want: "does not require k8s.io/kubernetes",
		},
		"incomplete module": {
			ctx: t.Context(),
			prepare: func(t *testing.T, module string) {
				if err := os.Remove(filepath.Join(module, "go.sum")); err != nil {
					t.Fatal(err)
				}
			},
			want: "go.sum",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := newCheckout(t)
			test.prepare(t, filepath.Join(root, toolsModule))
			dir, err := Assets(test.ctx, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("Assets() = %q, %v; want an error with %q", dir, err, test.want)
			}
			finished, err := filepath.Glob(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "novu-operator", "*", etcd))
			if err != nil || len(finished) > 0 {
				t.Errorf("a failed build left %v, %v", finished, err)
			}
		})
	}
}
