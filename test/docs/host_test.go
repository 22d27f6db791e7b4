// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"novu-operator.dev/test/chart"
)

// workflow is what the tests look at in a file of continuous integration.
type workflow struct {
	Permissions map[string]string `json:"permissions"`
	Jobs        map[string]struct {
		Timeout int `json:"timeout-minutes"`
		Steps   []struct {
			Uses string `json:"uses"`
			Run  string `json:"run"`
		} `json:"steps"`
	} `json:"jobs"`
}

var makeTarget = regexp.MustCompile(`(?m)^\s*make ([a-z-]+)`)

// The files for a public host call targets that the Makefile has, use actions of the host alone, and ask for no rights beyond
// what their jobs say.
func TestWorkflowsOfTheHost(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	makefile := readText(t, root, "Makefile")
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yaml"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	called := map[string]bool{}
	for _, file := range files {
		name := filepath.Base(file)
		var w workflow
		parseYAML(t, file, &w)
		if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
			t.Errorf("%s has the permissions %v, want to read contents only", name, w.Permissions)
		}
		for id, job := range w.Jobs {
			if job.Timeout == 0 || len(job.Steps) == 0 {
				t.Errorf("%s: job %s has no time-out or no steps", name, id)
			}
			for _, step := range job.Steps {
				if step.Uses != "" && !regexp.MustCompile(`^actions/[a-z-]+@v\d+$`).MatchString(step.Uses) {
					t.Errorf("%s: job %s uses %s, which is no pinned action of the host", name, id, step.Uses)
				}
				for _, target := range makeTarget.FindAllStringSubmatch(step.Run, -1) {
					called[target[1]] = true
					if !strings.Contains(makefile, "\n"+target[1]+":") {
						t.Errorf("%s: job %s makes %s, which the Makefile does not have", name, id, target[1])
					}
				}
			}
		}
	}
	for _, target := range []string{"verify", "test", "vulncheck", "dist"} {
		if !called[target] {
			t.Errorf("no workflow makes %s", target)
		}
	}
}

// Every module, and whatever else has dependencies, is kept up to date.
func TestDependabotKnowsEveryModule(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	var config struct {
		Updates []struct {
			Ecosystem string `json:"package-ecosystem"`
			Directory string `json:"directory"`
		} `json:"updates"`
	}
	parseYAML(t, filepath.Join(root, ".github/dependabot.yml"), &config)
	known := map[string]bool{}
	for _, u := range config.Updates {
		known[u.Ecosystem+" "+u.Directory] = true
	}
	manifests := map[string]string{"go.mod": "gomod", "package.json": "npm", "Dockerfile": "docker"}
	want := map[string]bool{"github-actions /": true}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules" || path != root && strings.HasPrefix(entry.Name(), ".")) {
			return fs.SkipDir
		}
		if ecosystem, ok := manifests[entry.Name()]; ok {
			want[ecosystem+" "+filepath.ToSlash(filepath.Join("/", relative(root, filepath.Dir(path))))] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for entry := range want {
		if !known[entry] {
			t.Errorf("dependabot.yml has no entry for %s", entry)
		}
		delete(known, entry)
	}
	for entry := range known {
		t.Errorf("dependabot.yml has an entry for %s, which is not there", entry)
	}
}

// Owners are teams, and own what exists.
func TestCodeOwners(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	owned := 0
	for line := range strings.Lines(readText(t, root, ".github/CODEOWNERS")) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		owned++
		if fields[0] != "*" && !exists(filepath.Join(root, fields[0])) {
			t.Errorf("%s does not exist", fields[0])
		}
		for _, owner := range fields[1:] {
			if !regexp.MustCompile(`^@[a-z-]+/[a-z-]+$`).MatchString(owner) {
				t.Errorf("%s is owned by %s, which is no team", fields[0], owner)
			}
		}
		if len(fields) < 2 {
			t.Errorf("%s has no owner", fields[0])
		}
	}
	if owned < 3 {
		t.Errorf("only %d lines", owned)
	}
}

func TestChangelogHasAForm(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{"Added": true, "Changed": true, "Deprecated": true, "Removed": true, "Fixed": true, "Security": true}
	releases := 0
	for line := range strings.Lines(readText(t, chart.Root(t), "CHANGELOG.md")) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "### "); ok && !allowed[heading] {
			t.Errorf("%q is no heading of Keep a Changelog", line)
		}
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			releases++
			if releases == 1 && heading != "[Unreleased]" ||
				releases > 1 && !regexp.MustCompile(`^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$`).MatchString(heading) {
				t.Errorf("%q is no heading of a release", line)
			}
		}
	}
	if releases == 0 {
		t.Error("there is no [Unreleased]")
	}
}

func readText(t *testing.T, root, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func parseYAML(t *testing.T, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
