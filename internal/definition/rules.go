// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"

	"novu-operator.dev/api/v1alpha1"
)

var ruleTypes = enum[v1alpha1.RuleType]{
	v1alpha1.RuleTypeBoolean:   "BOOLEAN",
	v1alpha1.RuleTypeText:      "TEXT",
	v1alpha1.RuleTypeDate:      "DATE",
	v1alpha1.RuleTypeNumber:    "NUMBER",
	v1alpha1.RuleTypeStatement: "STATEMENT",
	v1alpha1.RuleTypeList:      "LIST",
	v1alpha1.RuleTypeMultiList: "MULTI_LIST",
	v1alpha1.RuleTypeGroup:     "GROUP",
}

var ruleOperators = enum[v1alpha1.RuleOperator]{
	v1alpha1.RuleOperatorLarger:       "LARGER",
	v1alpha1.RuleOperatorSmaller:      "SMALLER",
	v1alpha1.RuleOperatorLargerEqual:  "LARGER_EQUAL",
	v1alpha1.RuleOperatorSmallerEqual: "SMALLER_EQUAL",
	v1alpha1.RuleOperatorEqual:        "EQUAL",
	v1alpha1.RuleOperatorNotEqual:     "NOT_EQUAL",
	v1alpha1.RuleOperatorAllIn:        "ALL_IN",
	v1alpha1.RuleOperatorAnyIn:        "ANY_IN",
	v1alpha1.RuleOperatorNotIn:        "NOT_IN",
	v1alpha1.RuleOperatorBetween:      "BETWEEN",
	v1alpha1.RuleOperatorNotBetween:   "NOT_BETWEEN",
	v1alpha1.RuleOperatorLike:         "LIKE",
	v1alpha1.RuleOperatorNotLike:      "NOT_LIKE",
	v1alpha1.RuleOperatorIn:           "IN",
}

// conditions are the rules as Novu writes them. It is always a list: without one,
// those that were added in Novu would stay.
func conditions(list []v1alpha1.IntegrationRuleGroup) json.RawMessage {
	filters := make([]filter, len(list))
	for i, group := range list {
		filters[i] = filter{
			group.AppliesWhen == v1alpha1.GroupOutcomeNotMatched, ruleTypes.novu(group.Type), ruleJoins.novu(group.Join),
			make([]filterPart, len(group.Children)),
		}
		for j, rule := range group.Children {
			filters[i].Children[j] = filterPart{rule.Source, rule.Field, ruleOperators.novu(rule.Operator), rule.Value}
		}
	}
	raw, _ := encode(filters) // plain strings and booleans always encode
	return raw
}

// filter is a group of rules as Novu writes it.
type filter struct {
	IsNegated bool         `json:"isNegated,omitempty"`
	Type      string       `json:"type,omitempty"`
	Value     string       `json:"value,omitempty"`
	Children  []filterPart `json:"children,omitempty"`
}

// filterPart is a rule as Novu writes it.
type filterPart struct {
	On       string `json:"on"`
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    string `json:"value,omitempty"`
}

// ruleTree is Novu's conditions as a manifest would write them, for differences.
func ruleTree(raw json.RawMessage) any {
	list := conditionTree(raw).([]any)
	for i, item := range list {
		group, ok := item.(map[string]any)
		if !ok {
			continue
		}
		out := renamed(group, map[string]string{"value": "join"})
		if _, negated := out["isNegated"]; negated {
			delete(out, "isNegated")
			out["appliesWhen"] = string(v1alpha1.GroupOutcomeNotMatched)
		}
		out["type"], out["join"] = spelledBy(ruleTypes).ours(out["type"]), spelledBy(ruleJoins).ours(out["join"])
		out["children"] = childTree(out["children"])
		list[i] = significant(out)
	}
	return list
}

func childTree(children any) any {
	list, _ := children.([]any)
	for i, item := range list {
		if rule, ok := item.(map[string]any); ok {
			out := renamed(rule, map[string]string{"on": "source"})
			out["operator"] = spelledBy(ruleOperators).ours(out["operator"])
			list[i] = significant(out)
		}
	}
	return list
}

// renamed copies an object with other names for some keys.
func renamed(object map[string]any, names map[string]string) map[string]any {
	out := make(map[string]any, len(object))
	for key, value := range object {
		out[orDefault(names[key], key)] = value
	}
	return out
}

// conditionTree drops the ids that Novu gives to groups and rules, and what means
// the same as not being set: Novu's store adds empty lists.
func conditionTree(raw json.RawMessage) any {
	list, _ := tree(raw).([]any)
	return significant(append([]any{}, list...))
}

// significant copies a tree without ids and without what is not set.
func significant(t any) any {
	switch t := t.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range t {
			if key != "_id" && key != "id" && !isNothing(value) {
				out[key] = significant(value)
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(t))
		for _, item := range t {
			out = append(out, significant(item))
		}
		return out
	}
	return t
}

func isNothing(t any) bool {
	list, isList := t.([]any)
	return t == nil || isList && len(list) == 0 || !isList && (t == any(false) || t == any(""))
}
