// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"fmt"
	"strings"
	"testing"

	"novu-operator.dev/internal/novu/novutest"
)

func TestMe(t *testing.T) {
	s := novutest.Start(t, novutest.Options{BasePath: "/novu/api"})
	for _, name := range []string{"Development", "Production"} {
		want := s.Environment(name)
		me := must(clientOf(t, s, name).Me(t.Context()))(t)
		if me.ID != want.ID || me.Name != name || me.Identifier != want.Identifier || me.OrganizationID != want.OrganizationID {
			t.Errorf("got %+v, want %+v", me, want)
		}
	}
}

// What status shows of an environment has bounds: names are cut, and identifiers that no Novu makes are refused.
func TestMeIsBounded(t *testing.T) {
	long := strings.Repeat("ä", maxLabel)
	me := func(body string) (*Environment, error) {
		return newTestClient(t, newScripted(t, answerJSON(200, body)), nil).Me(t.Context())
	}
	e := must(me(`{"data":{"_id":"a","name":"` + long + `","type":"` + long + `"}}`))(t)
	if len(e.Name) > maxLabel+len("…") || len(e.Type) > maxLabel+len("…") || !strings.HasPrefix(e.Name, "ää") {
		t.Errorf("the name has %d bytes, the type %d", len(e.Name), len(e.Type))
	}
	for _, field := range []string{"_id", "identifier", "_organizationId"} {
		_, err := me(`{"data":{"_id":"a","` + field + `":"` + strings.Repeat("a", maxIdentifier+1) + `"}}`)
		if broken := new(DecodeError); !asError(err, &broken) || !strings.Contains(err.Error(), "an identifier of 513 bytes") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestEnvironmentsDropsTheKeys(t *testing.T) {
	s, c := startNovu(t, novutest.Options{})
	list := must(c.Environments(t.Context()))(t)
	if len(list) != 2 || list[0].Type != "dev" || list[1].Type != "prod" || list[1].ParentID != list[0].ID {
		t.Errorf("got %+v", list)
	}
	for _, e := range s.Environments() {
		if strings.Contains(fmt.Sprintf("%#v", list), e.SecretKey) {
			t.Error("a key was decoded")
		}
	}
}

func TestHealth(t *testing.T) {
	_, c := startNovu(t, novutest.Options{})
	if err := c.Health(t.Context()); err != nil {
		t.Error(err)
	}
	for _, body := range []string{`{"data":{"status":"error"}}`, `{"data":{}}`, `{}`, `[]`, `<html>`, ``} {
		var broken *DecodeError
		if err := newTestClient(t, newScripted(t, answerJSON(200, body)), nil).Health(t.Context()); !asError(err, &broken) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestWrongKey(t *testing.T) {
	s, good := startNovu(t, novutest.Options{})
	if err := good.Health(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{BaseURL: s.URL, SecretKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Me(t.Context())
	if !IsUnauthorized(err) || !IsTerminal(err) || !strings.Contains(err.Error(), "check the API key") {
		t.Errorf("got %v", err)
	}
}
