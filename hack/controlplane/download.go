// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// maxProgram is the largest archive and the largest program that is written, in
// bytes.
const maxProgram = 1 << 30

var (
	errStall    = errors.New("the server stopped sending")
	errTooLarge = fmt.Errorf("it is larger than %d MiB", maxProgram>>20)
)

// download writes an archive to file and compares its checksum.
func (p *prebuilt) download(ctx context.Context, from archive, file string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.say("taking etcd and Kubernetes %s ready built; this takes a minute or so, once", from.Version)
	body, err := p.get(ctx, from.URL)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()

	watched := &watchedReader{Reader: body, timer: time.AfterFunc(p.stall, func() { cancel(errStall) }), stall: p.stall}
	defer watched.timer.Stop()
	started := time.Now()
	stop := every(10*time.Second, func() {
		p.say("%s, %d MiB downloaded", time.Since(started).Round(time.Second), watched.read.Load()>>20)
	})
	defer stop()
	sum, err := save(file, watched)
	if err != nil {
		return reason(ctx, err)
	}
	if !strings.EqualFold(sum, from.SHA512) {
		return fmt.Errorf("%s has another checksum than the index states: SHA-512 %s, not %s", from.URL, sum, from.SHA512)
	}
	return nil
}

// save writes all of content to a new file and returns its SHA-512 checksum.
func save(file string, content io.Reader) (sum string, err error) {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	hash := sha512.New()
	if err := copyAtMost(io.MultiWriter(out, hash), content); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// watchedReader counts what is read, and puts a timer off with each byte.
type watchedReader struct {
	io.Reader
	timer *time.Timer
	stall time.Duration
	read  atomic.Int64
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.read.Add(int64(n))
		w.timer.Reset(w.stall)
	}
	return n, err
}

// unpack writes the named programs of a .tar.gz file into dir. The folders that
// they have in the archive are left out; an entry that leads out of the archive
// makes the whole archive suspect.
func unpack(ctx context.Context, file, dir string, programs ...string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	plain, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	entries := tar.NewReader(plain)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return reason(ctx, err)
		}
		if !filepath.IsLocal(header.Name) {
			return fmt.Errorf("%q leads out of the archive", header.Name)
		}
		program := path.Base(header.Name)
		if header.Typeflag != tar.TypeReg || !slices.Contains(programs, program) {
			continue
		}
		if err := saveProgram(filepath.Join(dir, program), entries); err != nil {
			return fmt.Errorf("%s: %w", program, err)
		}
	}
}

func saveProgram(file string, content io.Reader) (err error) {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return copyAtMost(out, content)
}

func copyAtMost(out io.Writer, content io.Reader) error {
	n, err := io.Copy(out, io.LimitReader(content, maxProgram+1))
	if err == nil && n > maxProgram {
		err = errTooLarge
	}
	return err
}
