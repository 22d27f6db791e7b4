// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// recording is one scenario of exchanges with a real Novu.
type recording struct {
	Exchanges []struct {
		N       int
		Request struct {
			Method, Path string
			Headers      map[string]string
		}
		Response struct {
			Status  int
			Headers map[string]string
			Body    json.RawMessage
		}
	}
}

func readRecordings(t *testing.T) map[string]recording {
	t.Helper()
	files := must(filepath.Glob("novutest/testdata/recordings/*/*.json"))(t)
	if len(files) == 0 {
		t.Fatal("no recordings found")
	}
	out := map[string]recording{}
	for _, file := range files {
		var r recording
		if err := json.Unmarshal(must(os.ReadFile(file))(t), &r); err != nil {
			t.Fatal(file, err)
		}
		out[file] = r
	}
	return out
}

// operations lists what this client calls, with what it expects back.
func operations() map[endpoint]func() answer {
	none := func() answer { return nil }
	workflow, layout, integration := func() answer { return &Workflow{} }, func() answer { return &Layout{} }, func() answer { return &Integration{} }
	return map[endpoint]func() answer{
		healthCheck: func() answer { return &health{} }, currentEnvironment: func() answer { return &Environment{} }, listEnvironments: func() answer { return environmentList() },
		listWorkflows: func() answer { return workflowPage() }, getWorkflow: workflow, createWorkflow: workflow, updateWorkflow: workflow, deleteWorkflow: none, syncWorkflow: workflow,
		listLayouts: func() answer { return layoutPage() }, getLayout: layout, createLayout: layout, updateLayout: layout, deleteLayout: none,
		listIntegrations: func() answer { return integrationList() }, createIntegration: integration, updateIntegration: integration, deleteIntegration: none, primaryIntegration: integration,
	}
}

func endpointOf(method, path string) (endpoint, func() answer, bool) {
	for e, out := range operations() {
		pattern := "^" + strings.Replace(regexp.QuoteMeta(e.route), `\{id\}`, `[^/]+`, 1) + "$"
		if e.method == method && e.route != "" && regexp.MustCompile(pattern).MatchString(path) {
			return e, out, true
		}
	}
	return endpoint{}, nil, false
}

// Every recorded answer to an operation of this client is either understood or
// turned into an error that carries Novu's words.
func TestRecordedAnswers(t *testing.T) {
	understood, refused := 0, 0
	for name, r := range readRecordings(t) {
		for _, x := range r.Exchanges {
			path, _, _ := strings.Cut(x.Request.Path, "?")
			e, out, ok := endpointOf(x.Request.Method, path)
			if !ok {
				continue
			}
			k := &call{endpoint: e, params: params{out: out()}, client: &Client{budget: NewBudget(BudgetConfig{})}, redactor: NewRedactor(testKey), path: path}
			header := http.Header{}
			for n, value := range x.Response.Headers {
				header.Set(n, value)
			}
			body := []byte(x.Response.Body)
			if isNull(x.Response.Body) {
				body = nil
			}
			err := k.judge(&reply{status: x.Response.Status, header: header, body: body})
			if x.Response.Status < 300 {
				understood++
				if err != nil {
					t.Errorf("%s %d: %v", name, x.N, err)
				}
				continue
			}
			refused++
			checkRefusal(t, name, x.N, x.Response.Status, body, err)
		}
	}
	t.Logf("%d answers understood, %d refusals", understood, refused)
	if understood < 150 || refused < 100 {
		t.Errorf("only %d and %d exchanges were looked at", understood, refused)
	}
}

func checkRefusal(t *testing.T, name string, n, status int, body []byte, err error) {
	t.Helper()
	if status == http.StatusTooManyRequests {
		if _, ok := errors.AsType[*ThrottledError](err); !ok {
			t.Errorf("%s %d: %v", name, n, err)
		}
		return
	}
	var said struct{ Message string }
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(name, n, err)
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || e.StatusCode != status || e.Message != bounded(said.Message, maxMessage) {
		t.Errorf("%s %d: got %v, Novu said %s", name, n, err, said.Message)
	}
	if ok && status == http.StatusNotFound && (e.Missing == "" || e.Missing == ResourceUnknown) {
		t.Errorf("%s %d: what is missing? %s", name, n, e.Message)
	}
	if ok && status == http.StatusUnprocessableEntity && len(e.Fields) == 0 {
		t.Errorf("%s %d: no fields in %s", name, n, body)
	}
}
