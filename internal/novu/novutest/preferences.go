// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import "maps"

// filledPreferences are preferences with everything that they leave out. A channel that is left out is as all of them together
// are. What is no object is left to the checks.
func filledPreferences(v any, channels []string) any {
	set, ok := v.(object)
	if !ok {
		return v
	}
	all := object{"enabled": true, "readOnly": false}
	given, _ := set["all"].(object)
	maps.Copy(all, given)
	per, _ := set["channels"].(object)
	out := object{}
	for _, ch := range channels {
		one := object{"enabled": all["enabled"]}
		own, _ := per[ch].(object)
		maps.Copy(one, own)
		out[ch] = one
	}
	return object{"all": all, "channels": out}
}

// storedPreferences drops what the database schema does not know.
func storedPreferences(v any, channels []string) any {
	set, ok := v.(object)
	if !ok {
		return nil
	}
	all, _ := set["all"].(object)
	per, _ := set["channels"].(object)
	out := object{}
	for _, ch := range channels {
		one, _ := per[ch].(object)
		out[ch] = object{"enabled": one["enabled"]}
	}
	return object{"all": object{"enabled": all["enabled"], "readOnly": all["readOnly"]}, "channels": out}
}

// shownPreferences are stored ones as a release shows them, which may know other channels than the one that stored them.
func shownPreferences(v any, channels []string) any {
	return storedPreferences(filledPreferences(v, channels), channels)
}
