// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const changelog = `# Changelog

## [Unreleased]

## [1.3.0] - 2026-12-01

### Added

- Something new.

## [1.2.0] - 2026-11-01

- Something old.

## [1.1.0] - 2026-10-01
`

func TestRun(t *testing.T) {
	tests := map[string]struct {
		args            []string
		chart, app, tag string
		want, wantErr   string
	}{
		"newest":               {args: []string{"v1.3.0"}, chart: "1.3.0", app: "v1.3.0", tag: "1.3.0", want: "### Added\n\n- Something new.\n"},
		"older":                {args: []string{"v1.2.0"}, chart: "1.2.0", app: "1.2.0", tag: "v1.2.0", want: "- Something old.\n"},
		"nothing written":      {args: []string{"v1.1.0"}, chart: "1.1.0", app: "1.1.0", tag: "1.1.0", wantErr: "nothing under [1.1.0]"},
		"no section":           {args: []string{"v1.4.0"}, chart: "1.4.0", app: "1.4.0", tag: "1.4.0", wantErr: `no "## [1.4.0] - YYYY-MM-DD"`},
		"pre-release":          {args: []string{"v1.3.0-rc.1"}, chart: "1.3.0-rc.1", app: "1.3.0-rc.1", tag: "1.3.0-rc.1", wantErr: `no "## [1.3.0-rc.1]`},
		"chart of another":     {args: []string{"v1.3.0"}, chart: "1.2.0", app: "1.3.0", tag: "1.3.0", wantErr: "Chart.yaml has version 1.2.0"},
		"app of another":       {args: []string{"v1.3.0"}, chart: "1.3.0", app: "1.2.0", tag: "1.3.0", wantErr: "appVersion 1.2.0"},
		"manifests of another": {args: []string{"v1.3.0"}, chart: "1.3.0", app: "1.3.0", tag: "1.2.0", wantErr: "set newTag of novu-operator to 1.3.0"},
		"no version":           {args: []string{"1.3.0"}, wantErr: "write it as v1.2.3"},
		"no arguments":         {wantErr: "usage"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			write(t, root, "CHANGELOG.md", changelog)
			write(t, root, "charts/novu-operator/Chart.yaml", "version: "+test.chart+"\nappVersion: "+test.app+"\n")
			write(t, root, "config/manager/kustomization.yaml", "images:\n- name: novu-operator\n  newTag: "+test.tag+"\n")
			var out strings.Builder
			err := run(root, test.args, &out)
			if out.String() != test.want || (err == nil) != (test.wantErr == "") || err != nil && !strings.Contains(err.Error(), test.wantErr) {
				t.Errorf("run() = %q, %v; want %q, %q", out.String(), err, test.want, test.wantErr)
			}
		})
	}
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}
