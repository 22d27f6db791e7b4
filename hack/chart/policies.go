// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

var (
	policyCondition = []byte("{{- if .Values.policies.install }}\n")
	// policyLabels is where the labels of a policy or binding begin, below which the chart's own are put.
	policyLabels = []byte("\n  labels:\n")
	chartLabels  = []byte("\n  labels:\n    {{- include \"novu-operator.labels\" . | nindent 4 }}\n")
	// policyName finds the names that begin with the release's in the chart.
	policyName = regexp.MustCompile(`(?m)^( {2}(?:name|policyName): )novu-operator-`)
	chartName  = []byte(`$1{{ include "novu-operator.fullname" . }}-`)
)

// writePolicies makes a template of every file of admission policies and removes templates whose file is gone.
func writePolicies(folder, templates string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(path string) bool { return filepath.Base(path) == "kustomization.yaml" })
	if len(files) == 0 {
		return fmt.Errorf("%s holds no policies", folder)
	}
	if err := os.MkdirAll(templates, 0o755); err != nil {
		return err
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		template, err := policyTemplate(filepath.Base(path), content)
		if err != nil {
			return err
		}
		if err := writeIfChanged(filepath.Join(templates, filepath.Base(path)), template); err != nil {
			return err
		}
	}
	return removeOthers(templates, files)
}

// policyTemplate wraps policies and their bindings into the chart's switch and gives them the release's name and labels.
func policyTemplate(name string, content []byte) ([]byte, error) {
	objects := bytes.Count(content, []byte("\nkind: "))
	if bytes.Count(content, policyLabels) != objects || len(policyName.FindAll(content, -1)) < objects {
		return nil, fmt.Errorf("%s: every object needs labels and a name that begins with novu-operator-, each indented by two spaces", name)
	}
	content = bytes.ReplaceAll(content, []byte("{{"), []byte(`{{ "{{" }}`))
	content = bytes.ReplaceAll(content, policyLabels, chartLabels)
	content = policyName.ReplaceAll(content, chartName)
	header := fmt.Appendf(nil, generatedTag, policiesFolder+"/"+name)
	return slices.Concat(header, policyCondition, content, end), nil
}
