// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// What a CustomResourceDefinition is given when it becomes a template.
var (
	condition = []byte("{{- if .Values.crds.install }}\n")
	end       = []byte("{{- end }}\n")

	// controller-gen writes annotations into every definition; this is where they begin.
	annotations = []byte("\nmetadata:\n  annotations:\n")

	metadata = []byte(`
metadata:
  labels:
    {{- include "novu-operator.labels" . | nindent 4 }}
  annotations:
    {{- with include "novu-operator.crdAnnotations" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
`)
)

// writeCRDs makes a template of every definition in bases and removes templates whose definition is gone.
func writeCRDs(bases, templates string) error {
	definitions, err := filepath.Glob(filepath.Join(bases, "*.yaml"))
	if err != nil {
		return err
	}
	if len(definitions) == 0 {
		return fmt.Errorf("%s holds no definitions: run controller-gen first", bases)
	}
	if err := os.MkdirAll(templates, 0o755); err != nil {
		return err
	}
	for _, path := range definitions {
		definition, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		template, err := crdTemplate(filepath.Base(path), definition)
		if err != nil {
			return err
		}
		if err := writeIfChanged(filepath.Join(templates, filepath.Base(path)), template); err != nil {
			return err
		}
	}
	return removeOthers(templates, definitions)
}

// crdTemplate wraps a definition into the chart's switch and gives it the chart's labels and annotations. Descriptions
// and patterns may contain braces, which Helm must not read as its own.
func crdTemplate(name string, definition []byte) ([]byte, error) {
	definition = bytes.TrimPrefix(definition, []byte("---\n"))
	definition = bytes.ReplaceAll(definition, []byte("{{"), []byte(`{{ "{{" }}`))
	if bytes.Count(definition, annotations) != 1 {
		return nil, fmt.Errorf("%s does not have the form that controller-gen writes: metadata must begin with annotations", name)
	}
	definition = bytes.Replace(definition, annotations, metadata, 1)
	header := fmt.Appendf(nil, generatedTag, crdBases+"/"+name)
	return slices.Concat(header, condition, definition, end), nil
}

// removeOthers deletes the templates that no definition accounts for.
func removeOthers(templates string, definitions []string) error {
	wanted := map[string]bool{}
	for _, path := range definitions {
		wanted[filepath.Base(path)] = true
	}
	present, err := filepath.Glob(filepath.Join(templates, "*.yaml"))
	if err != nil {
		return err
	}
	for _, path := range present {
		if wanted[filepath.Base(path)] {
			continue
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}
