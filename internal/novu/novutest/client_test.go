// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/internal/novu/javascript"
)

// client asks a server without a network in between.
type client struct {
	t      testing.TB
	server *Server
	key    string
	header http.Header // sent with every request
}

// dev makes a server and a client with the key of its first environment.
func dev(t testing.TB, opts Options) *client {
	t.Helper()
	s := New(opts)
	t.Cleanup(s.Close)
	return &client{t: t, server: s, key: s.Environments()[0].SecretKey, header: http.Header{}}
}

// in is the client with the key of another environment.
func (c *client) in(env string) *client {
	other := *c
	other.key = c.server.Environment(env).SecretKey
	return &other
}

func (c *client) withHeader(key, value string) *client {
	other := *c
	other.header = c.header.Clone()
	other.header.Set(key, value)
	return &other
}

// answer is a response with its body decoded, where it is a JSON object.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

func (c *client) do(method, path string, body any) *answer {
	c.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		r = bytes.NewReader(javascript.JSON(b))
	}
	req := httptest.NewRequest(method, path, r)
	req.Header = c.header.Clone()
	if c.key != "" {
		req.Header.Set("Authorization", "ApiKey "+c.key)
	}
	if r != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, req)
	a := &answer{t: c.t, status: w.Code, header: w.Header(), raw: w.Body.Bytes()}
	_ = json.Unmarshal(a.raw, &a.body) // what is no object has no members to look at
	return a
}

// want fails unless the status is the expected one.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.raw)
	}
	return a
}

// get follows a dotted path into the body: "data.steps.0.name".
func (a *answer) get(path string) any {
	var v any = a.body
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			i := slices.Index([]string{"0", "1", "2", "3", "4", "5"}, part)
			if i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (a *answer) text(path string) string { return text(a.get(path)) }

// is fails unless the member at path has this value.
func (a *answer) is(path string, want any) *answer {
	a.t.Helper()
	if got := a.get(path); !reflect.DeepEqual(got, plain(want)) {
		a.t.Errorf("%s is %s, want %s", path, javascript.JSON(got), javascript.JSON(want))
	}
	return a
}

// plain is a value as it comes back from JSON.
func plain(v any) any {
	var out any
	if err := json.Unmarshal(javascript.JSON(v), &out); err != nil {
		panic(err) // what mustJSON wrote can be read
	}
	return out
}

// values collects one member of each element of a list.
func (a *answer) values(list, member string) []string {
	out := []string{}
	elements, _ := a.get(list).([]any)
	for _, x := range elements {
		o, _ := x.(map[string]any)
		out = append(out, text(o[member]))
	}
	return out
}

// newWorkflow is the least that a creation needs, with steps.
func newWorkflow(id string, steps ...any) object {
	if steps == nil {
		steps = []any{}
	}
	return object{"name": "Name of " + id, "workflowId": id, "steps": steps}
}

// newStep has an identifier, or none if it is empty.
func newStep(id, kind string, values any) object {
	st := object{"name": "Step " + id, "type": kind}
	if id != "" {
		st["stepId"] = id
	}
	if values != nil {
		st["controlValues"] = values
	}
	return st
}

// mail is an e-mail step without issues of its own.
func mail(id string) object {
	return newStep(id, "email", object{"subject": "s", "body": "b", "editorType": "html"})
}

// create makes a workflow and returns its answer.
func (c *client) create(body object) *answer {
	c.t.Helper()
	return c.do("POST", "/v2/workflows", body).want(http.StatusCreated)
}

// update turns an answer about a workflow into the body of an update, with changes laid over it.
func (a *answer) update(changes object) object {
	body := object{"preferences": object{"user": a.get("data.preferences.user"), "workflow": a.get("data.preferences.default")}}
	for _, m := range []string{"name", "description", "tags", "active", "validatePayload", "payloadSchema", "severity", "origin"} {
		body[m] = a.get("data." + m)
	}
	steps := []any{}
	list, _ := a.get("data.steps").([]any)
	for _, x := range list {
		st, _ := x.(map[string]any)
		controls, _ := st["controls"].(map[string]any)
		steps = append(steps, object{"_id": st["_id"], "stepId": st["stepId"], "name": st["name"], "type": st["type"],
			"controlValues": controls["values"]})
	}
	body["steps"] = steps
	for k, v := range changes {
		if v == absent {
			delete(body, k)
		} else {
			body[k] = v
		}
	}
	return body
}

// absent marks a member that a request leaves out.
const absent = "\x00absent"
