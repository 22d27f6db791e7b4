// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
)

// hostile is what a terminal carries out, turns around or hides, and what is no text at all.
const hostile = "\x1b[2J\x1b]0;x\x07\u009b31m\u202eexe.gnp\u2066\u200b\u2028\u0007\u0000\r\nnext"

// words are members of Novu's answers that it, or the users of its dashboard, fill with texts.
var words = map[string]bool{
	"name": true, "description": true, "message": true, "firstName": true, "lastName": true, "body": true, "subject": true,
	"variableName": true, "text": true,
}

// tamper appends the hostile text to every word of an answer.
func tamper(body []byte) []byte {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return body
	}
	changed, _ := json.Marshal(tampered("", v))
	return changed
}

func tampered(name string, v any) any {
	switch v := v.(type) {
	case string:
		if words[name] {
			return v + hostile
		}
	case []any:
		for i := range v {
			v[i] = tampered(name, v[i])
		}
	case map[string]any:
		for member := range v {
			v[member] = tampered(member, v[member])
		}
	}
	return v
}

// A Novu whose every text is hostile. What is shown of it is checked by the guard of the stage, in all statuses and events.
func TestHostileTextsFromNovu(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Ready(&v1alpha1.Environment{}, "dev")
	edited(s, orderShipped, "order-shipped")
	s.YAML(brand)
	s.Ready(&v1alpha1.Layout{}, "brand")
	s.Novu.Inject(novutest.Fault{Rewrite: tamper})
	s.YAML(strings.Replace(orderShipped, "spec:", "spec:\n  driftPolicy: Detect", 1))
	look(s, "dev")
	s.Eventually("the drift is shown", func() error {
		w := &v1alpha1.Workflow{}
		if err := s.Get(s.Context(), s.Key("order-shipped"), w); err != nil {
			return err
		}
		if text := fmt.Sprint(w.Status); !strings.Contains(text, "exe.gnp") {
			return fmt.Errorf("status does not show what Novu holds: %s", text)
		}
		return nil
	})
}

// Refusals in hostile words.
func TestHostileRefusals(t *testing.T) {
	s := stage(t, novutest.Options{})
	s.Ready(&v1alpha1.Environment{}, "dev")
	quoted, _ := json.Marshal("it is refused" + hostile)
	s.Novu.Inject(novutest.Fault{Method: http.MethodPost, Status: http.StatusUnprocessableEntity, Body: fmt.Appendf(nil,
		`{"statusCode":422,"message":%s,"errorId":%[1]s,"errors":{%[1]s:{"messages":[%[1]s]}}}`, quoted)})
	s.YAML(orderShipped)
	s.NotReady(&v1alpha1.Workflow{}, "order-shipped", v1alpha1.ReasonRejected)
	s.YAML(brand)
	s.NotReady(&v1alpha1.Layout{}, "brand", v1alpha1.ReasonRejected)
	reported(s, v1alpha1.ReasonRejected, "it is refused")
}
