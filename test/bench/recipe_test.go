// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

// recipe is the peer: the update-first recipe of Novu's documentation as a small program with Novu's own SDK, and what it
// did to a Novu server of its own.
type recipe struct {
	// calls of the first run, of the second one with nothing changed, and of syncing everything to another environment.
	first, again, sync int
	// steps that there are, and how many of them the second run gave another internal id.
	steps, replaced int
}

// errNoRecipe says why the peer cannot run here.
type errNoRecipe struct{ why string }

func (e *errNoRecipe) Error() string { return e.why }

// runRecipe runs the recipe over n workflows.
func runRecipe(r *report, n int) (*recipe, error) {
	program, err := installRecipe(r)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(definitions(r, n))
	r.Must(err)
	program.definitions = filepath.Join(program.dir, "definitions.json")
	r.Must(os.WriteFile(program.definitions, raw, 0o600))
	program.novu = novutest.Start(r, novutest.Options{PaidTier: true})

	done := &recipe{first: program.calls(r, n, "write")}
	before := stepIDs(program.novu, "Development")
	done.again = program.calls(r, n, "write")
	done.steps, done.replaced = len(before), replaced(before, stepIDs(program.novu, "Development"))
	done.sync = program.calls(r, n, "sync", program.novu.Environment("Production").ID)
	return done, nil
}

// program is the recipe, ready to run.
type program struct {
	node, dir, definitions string
	novu                   *novutest.Server
}

// installRecipe copies the program and gets the SDK from npm's registry, at the versions of its lock file.
func installRecipe(r *report) (*program, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, &errNoRecipe{"node is not installed"}
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return nil, &errNoRecipe{"npm is not installed"}
	}
	p := &program{node: node, dir: r.TempDir()}
	for _, name := range []string{"package.json", "package-lock.json", "recipe.mjs"} {
		raw, err := os.ReadFile(filepath.Join(harness.Root(r), "test", "bench", "script", name))
		r.Must(err)
		r.Must(os.WriteFile(filepath.Join(p.dir, name), raw, 0o600))
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	install.Dir = p.dir
	if out, err := install.CombinedOutput(); err != nil {
		return nil, &errNoRecipe{fmt.Sprintf("npm cannot install @novu/api (%v): %s", err, lastLine(out))}
	}
	return p, nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// calls runs the program once and counts its calls. Every workflow must have got through.
func (p *program) calls(r *report, n int, args ...string) int {
	r.Helper()
	p.novu.ClearRequests()
	args = append([]string{"recipe.mjs", args[0], p.definitions}, args[1:]...)
	command := exec.CommandContext(r.Context(), p.node, args...) //nolint:gosec // our own arguments
	command.Dir = p.dir
	command.Env = append(os.Environ(), "NOVU_URL="+p.novu.URL, "NOVU_SECRET_KEY="+p.novu.Environment("Development").SecretKey)
	out, err := command.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		r.Fatalf("the recipe ends with %v: %s", err, failed.Stderr)
	}
	r.Must(err)
	var did struct{ Updated, Created, Synced, Failed int }
	r.Must(json.Unmarshal(out, &did))
	if did.Updated+did.Created+did.Synced != n || did.Failed > 0 {
		r.Fatalf("the recipe did %+v of %d workflows", did, n)
	}
	return len(p.novu.Requests())
}

// stepIDs are the internal ids of all steps of an environment, by workflow and step.
func stepIDs(novu *novutest.Server, environment string) map[string]string {
	ids := map[string]string{}
	for _, w := range novu.Workflows(environment) {
		for _, step := range w.Steps {
			ids[w.WorkflowID+"/"+step.StepID] = step.ID
		}
	}
	return ids
}

// replaced counts the steps that have another internal id than before, or are gone.
func replaced(before, after map[string]string) (n int) {
	for step, id := range before {
		if after[step] != id {
			n++
		}
	}
	return n
}

func TestReplaced(t *testing.T) {
	before := map[string]string{"a/mail": "1", "a/text": "2", "b/mail": "3"}
	for want, after := range []map[string]string{
		{"a/mail": "1", "a/text": "2", "b/mail": "3", "c/mail": "4"},
		{"a/mail": "1", "a/text": "9", "b/mail": "3"},
		{"a/mail": "1", "a/text": "3"},
		{},
	} {
		if got := replaced(before, after); got != want {
			t.Errorf("%v: %d steps are replaced, want %d", after, got, want)
		}
	}
}

// Whoever runs the benchmark chooses the registry; the lock file says which versions, and what they hash to.
func TestLockFileNamesNoHost(t *testing.T) {
	raw, err := os.ReadFile("script/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct{ Version, Resolved, Integrity string }
	}
	if err := json.Unmarshal(raw, &lock); err != nil {
		t.Fatal(err)
	}
	for name, p := range lock.Packages {
		if p.Resolved != "" || name != "" && (p.Version == "" || p.Integrity == "") {
			t.Errorf("%q: %+v; make the file with npm's omit-lockfile-registry-resolved", name, p)
		}
	}
	if lock.Packages["node_modules/@novu/api"].Version != "3.19.1" {
		t.Error("the SDK is not locked to the version that the figures are said to be of")
	}
}
