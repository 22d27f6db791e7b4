// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

const letter = "apiVersion: novu-operator.dev/v1alpha1\nkind: Workflow\nmetadata: {name: letter}\nspec: {environmentRef: {name: dev}, name: Letter}\n"

var other = strings.Replace(letter, "letter", "other", 1)

func TestFilesNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		manifest string
		problem  string // begins with file and line
		ignored  string
		objects  int
	}{
		"nothing":                     {manifest: "# a comment\n\n---\n---\n"},
		"one":                         {manifest: letter, objects: 1},
		"Windows":                     {manifest: "\ufeff---\r\n" + strings.ReplaceAll(letter, "\n", "\r\n") + "---\r\n", objects: 1},
		"JSON":                        {manifest: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}`, objects: 1},
		"another kind":                {manifest: "\n\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: shop}\n", ignored: "f.yaml:3 Deployment shop/d"},
		"another kind of the core":    {manifest: "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n", ignored: "f.yaml:1 Pod p"},
		"a list":                      {manifest: `{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, metadata: {name: s}}, {apiVersion: v1, kind: Pod}]}`, objects: 1, ignored: "f.yaml:1 Pod"},
		"a version that is unknown":   {manifest: "apiVersion: novu-operator.dev/v2\nkind: Workflow\nmetadata: {name: w}\n", problem: "f.yaml:1: Workflow w: novu-operator.dev/v2 has no kind Workflow: correct apiVersion or kind"},
		"no object":                   {manifest: letter + "---\n\nvalues: 1\n", objects: 1, problem: "f.yaml:7: it is no object: apiVersion and kind are missing"},
		"no mapping":                  {manifest: "- 1\n", problem: "f.yaml:1: it is no object: apiVersion and kind are missing"},
		"no YAML":                     {manifest: letter + "---\nkind: A\nmetadata: {\n---\n" + other, objects: 2, problem: "f.yaml:7: it is no YAML: "},
		"a key twice":                 {manifest: letter + "kind: Workflow\n", problem: `f.yaml:5: it is no YAML: key "kind" already set in map`},
		"a misspelt field":            {manifest: strings.Replace(letter, "name: Letter", "Name: Letter", 1), problem: `f.yaml:1: Workflow letter: unknown field "spec.Name"`},
		"a field of another type":     {manifest: strings.Replace(letter, "name: Letter", "name: [Letter]", 1), problem: "f.yaml:1: Workflow letter: cannot unmarshal array into"},
		"no name":                     {manifest: strings.Replace(letter, "name: letter", "namespace: shop", 1), problem: "f.yaml:1: Workflow: metadata.name is missing"},
		"a namespace that is no text": {manifest: strings.Replace(letter, "name: letter", "name: letter, namespace: n", 1), problem: "f.yaml:1: Workflow letter: cannot unmarshal bool into"},
		"twice":                       {manifest: letter + "--- # again\n" + letter, objects: 1, problem: "f.yaml:6: Workflow shop/letter: it is there twice, first at f.yaml:1"},
		"with a comment between":      {manifest: letter + "---  # again\n" + other + "---\t# and\n", objects: 2},
		"an end with a comment":       {manifest: letter + "... # over\n" + other, objects: 2},
		"on the line of the border": {
			manifest: letter + "--- {apiVersion: v1, kind: Secret, metadata: {name: s}}\n--- !!map\n" + other + "--- |\n  text\n",
			objects:  3, problem: "f.yaml:11: it is no object: apiVersion and kind are missing",
		},
		"a secret that looks like an alias": {
			manifest: "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: *hidden}\n",
			problem:  "f.yaml:1: it is no YAML: unknown anchor … referenced",
		},
		"a secret of another type": {
			manifest: "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: !!int \"hidden` it's\"}\n",
			problem:  "f.yaml:1: it is no YAML: cannot decode !!str … as a !!int",
		},
		"a secret": {
			manifest: "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {key: \"SG.hidden\"}\n",
			problem:  "f.yaml:1: Secret s: it does not have the form of a Secret: data holds base64, stringData text",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := &Files{Namespace: "shop"}
			if err := files.Read("f.yaml", strings.NewReader(test.manifest)); err != nil {
				t.Fatal(err)
			}
			var problem, ignored string
			for _, p := range files.Problems {
				problem += p.Error()
			}
			for _, i := range files.Ignored {
				ignored += i.String() + " " + i.Object
			}
			if test.problem == "" && problem != "" || !strings.HasPrefix(problem, test.problem) || strings.Contains(problem, "hidden") {
				t.Errorf("problem %q\n   want %q", problem, test.problem)
			}
			if ignored != test.ignored || len(files.objects) != test.objects {
				t.Errorf("ignored %q, want %q; %d objects, want %d", ignored, test.ignored, len(files.objects), test.objects)
			}
		})
	}
}

func TestFilesReadFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.yaml": letter, "b/c.yml": other, "README.md": "no manifest", ".git/x.yaml": "no: manifest",
		".hidden.yaml": "no: manifest",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := &Files{}
	if err := files.ReadPath(dir); err != nil || len(files.Problems) > 0 {
		t.Fatal(err, files.Problems)
	}
	w := &v1alpha1.Workflow{}
	if err := files.Get(t.Context(), types.NamespacedName{Namespace: "default", Name: "other"}, w); err != nil {
		t.Fatal(err)
	}
	if at, found := files.At(w); !found || at.String() != filepath.Join(dir, "b/c.yml")+":1" || len(files.objects) != 2 {
		t.Errorf("%s %v, %d objects", at, found, len(files.objects))
	}
	if err := files.ReadPath(filepath.Join(dir, "nothing")); err == nil {
		t.Error("a folder that there is not is empty")
	}
	if err := files.ReadPath(filepath.Join(dir, "README.md")); err != nil || len(files.Problems) != 1 {
		t.Errorf("a file that is named is read whatever its name: %v %v", err, files.Problems)
	}
}

func TestFilesReadLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "mount", "..data"), 0o700),
		os.WriteFile(filepath.Join(dir, "mount", "..data", "a.yaml"), []byte(letter), 0o600),
		os.Symlink(filepath.Join("..data", "a.yaml"), filepath.Join(dir, "mount", "a.yaml")),
		os.Symlink("mount", filepath.Join(dir, "link")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	files := &Files{}
	if err := files.ReadPath(filepath.Join(dir, "link")); err != nil || len(files.objects) != 1 {
		t.Errorf("%v, %d objects", err, len(files.objects))
	}
}
