// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import "strings"

// Ignored lists the fields of spec that Novu took and did not keep: a community installation answers that translations
// are off, whatever it is sent.
func Ignored(wanted *bool, have bool) []string {
	if isTrue(wanted) && !have {
		return []string{"translationEnabled"}
	}
	return nil
}

// IgnoredAdvice is a warning about those fields; empty if there are none.
func IgnoredAdvice(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return "this Novu installation ignores spec." + strings.Join(fields, ", spec.") +
		", which is not part of its edition: remove it, or use an installation that offers it"
}
