// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"novu-operator.dev/internal/novu/lint"
)

// The API spells each channel of Novu, and takes primary for those that have one.
func TestChannels(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../api/v1alpha1/integration_types.go")
	if err != nil {
		t.Fatal(err)
	}
	var primary, all, theirs []string
	for channel, spelling := range channels {
		all = append(all, spelling)
		if lint.HasPrimary(NovuChannel(channel)) {
			primary = append(primary, fmt.Sprintf("'%s'", channel))
		}
	}
	slices.Sort(primary)
	if rule := "self.channel in [" + strings.Join(primary, ", ") + "]"; !strings.Contains(string(source), rule) {
		t.Errorf("the API has no rule with %s", rule)
	}
	theirs = slices.Sorted(slices.Values(lint.Channels()))
	if slices.Sort(all); !slices.Equal(all, theirs) {
		t.Errorf("the API has the channels %v, and Novu %v", all, theirs)
	}
}
