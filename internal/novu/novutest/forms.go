// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import "slices"

// vocabulary are the words that the requests of a release may use, in the order in which its messages list them.
type vocabulary struct {
	stepTypes []string // of stored steps
	created   []string // step types that the request to create a workflow checks
	updated   []string // step types that the request to update one checks
	overrides []string // step types whose provider overrides requests check
	channels  []string // of integrations
	published []string // types of resources
	origin    bool     // an update has to name its origin
	pageLimit int      // of lists; 0: none
}

// forms are what the requests of a release are checked for.
type forms struct {
	createWorkflow, updateWorkflow, upsertWorkflow []field
	createIntegration                              []field
	listWorkflows, listLayouts                     []field
	publish                                        []field
}

func (v vocabulary) forms() forms {
	return forms{
		createWorkflow: slices.Concat([]field{
			{name: "workflowId", rules: []rule{isIdentifier, isString}},
			v.stepField(v.created),
			{name: "__source", optional: true, rules: []rule{oneOf(sources...)}},
			severityField,
		}, commonFields, v.agentFields()),
		updateWorkflow: slices.Concat([]field{
			v.stepField(v.updated),
			{name: "preferences", nested: members(preferenceSet("user"), preferenceSet("workflow"))},
			{name: "origin", optional: !v.origin, rules: []rule{oneOf(origins...)}},
			severityField,
		}, commonFields, v.agentFields()),
		upsertWorkflow:    upsertFields(v.stepTypes),
		createIntegration: createIntegrationFields(v.channels),
		listWorkflows:     v.workflowListFields(),
		listLayouts:       slices.Concat([]field{queryField}, v.pageFields("createdAt", "updatedAt", "name")),
		publish:           publishFields(v.published),
	}
}

var severityField = field{name: "severity", optional: true, rules: []rule{oneOf(severities...)}}

// stepField checks the array of steps. A type that is not known is left to the command layer, and so are the
// members that only a known type has.
func (v vocabulary) stepField(types []string) field {
	return field{name: "steps", rules: []rule{isArray}, each: true, nested: func(path []string, o object) []violation {
		var fields []field
		if t := text(o["type"]); slices.Contains(types, t) {
			fields = append(fields, field{name: "controlValues", optional: true, rules: []rule{isObject}})
			if slices.Contains(v.overrides, t) {
				fields = append(fields, field{name: "providerOverrides", optional: true, rules: []rule{isObject}})
			}
		}
		return check(path, o, append(fields,
			field{name: "_id", optional: true, rules: []rule{isString}},
			field{name: "stepId", optional: true, rules: []rule{isIdentifier, isString}},
			field{name: "name", rules: []rule{isString}},
		))
	}}
}

// agentFields check the agent of a workflow, which came with the overrides.
func (v vocabulary) agentFields() []field {
	if len(v.overrides) == 0 {
		return nil
	}
	return []field{{name: "agent", optional: true, nested: members(field{name: "identifier", rules: []rule{isString}})}}
}

func (v vocabulary) pageFields(orderBy ...string) []field {
	limit := []rule{atLeastOne, isInteger, isNumber}
	if v.pageLimit > 0 {
		limit = append([]rule{atMost(v.pageLimit)}, limit...)
	}
	return []field{
		{name: "limit", optional: true, rules: limit},
		{name: "offset", optional: true, rules: []rule{notNegative, isNumber, isInteger}},
		{name: "orderDirection", optional: true, rules: []rule{oneOf("ASC", "DESC")}},
		{name: "orderBy", optional: true, rules: []rule{oneOf(orderBy...), isString}},
	}
}

func (v vocabulary) workflowListFields() []field {
	return slices.Concat([]field{
		queryField,
		{name: "tags", optional: true, rules: []rule{eachString, isArray}},
		{name: "status", optional: true, rules: []rule{eachOneOf(statusActive, statusInactive, statusError), isArray}},
	}, v.pageFields("createdAt", "updatedAt", "name", "lastTriggeredAt"))
}
