// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The recordings in testdata are exchanges with real servers (community edition), a folder for each release. Every scenario is
// replayed against a fresh server; the bars are what the server reaches, so that nothing gets worse unnoticed.

// bar is the number of exchanges of a scenario that must match, at the levels shape and values.
type bar struct{ shape, values int }

var bars = map[Release]map[string]bar{
	Release315: {
		"01a-workflow-missing": {10, 10}, "01b-workflow-create-full": {9, 9}, "01c-workflow-put-idempotent": {11, 11},
		"01d-workflow-put-changes": {23, 23}, "01f-workflow-list": {29, 29}, "02a-workflow-invalid-input": {51, 51},
		"02d-auth-errors": {16, 16}, "02e-workflow-limit": {5, 5}, "03a-workflow-sync": {24, 24},
		"04a-environments": {16, 16}, "04b-environment-diff-publish": {32, 32},
		"05a-integrations": {46, 46}, "06a-layouts": {39, 39}, "06b-environment-variables": {10, 10},
		"08b-rate-limits": {11, 11}, "08c-error-shapes": {11, 11},
	},
	Release319: {
		"01a-workflow-missing": {10, 10}, "01b-workflow-create-full": {9, 9}, "01c-workflow-put-idempotent": {11, 11},
		"01d-workflow-put-changes": {23, 23}, "01f-workflow-list": {29, 29}, "02a-workflow-invalid-input": {51, 51},
		"02d-auth-errors": {16, 16}, "02e-workflow-limit": {5, 5}, "03a-workflow-sync": {24, 24},
		"04a-environments": {16, 16}, "04b-environment-diff-publish": {32, 32},
		"05a-integrations": {46, 46}, "06a-layouts": {39, 39}, "06b-environment-variables": {10, 10},
		"08b-rate-limits": {11, 11}, "08c-error-shapes": {11, 11},
		"09a-newer-fields": {17, 17}, "09b-poll": {25, 25}, "09d-environment-variables": {30, 30}, "09e-key-scope": {14, 14},
		"09f-integrations-hidden": {15, 15},
	},
}

type recording struct {
	Scenario  string     `json:"scenario"`
	Requires  []string   `json:"requires"`
	Generated []string   `json:"generated"`
	Exchanges []exchange `json:"exchanges"`
}

type exchange struct {
	N        int      `json:"n"`
	Note     string   `json:"note"`
	WaitMs   int      `json:"waitMs"`
	Volatile []string `json:"volatile"`
	Compare  string   `json:"compare"`
	Repeat   *struct {
		WhileStatus int  `json:"whileStatus"`
		Max         int  `json:"max"`
		Parallel    int  `json:"parallel"`
		Times       *int `json:"times"`
	} `json:"repeat"`
	Request struct {
		Method  string            `json:"method"`
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
		RawBody *string           `json:"rawBody"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    any               `json:"body"`
	} `json:"response"`
}

func TestReplay(t *testing.T) {
	for _, release := range Releases() {
		t.Run(string(release), func(t *testing.T) {
			files, err := filepath.Glob("testdata/recordings/" + string(release) + "/*.json")
			if err != nil || len(files) != len(bars[release]) {
				t.Fatalf("%d recordings for %d bars (%v)", len(files), len(bars[release]), err)
			}
			for _, f := range files {
				rec := loadRecording(t, f)
				t.Run(rec.Scenario, func(t *testing.T) {
					t.Parallel()
					rec.check(t, release, bars[release][rec.Scenario])
				})
			}
		})
	}
}

var repeated = regexp.MustCompile(`\{\{REPEAT:(.):(\d+)\}\}`)

// loadRecording reads a file and writes out its runs of one character.
func loadRecording(t *testing.T, file string) *recording {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	raw = repeated.ReplaceAllFunc(raw, func(m []byte) []byte {
		parts := repeated.FindSubmatch(m)
		n, _ := strconv.Atoi(string(parts[2]))
		return bytes.Repeat(parts[1], n)
	})
	rec := &recording{}
	if err := json.Unmarshal(raw, rec); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return rec
}

// check replays a scenario and compares its score with the bar.
func (rec *recording) check(t *testing.T, release Release, want bar) {
	base, tokens := rec.startServer(t, release)
	got := bar{}
	for i := range rec.Exchanges {
		e := &rec.Exchanges[i]
		diffs := replayOne(t, base, tokens, e)
		lowest := lowestLevel(diffs)
		if lowest > levelShape {
			got.shape++
		}
		if lowest > levelValues {
			got.values++
		} else {
			t.Logf("#%d %s %s (%s): %s", e.N, e.Request.Method, e.Request.Path, e.Note, strings.Join(describe(diffs), "; "))
		}
	}
	if got != want {
		t.Errorf("%d exchanges match in shape and %d in values, want %d and %d", got.shape, got.values, want.shape, want.values)
	}
}

// startServer asks the reset route of a running server for a fresh one, as an outside replayer would.
func (rec *recording) startServer(t *testing.T, release Release) (base string, tokens *tokenMap) {
	t.Helper()
	s := Start(t, Options{Release: release})
	body, _ := json.Marshal(map[string]any{"scenario": rec.Scenario, "requires": rec.Requires})
	res, err := http.Post(s.URL+resetPath, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	seed := map[string]string{}
	if err := json.NewDecoder(res.Body).Decode(&seed); err != nil {
		t.Fatal(err)
	}
	base = seed["BASE_URL"]
	delete(seed, "BASE_URL")
	return base, newTokenMap(rec.Generated, seed)
}

// replayed is what the server sent.
type replayed struct {
	status int
	header http.Header
	body   any
}

func replayOne(t *testing.T, base string, tokens *tokenMap, e *exchange) []difference {
	t.Helper()
	time.Sleep(time.Duration(e.WaitMs) * time.Millisecond)
	got, times := sendUntil(t, base, tokens, e)
	diffs := compareAnswers(tokens, e, got)
	if e.Repeat != nil && e.Repeat.Times != nil && *e.Repeat.Times != times {
		diffs = append(diffs, difference{levelStatus, "repeat", fmt.Sprintf("%d rounds instead of %d", times, *e.Repeat.Times)})
	}
	if e.Compare == "shape" || e.Compare == "status" {
		diffs = upTo(diffs, e.Compare)
	}
	return diffs
}

// sendUntil repeats a request until its status changes, if the recording wants that, and counts the rounds before.
func sendUntil(t *testing.T, base string, tokens *tokenMap, e *exchange) (*replayed, int) {
	t.Helper()
	if e.Repeat == nil {
		return send(t, base, tokens, e, 0), 0
	}
	parallel := max(e.Repeat.Parallel, 1)
	for round := 0; round < e.Repeat.Max; round += parallel {
		got := make([]*replayed, parallel)
		var wg sync.WaitGroup
		for k := range parallel {
			wg.Go(func() { got[k] = send(t, base, tokens, e, round+k) })
		}
		wg.Wait()
		for k, a := range got {
			if a.status != e.Repeat.WhileStatus {
				return a, round + k
			}
		}
	}
	t.Fatalf("#%d: the status never changed in %d rounds", e.N, e.Repeat.Max)
	return nil, 0
}

func send(t *testing.T, base string, tokens *tokenMap, e *exchange, round int) *replayed {
	t.Helper()
	fill := func(s string) string {
		return tokens.toActual(strings.ReplaceAll(s, "{{I}}", fmt.Sprintf("%03d", round)))
	}
	body := fill(string(e.Request.Body))
	if e.Request.RawBody != nil {
		body = *e.Request.RawBody
	}
	req, err := http.NewRequest(e.Request.Method, base+fill(e.Request.Path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range e.Request.Headers {
		req.Header.Set(k, fill(v))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Errorf("#%d: %v", e.N, err)
		return &replayed{}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Errorf("#%d: %v", e.N, err)
	}
	a := &replayed{status: res.StatusCode, header: res.Header}
	if len(raw) > 0 && json.Unmarshal(raw, &a.body) != nil {
		a.body = string(raw)
	}
	return a
}
