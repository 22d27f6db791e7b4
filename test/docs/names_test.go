// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/test/chart"
)

// command is a call of kubectl up to the end of the line or of the quotation that it stands in.
var command = regexp.MustCompile("kubectl [^`\n]+")

// bareKind is one of our kinds without its group, as an argument or as the kind of TYPE/NAME or TYPE.FIELD.
var bareKind = regexp.MustCompile(`^(?:environment|workflow|layout|integration|promotion)s?(?:$|/|\.spec|\.status)`)

// bareKinds are the arguments of a command that other products' kinds answer to as well: Argo has workflows, Kargo
// promotions and Camel K integrations.
func bareKinds(text string) (found []string) {
	if strings.Contains(text, "--api-version=novu-operator.dev/") {
		return nil
	}
	for argument := range strings.FieldsSeq(text) {
		if argument == "#" || argument == "|" || argument == ";" || argument == "&&" {
			break
		}
		for kind := range strings.SplitSeq(strings.TrimRight(argument, `'").:;`), ",") {
			if bareKind.MatchString(kind) {
				found = append(found, kind)
			}
		}
	}
	return found
}

func TestBareKinds(t *testing.T) {
	for text, want := range map[string][]string{
		"kubectl get workflows":                                                  {"workflows"},
		"kubectl wait workflow/a --for=condition=Ready":                          {"workflow/a"},
		"kubectl get nwf,layouts -A":                                             {"layouts"},
		"kubectl explain promotion.spec.target":                                  {"promotion.spec.target"},
		"kubectl get workflows.novu-operator.dev":                                nil,
		"kubectl annotate environment.novu-operator.dev/a b=c":                   nil,
		"kubectl get nenv # all environments":                                    nil,
		"kubectl explain workflow.spec --api-version=novu-operator.dev/v1alpha1": nil,
	} {
		if got := bareKinds(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// Every command that a reader may copy, from documents, the chart's notes, descriptions of fields and messages.
func TestCommandsNameOurKinds(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	list := exec.CommandContext(t.Context(), "git", "ls-files", "README.md", "CONTRIBUTING.md", "docs", "charts", "config", "api", "controllers", "internal", "hack", "main.go")
	list.Dir = root
	files, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for name := range strings.FieldsSeq(string(files)) {
		if !slices.Contains([]string{".md", ".txt", ".yaml", ".go", ".tpl"}, filepath.Ext(name)) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range command.FindAllString(string(content), -1) {
			commands++
			for _, kind := range bareKinds(text) {
				t.Errorf("%s: %q asks for %s, which may be another product's: write a short name (nenv, nwf, nlay, nint, nprom) or the group", name, text, kind)
			}
		}
	}
	if commands < 20 {
		t.Errorf("only %d commands were found", commands)
	}
}

// The field that says the opposite of what its name says must say what it does.
func TestSkipSaysWhenTheStepRuns(t *testing.T) {
	t.Parallel()
	root := chart.Root(t)
	for _, name := range []string{"config/crd/bases/novu-operator.dev_workflows.yaml", "docs/reference/api.md", "docs/how-to/step-conditions.md"} {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(strings.ReplaceAll(string(content), "<br />", " ")), " ")
		for _, want := range []string{"Novu runs the step when the rule is true", "missing", "null"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
}
