// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command release prints the notes of a release, which are the section of CHANGELOG.md for its version. It fails when there is
// none, or when the chart or the manifests are of another version.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(".", os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

var versionTag = regexp.MustCompile(`^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$`)

func run(root string, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: release v1.2.3")
	}
	tag := versionTag.FindStringSubmatch(args[0])
	if tag == nil {
		return fmt.Errorf("%q is no version: write it as v1.2.3", args[0])
	}
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	notes, err := section(string(changelog), tag[1])
	if err := errors.Join(err, checkChart(root, tag[1]), checkManifests(root, tag[1])); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, notes)
	return err
}

// section returns what the changelog has under the heading "## [version] - date".
func section(changelog, version string) (string, error) {
	heading := regexp.MustCompile(`(?m)^## \[` + regexp.QuoteMeta(version) + `\] - \d{4}-\d{2}-\d{2}\n`)
	place := heading.FindStringIndex(changelog)
	if place == nil {
		return "", fmt.Errorf(`CHANGELOG.md has no "## [%s] - YYYY-MM-DD"`, version)
	}
	text, _, _ := strings.Cut(changelog[place[1]:], "\n## ")
	if text = strings.TrimSpace(text); text == "" {
		return "", fmt.Errorf("CHANGELOG.md has nothing under [%s]", version)
	}
	return text, nil
}

func checkChart(root, version string) error {
	var chart struct{ Version, AppVersion string }
	if err := read(filepath.Join(root, "charts/novu-operator/Chart.yaml"), &chart); err != nil {
		return err
	}
	if chart.Version != version || strings.TrimPrefix(chart.AppVersion, "v") != version {
		return fmt.Errorf("charts/novu-operator/Chart.yaml has version %s and appVersion %s: set both to %s", chart.Version, chart.AppVersion, version)
	}
	return nil
}

func checkManifests(root, version string) error {
	var manager struct {
		Images []struct{ Name, NewTag string }
	}
	if err := read(filepath.Join(root, "config/manager/kustomization.yaml"), &manager); err != nil {
		return err
	}
	for _, image := range manager.Images {
		if image.Name == "novu-operator" && strings.TrimPrefix(image.NewTag, "v") == version {
			return nil
		}
	}
	return fmt.Errorf("config/manager/kustomization.yaml has another tag: set newTag of novu-operator to %s", version)
}

func read(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
