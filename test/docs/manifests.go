// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Manifest is one YAML document that describes an object.
type Manifest struct {
	Where  string // file and line that the document's block or file begins at
	Raw    []byte // as it is written
	Object unstructured.Unstructured
}

// Name of the object for messages, with its kind.
func (m Manifest) Name() string { return m.Object.GetKind() + "/" + m.Object.GetName() }

// Parse splits a text into its YAML documents. Each has to describe an object.
func Parse(where string, content []byte) ([]Manifest, error) {
	var manifests []Manifest
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		raw, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return manifests, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		m := Manifest{Where: where, Raw: raw}
		asJSON, err := yaml.YAMLToJSONStrict(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		if string(asJSON) == "null" {
			continue // nothing but comments
		}
		if err := m.Object.UnmarshalJSON(asJSON); err != nil || m.Object.GetAPIVersion() == "" || m.Object.GetName() == "" {
			return nil, fmt.Errorf("%s describes no object (apiVersion, kind, metadata.name); if it is not meant to, mark the block "+
				"`yaml skip: the reason`:\n%s", where, raw)
		}
		manifests = append(manifests, m)
	}
}

// Samples reads the manifests below config/samples. Files that direct kustomize are none.
func Samples(root string) ([]Manifest, error) {
	var manifests []Manifest
	err := filepath.WalkDir(filepath.Join(root, "config", "samples"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" || entry.Name() == "kustomization.yaml" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found, err := Parse(relative(root, path), content)
		manifests = append(manifests, found...)
		return err
	})
	return manifests, err
}

// Documents are the paths of the Markdown files that readers are sent to.
func Documents(root string) ([]string, error) {
	patterns := []string{"*.md", "charts/*/*.md", "config/samples/*.md"}
	var paths []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		paths = append(paths, found...)
	}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.EqualFold(filepath.Ext(path), ".md") {
			paths = append(paths, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	slices.Sort(paths)
	return paths, err
}

// relative is the path as seen from the repository's root, for messages.
func relative(root, path string) string {
	if short, err := filepath.Rel(root, path); err == nil {
		return short
	}
	return path
}
