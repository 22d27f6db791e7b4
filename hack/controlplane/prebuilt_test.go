// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// entry is a file of an archive.
type entry struct {
	name, content string
	kind          byte
}

// programs is what an archive of setup-envtest contains.
func programs(version string) []entry {
	entries := []entry{{name: "controller-tools/", kind: tar.TypeDir}, {name: "controller-tools/envtest/", kind: tar.TypeDir}}
	for _, program := range []string{kubectl, etcd, apiServer} {
		entries = append(entries, entry{
			name: "controller-tools/envtest/" + program, kind: tar.TypeReg,
			content: "#!/bin/sh\necho " + program + " " + version + "\n",
		})
	}
	return entries
}

func pack(t *testing.T, entries []entry) []byte {
	t.Helper()
	var packed bytes.Buffer
	compressed := gzip.NewWriter(&packed)
	archive := tar.NewWriter(compressed)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o755, Size: int64(len(e.content))}
		if e.kind == tar.TypeSymlink {
			header.Linkname, header.Size, e.content = e.content, 0, ""
		}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func checksum(content []byte) string {
	sum := sha512.Sum512(content)
	return hex.EncodeToString(sum[:])
}

// host serves an index and archives on this machine, and counts requests.
type host struct {
	*httptest.Server
	mux      *http.ServeMux
	index    strings.Builder
	requests atomic.Int32
}

func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{mux: http.NewServeMux()}
	h.index.WriteString("releases:\n")
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.requests.Add(1)
		h.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(h.Close)
	h.mux.HandleFunc("/index.yaml", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(h.index.String())) })
	return h
}

// list adds a release for this platform to the index.
func (h *host) list(version, sum string) {
	h.listFor(version, runtime.GOOS+"-"+runtime.GOARCH, sum)
}

func (h *host) listFor(version, platform, sum string) {
	fmt.Fprintf(&h.index, "  %s:\n    envtest-%s-%s.tar.gz:\n      hash: %s\n      selfLink: %s/%s.tar.gz\n",
		version, version, platform, sum, h.URL, version)
}

func (h *host) serve(version string, content []byte) {
	h.mux.HandleFunc("/"+version+".tar.gz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
}

// offer lists and serves a release as it should be.
func (h *host) offer(t *testing.T, version string) {
	t.Helper()
	content := pack(t, programs(version))
	h.list(version, checksum(content))
	h.serve(version, content)
}

// newArchives returns what takes prebuilt programs for the miniature of newCheckout.
func newArchives(t *testing.T, location string) *prebuilt {
	t.Helper()
	root := newCheckout(t)
	t.Setenv(IndexVariable, location)
	b, err := newBuild(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	return newPrebuilt(b)
}

// The newest release of the required minor version is taken, once, and nothing is built.
func TestAssetsPrebuilt(t *testing.T) {
	h := newHost(t)
	for _, version := range []string{"v1.99.1", "v1.99.10", "v1.99.9", "v1.99.11-rc.0", "v1.98.12", "v1.100.0"} {
		h.offer(t, version)
	}
	newCheckout(t)
	t.Setenv(IndexVariable, h.URL+"/index.yaml")
	var progress bytes.Buffer
	dir, err := Assets(t.Context(), &progress)
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{etcd, apiServer, kubectl} {
		out, err := exec.Command(filepath.Join(dir, program)).Output()
		if want := program + " v1.99.10\n"; err != nil || string(out) != want {
			t.Errorf("%s printed %q, %v; want %q", program, out, err, want)
		}
	}
	if !strings.Contains(progress.String(), "Kubernetes v1.99.10 ready built") || strings.Contains(progress.String(), "from source") {
		t.Errorf("progress:\n%s", progress.String())
	}
	assertOnly(t, dir, etcd, apiServer, kubectl)

	before := h.requests.Load()
	progress.Reset()
	again, err := Assets(t.Context(), &progress)
	if err != nil || again != dir || progress.Len() > 0 || h.requests.Load() != before {
		t.Errorf("second Assets() = %q, %v, %d more requests, progress %q; want the first result without a request",
			again, err, h.requests.Load()-before, progress.String())
	}
}

func assertOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(want) {
		t.Errorf("%s contains %v, %v; want %v", dir, entries, err, want)
	}
}

// What needs kube-controller-manager builds, and from then on everything uses what was built.
func TestAllAssetsAreBuilt(t *testing.T) {
	h := newHost(t)
	h.offer(t, "v1.99.1")
	newCheckout(t)
	t.Setenv(IndexVariable, h.URL+"/index.yaml")
	some, err := Assets(t.Context(), nil)
	if err != nil || HasControllers(some) {
		t.Fatalf("Assets() = %q, %v; want prebuilt programs", some, err)
	}
	t.Setenv(AssetsVariable, some)
	var progress bytes.Buffer
	all, err := AllAssets(t.Context(), &progress)
	if err != nil || !HasControllers(all) {
		t.Fatalf("AllAssets() = %q, %v", all, err)
	}
	if want := AssetsVariable + "=" + some + " has no kube-controller-manager: building"; !strings.Contains(progress.String(), want) {
		t.Errorf("progress %q does not say %q", progress.String(), want)
	}
	t.Setenv(AssetsVariable, "")
	if got, err := Assets(t.Context(), nil); err != nil || got != all {
		t.Errorf("Assets() = %q, %v; want %q, which is already there", got, err, all)
	}
	t.Setenv(AssetsVariable, all)
	if got, err := AllAssets(t.Context(), nil); err != nil || got != all {
		t.Errorf("AllAssets() = %q, %v; want the given folder %q", got, err, all)
	}
}

// Whatever is wrong with prebuilt programs is the reason for a build, told before it begins.
func TestAssetsBuiltInstead(t *testing.T) {
	newCheckout(t)
	t.Setenv(IndexVariable, filepath.Join(t.TempDir(), "missing.yaml"))
	var progress bytes.Buffer
	dir, err := Assets(t.Context(), &progress)
	if err != nil || !HasControllers(dir) {
		t.Fatalf("Assets() = %q, %v; want a build", dir, err)
	}
	first, _, _ := strings.Cut(progress.String(), "\n")
	for _, want := range []string{"no prebuilt programs (read the index: open ", "missing.yaml", "from source", "seven minutes"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first line %q does not say %q", first, want)
		}
	}
}

func TestPrebuiltFailures(t *testing.T) {
	good := pack(t, programs("v1.99.1"))
	offer := func(content []byte) func(*testing.T, *host) {
		return func(_ *testing.T, h *host) {
			h.list("v1.99.1", checksum(content))
			h.serve("v1.99.1", content)
		}
	}
	with := func(more ...entry) func(*testing.T, *host) {
		return offer(pack(t, append(more, programs("v1.99.1")...)))
	}
	tests := map[string]struct {
		prepare func(*testing.T, *host)
		want    string
	}{
		"no index":    {func(_ *testing.T, h *host) { h.mux = http.NewServeMux() }, "index.yaml: 404 Not Found"},
		"no YAML":     {func(_ *testing.T, h *host) { h.index.WriteString("\t<html>") }, "read the index: "},
		"empty index": {func(*testing.T, *host) {}, "the index has no Kubernetes 1.99 for " + runtime.GOOS + "/" + runtime.GOARCH},
		"other versions only": {func(t *testing.T, h *host) {
			t.Helper()
			h.offer(t, "v1.98.4")
			h.offer(t, "v1.99.0-rc.1")
		}, "the index has no Kubernetes 1.99"},
		"other platforms only": {func(_ *testing.T, h *host) { h.listFor("v1.99.1", "plan9-mips", checksum(good)) }, "the index has no Kubernetes 1.99"},
		"no checksum":          {func(_ *testing.T, h *host) { h.list("v1.99.1", `""`) }, "no SHA-512 checksum for Kubernetes v1.99.1"},
		"no address": {func(_ *testing.T, h *host) {
			h.URL = "file:///etc"
			h.list("v1.99.1", checksum(good))
		}, "no address for Kubernetes v1.99.1"},
		"no archive": {func(_ *testing.T, h *host) { h.list("v1.99.1", checksum(good)) }, "v1.99.1.tar.gz: 404 Not Found"},
		"wrong checksum": {func(_ *testing.T, h *host) {
			h.list("v1.99.1", checksum([]byte("another archive")))
			h.serve("v1.99.1", good)
		}, "has another checksum than the index states: SHA-512 " + checksum(good)},
		"cut off on the way": {func(_ *testing.T, h *host) {
			h.list("v1.99.1", checksum(good))
			h.mux.HandleFunc("/v1.99.1.tar.gz", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100000")
				_, _ = w.Write(good[:len(good)/2])
			})
		}, "unexpected EOF"},
		"shorter than it was":      {func(_ *testing.T, h *host) { h.list("v1.99.1", checksum(good)); h.serve("v1.99.1", good[:100]) }, "has another checksum"},
		"cut off when it was made": {offer(good[:len(good)/2]), "unpack Kubernetes v1.99.1: unexpected EOF"},
		"no archive at all":        {offer([]byte("<html>Sign in to the network</html>")), "unpack Kubernetes v1.99.1: gzip: invalid header"},
		"path out of the archive":  {with(entry{name: "../../" + etcd, content: "owned", kind: tar.TypeReg}), `"../../etcd" leads out of the archive`},
		"absolute path":            {with(entry{name: "/tmp/" + etcd, content: "owned", kind: tar.TypeReg}), `"/tmp/etcd" leads out of the archive`},
		"same program twice":       {with(entry{name: "bin/" + etcd, content: "first", kind: tar.TypeReg}), "etcd: open "},
		"program that is a link":   {offer(pack(t, append(programs("v1.99.1")[:4], entry{name: apiServer, content: "/bin/sh", kind: tar.TypeSymlink}))), "no executable kube-apiserver"},
		"program missing":          {offer(pack(t, programs("v1.99.1")[:4])), "no executable kube-apiserver"},
		"program that does not run": {offer(pack(t, append(programs("v1.99.1")[:4],
			entry{name: apiServer, content: "#!/bin/sh\necho wrong libc >&2; exit 3\n", kind: tar.TypeReg}))), "kube-apiserver does not run here: exit status 3 wrong libc"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			location := h.URL + "/index.yaml"
			test.prepare(t, h)
			p := newArchives(t, location)
			assertRefused(t, p, test.want)
		})
	}
}

// assertRefused checks that ensure fails with a text and leaves nothing behind.
func assertRefused(t *testing.T, p *prebuilt, want string) {
	t.Helper()
	if dir, err := p.ensure(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("ensure() = %q, %v; want %q", dir, err, want)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(p.dir), "envtest-*"))
	if err != nil || len(left) > 1 || len(left) == 1 && left[0] != p.dir+".lock" {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if escaped, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(p.dir)), etcd)); err == nil {
		t.Errorf("the archive wrote outside of its folder: %s", escaped)
	}
}

// A server that takes the connection and says no word costs the budget and not more.
func TestPrebuiltFromAServerThatNeverAnswers(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	p := newArchives(t, "http://"+listener.Addr().String()+"/index.yaml")
	p.budget = 50 * time.Millisecond
	assertRefused(t, p, "read the index: the time for the download is over")
}

func TestPrebuiltFromAServerThatStops(t *testing.T) {
	h := newHost(t)
	content := pack(t, programs("v1.99.1"))
	h.list("v1.99.1", checksum(content))
	stopped := make(chan struct{})
	h.mux.HandleFunc("/v1.99.1.tar.gz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(content[:len(content)/2])
		_ = http.NewResponseController(w).Flush()
		<-stopped
	})
	defer close(stopped)
	p := newArchives(t, h.URL+"/index.yaml")
	p.stall = 50 * time.Millisecond
	assertRefused(t, p, "download Kubernetes v1.99.1: the server stopped sending")
}

// An interrupt ends everything: nothing is built after it.
func TestPrebuiltInterrupted(t *testing.T) {
	h := newHost(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.mux.HandleFunc("/slow.yaml", func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	newCheckout(t)
	t.Setenv(IndexVariable, h.URL+"/slow.yaml")
	var progress bytes.Buffer
	if dir, err := Assets(ctx, &progress); !errors.Is(err, context.Canceled) || strings.Contains(progress.String(), "from source") {
		t.Errorf("Assets() = %q, %v, progress %q", dir, err, progress.String())
	}
}

func TestPrebuiltOff(t *testing.T) {
	assertRefused(t, newArchives(t, "off"), "ENVTEST_INDEX=off")
}

// What a killed process left behind does not stand in the way.
func TestPrebuiltAfterADownloadThatWasKilled(t *testing.T) {
	h := newHost(t)
	h.offer(t, "v1.99.1")
	p := newArchives(t, h.URL+"/index.yaml")
	writeFile(t, filepath.Join(p.dir+".unfinished", "archive.tar.gz"), "half of")
	writeFile(t, filepath.Join(p.dir+".unfinished", etcd), "half of")
	dir, err := p.ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	assertOnly(t, dir, etcd, apiServer, kubectl)
}

// The index that comes with the module of controller-tools can be read, and each of its releases for common platforms has
// a checksum and an address.
func TestDefaultIndex(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	p := &prebuilt{module: filepath.Join(root, toolsModule)}
	found, err := p.readIndex(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	picked := 0
	for version := range found.Releases {
		if !releaseVersion.MatchString(version) {
			continue
		}
		for _, platform := range [][2]string{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "arm64"}} {
			if _, err := found.pick(version, platform[0], platform[1]); err != nil {
				t.Errorf("%s: %v", version, err)
			}
			picked++
		}
	}
	if picked < 30 {
		t.Errorf("the index has only %d releases", picked)
	}
}
