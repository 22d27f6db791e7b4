// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"novu-operator.dev/hack/controlplane"
)

// TestBorrow is what the commands of the other tests run: it borrows the control plane that is lent to it.
func TestBorrow(t *testing.T) {
	if os.Getenv(controlplane.LentVariable) == "" {
		t.Skip("nothing is lent")
	}
	cp, started, err := controlplane.Lent(t.Context(), controlplane.Options{Spare: true})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(os.Stdout, "borrowed %s, started: %t\n", cp.Config.Host, started)
}

// All processes of the command use one control plane, which one of them starts and which is gone afterwards.
func TestLend(t *testing.T) {
	useAssets(t)
	dir := filepath.Join(t.TempDir(), "lent")
	borrow := `"$0" -test.run '^TestBorrow$'`
	out, progress, err := cluster(t, "lend", "-dir", dir, "sh", "-c", borrow+" & "+borrow+"; wait", os.Args[0])
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, progress)
	}
	hosts := map[string]int{}
	for _, found := range regexp.MustCompile(`borrowed (\S+),`).FindAllStringSubmatch(out, -1) {
		hosts[found[1]]++
	}
	if len(hosts) != 1 || strings.Count(out, "borrowed") != 2 || strings.Count(out, "started: true") != 1 {
		t.Errorf("want two that borrowed the same, and one of them that started it:\n%s", out)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the control plane is still there: %v", err)
	}
}

// What is not borrowed is not started, and the command's failure is the command's.
func TestLendToACommandThatFails(t *testing.T) {
	useAssets(t)
	dir := filepath.Join(t.TempDir(), "lent")
	out, _, err := cluster(t, "lend", "-dir", dir, "sh", "-c", `echo "$`+controlplane.LentVariable+`"; test -e "$`+controlplane.LentVariable+`"`)
	if err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("lend = %v; want the command's exit status", err)
	}
	if strings.TrimSpace(out) != dir {
		t.Errorf("the command was lent %q, not %q", out, dir)
	}
	if _, _, err := cluster(t, "lend", "-dir", dir); err == nil || !strings.Contains(err.Error(), "no command") {
		t.Errorf("lend without a command = %v", err)
	}
}

// A second command in the same checkout does not share the first one's, which may end earlier.
func TestLendWhatIsLent(t *testing.T) {
	useAssets(t)
	dir := filepath.Join(t.TempDir(), "lent")
	release, err := controlplane.Claim(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	show := `echo "$` + controlplane.LentVariable + `"`
	if out, _, err := cluster(t, "lend", "-dir", dir, "sh", "-c", show); err != nil || !strings.HasPrefix(out, dir+"-") {
		t.Errorf("lend = %v, %q; want another folder", err, out)
	}
	release()
	if out, _, err := cluster(t, "lend", "-dir", dir, "sh", "-c", show); err != nil || strings.TrimSpace(out) != dir {
		t.Errorf("lend = %v, %q; want %q", err, out, dir)
	}
}
