// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"errors"
	"strings"
	"testing"
)

func TestAddressable(t *testing.T) {
	for _, tc := range []struct {
		id string
		ok bool
	}{
		{"order-shipped", true},
		{"fifteencharslng", true},   // 15
		{"sixteencharslong", false}, // 16
		{"passwordresetconfirmation", false},
		{"userPasswordResetEmail", false},
		{"order-shipmentconfirmations", false},
		{"user-password-reset-email", true},
		{"user.passwordresetemail1", false},
		{"passwordresetcon.firmation", true},
		{"passwordresetcon_firmation", true},
		{"65f0c0ffee0000000000dead", false},
		{"65F0C0FFEE0000000000DEAD", false},
		{"65f0c0ffee0000000000-dead", true},
		{"order-shipped_wf_h4VeHaUpZCPoo3vv", false}, // a slug is no identifier
		{"a b!", true},
		{"ünterschrieben-für-alle", true},
		{"", false},
		{".", false},
		{"..", false},
	} {
		err := Addressable(tc.id)
		if (err == nil) != tc.ok {
			t.Errorf("%q: %v", tc.id, err)
		}
		if err != nil && !strings.Contains(err.Error(), "put a '-'") && !strings.Contains(err.Error(), "choose a name") {
			t.Errorf("%q: no next step in %v", tc.id, err)
		}
	}
}

// An unaddressable id must not reach Novu: its 404 would read as "missing".
func TestUnaddressableIsNotSent(t *testing.T) {
	s := newScripted(t, answerJSON(200, workflowJSON))
	c := newTestClient(t, s, nil)
	for _, id := range []string{"passwordresetconfirmation", "", ".."} {
		_, get := c.GetWorkflow(t.Context(), id)
		_, layout := c.UpdateLayout(t.Context(), id, &LayoutRequest{})
		for _, err := range []error{get, layout, c.DeleteWorkflow(t.Context(), id), c.DeleteLayout(t.Context(), id), c.DeleteIntegration(t.Context(), id)} {
			if err == nil || IsNotFound(err, ResourceWorkflow) {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
	var unaddressable *UnaddressableError
	if err := c.DeleteWorkflow(t.Context(), "passwordresetconfirmation"); !errors.As(err, &unaddressable) {
		t.Errorf("got %T", err)
	}
	if s.count() != 0 {
		t.Errorf("%d requests went out", s.count())
	}
	if _, err := c.GetWorkflow(t.Context(), anObjectID); err != nil {
		t.Errorf("an internal id is addressable: %v", err)
	}
}
