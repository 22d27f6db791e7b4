// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"testing"
)

func TestSlugify(t *testing.T) {
	for give, want := range map[string]string{
		"Welcome": "welcome", "Send  Text": "send-text", "ÄÖÜ ß": "ae-oe-ue-ss", "a_b.c": "a-b-c", "order #5": "order-5",
		"camelCaseName": "camel-case-name", "": "", "  x  ": "x", "don't": "dont", "100%": "100", "Foo's bar": "foos-bar",
		"HTTPServer": "http-server", "parseURL2Go": "parse-url-2-go", "naïve café": "naive-cafe", "日本語": "",
		"Straße & Weg": "strasse-and-weg", "I'm": "i-m", "A1B2": "a1-b2", "user_ID": "user-id", "Ørsted": "orsted",
		"cœur": "c-ur", "œ10": "10", "x´y": "xy", "€10 off": "e10-off", "Ħal": "hal", "STRAẞE": "strasse", "Step t": "stept", "don’t": "dont",
		"Łódź": "lodz", "x--y": "x-y", "It's mine's": "its-mines", "ABCs": "abcs", "e-mail": "e-mail",
	} {
		if got := slugify(give); got != want {
			t.Errorf("%q gives %q, want %q", give, got, want)
		}
	}
}

func TestBase62(t *testing.T) {
	for _, id := range []string{"65f0c7a1b2c3d4e5f6a7b8c9", "000000000000000000000001", "ffffffffffffffffffffffff", "00ff000000000000000000ff"} {
		short := encodeBase62(id)
		if back, ok := decodeBase62(short); !ok || back != id {
			t.Errorf("%s is %q, which is %q (%v)", id, short, back, ok)
		}
	}
	for _, bad := range []string{"abc-def", "a b", "ö"} {
		if got, ok := decodeBase62(bad); ok {
			t.Errorf("%q is %q", bad, got)
		}
	}
}

// TestPathIDs: a workflow can be named by its identifier, its _id and its slug. An identifier whose last sixteen
// characters are letters and digits is taken for a slug, and so never found.
func TestPathIDs(t *testing.T) {
	tests := []struct {
		id    string
		found bool
	}{
		{"short", true}, {"exactlyfifteenc", true}, {"passwordresetconfirmation", false},
		{"userPasswordResetEmail", false}, {"order-shipmentconfirmations", false}, {"user-password-reset-email", true},
		{"a.passwordresetconfirm", false}, {"passwordreset.confirmation", true}, {"abcdefabcdefabcdefabcdef", false},
		{"0000000000000000", true}, {"0aaaaaaaaaaaaaaa", true}, {"aaaaaaaaaaaaaaaa", false}, {"zzzzzzzzzzzzzzzz", false},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			api := dev(t, Options{})
			made := api.create(newWorkflow(tt.id))
			status := http.StatusOK
			if !tt.found {
				status = http.StatusNotFound
			}
			api.do("GET", "/v2/workflows/"+tt.id, nil).want(status)
			api.do("GET", "/v2/workflows/"+made.text("data._id"), nil).want(http.StatusOK).is("data.workflowId", tt.id)
			api.do("GET", "/v2/workflows/"+made.text("data.slug"), nil).want(http.StatusOK).is("data.workflowId", tt.id)
			api.do("PUT", "/v2/workflows/"+tt.id, made.update(nil)).want(status)
			if tt.found {
				status = http.StatusNoContent
			}
			api.do("DELETE", "/v2/workflows/"+tt.id, nil).want(status)
		})
	}
}

// TestLayoutPathIDs: layouts have the same trap.
func TestLayoutPathIDs(t *testing.T) {
	api := dev(t, Options{})
	made := api.do("POST", "/v2/layouts", object{"name": "n", "layoutId": "companynewsletterlayout"}).want(http.StatusCreated)
	api.do("GET", "/v2/layouts/companynewsletterlayout", nil).want(http.StatusNotFound)
	api.do("GET", "/v2/layouts/"+made.text("data._id"), nil).want(http.StatusOK)
	api.do("GET", "/v2/layouts/"+made.text("data.slug"), nil).want(http.StatusOK)
}

func TestStepPaths(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(newWorkflow("welcome", mail("mail")))
	for _, id := range []string{"mail", made.text("data.steps.0._id"), made.text("data.steps.0.slug")} {
		api.do("GET", "/v2/workflows/welcome/steps/"+id, nil).want(http.StatusOK).is("data.stepId", "mail").
			is("data._id", made.get("data.steps.0._id"))
	}
	api.do("GET", "/v2/workflows/welcome/steps/nope", nil).want(http.StatusBadRequest)
	api.do("GET", "/v2/workflows/nope/steps/mail", nil).want(http.StatusNotFound)
}
