// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

// spawnHelper makes this test binary a parent that spawns a program, prints its
// process id and ends without stopping it.
const spawnHelper = "CONTROLPLANE_TEST_SPAWN_DETACHED"

func TestMain(m *testing.M) {
	if value, ok := os.LookupEnv(spawnHelper); ok {
		detach, err := strconv.ParseBool(value)
		if err != nil {
			panic(err)
		}
		child, err := spawn(os.Getenv("CONTROLPLANE_TEST_DIR"), "sleep", "sleep", []string{"600"}, detach)
		if err != nil {
			panic(err)
		}
		fmt.Println(child.PID)
		return
	}
	os.Exit(m.Run())
}

// writeProgram puts an executable shell script into dir.
func writeProgram(t *testing.T, path, script string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
