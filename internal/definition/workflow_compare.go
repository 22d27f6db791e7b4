// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// openSchema is what Novu stores when a workflow is created without a schema. It
// allows every payload, just as no schema does.
var openSchema = map[string]any{"type": "object", "additionalProperties": true, "properties": map[string]any{}}

// CompareWorkflow lists in what the workflow in Novu (from) differs from the wanted
// one (to), in a fixed order and with the paths of the manifest, for example
// steps[mail].email.subject. Only what a definition can say is compared, not
// status, issues, ids or times. What Novu is known to make of a definition is no
// difference: see rewritten and openSchema; nor is translationEnabled on an
// installation that ignores it.
func CompareWorkflow(want *novu.WorkflowRequest, have *novu.Workflow) []v1alpha1.Difference {
	return CompareWorkflowRequests(want, WorkflowFrom(have))
}

// CompareWorkflowRequests is CompareWorkflow of what Novu held at some time, as it was recorded.
func CompareWorkflowRequests(want, held *novu.WorkflowRequest) []v1alpha1.Difference {
	var d differences
	from, to := fields(held), fields(want)
	if want.IsTranslationEnabled {
		from["isTranslationEnabled"] = true // a community server answers false forever
	}
	for _, side := range []map[string]any{from, to} {
		side["severity"] = spelledBy(severities).ours(side["severity"])
	}
	d.compare("name", from["name"], to["name"])
	d.whole("tags", from["tags"], to["tags"]) // a set has no positions
	for _, name := range fieldOrder {
		d.compare(orDefault(fieldNames[name], name), from[name], to[name])
	}
	d.steps(held.Steps, want.Steps)
	return d
}

// WorkflowFingerprint is a digest of everything about the workflow in Novu that
// a definition can say. Two answers with one fingerprint say the same.
func WorkflowFingerprint(have *novu.Workflow) string { return Revision(WorkflowFrom(have)) }

// fieldOrder is the order in which people read a workflow.
var fieldOrder = []string{
	"description", "active", "severity", "validatePayload", "payloadSchema", "isTranslationEnabled", "preferences",
}

// fields is everything of a request but ids and steps.
func fields(r *novu.WorkflowRequest) map[string]any {
	return map[string]any{
		"name":                 r.Name,
		"description":          r.Description,
		"tags":                 tagSet(r.Tags),
		"active":               r.Active,
		"severity":             orDefault(r.Severity, severities.novu(v1alpha1.SeverityNone)),
		"validatePayload":      r.ValidatePayload,
		"payloadSchema":        schemaTree(r.PayloadSchema),
		"isTranslationEnabled": r.IsTranslationEnabled,
		"preferences": map[string]any{
			"user":     preferenceTree(r.Preferences.User),
			"workflow": preferenceTree(orDefault(r.Preferences.Workflow, novu.DefaultPreference())),
		},
	}
}

// tagSet makes lists with the same tags equal: their order means nothing.
func tagSet(tags []string) []any {
	sorted := slices.Sorted(slices.Values(tags))
	return listOf(slices.Compact(sorted))
}

// schemaTree is the schema, null if it refuses nothing.
func schemaTree(raw json.RawMessage) any {
	schema := tree(raw)
	if schema == any(absent{}) || same(schema, openSchema) {
		return nil
	}
	return schema
}

// steps compares by stepID, and the order of the steps that both sides have.
func (d *differences) steps(have, want []novu.StepRequest) {
	held, extra := indexSteps(have)
	wanted, _ := indexSteps(want)
	for _, to := range want {
		from, ok := held[to.StepID]
		if !ok {
			d.add(stepPath(to.StepID), absent{}, stepTree(to))
			continue
		}
		d.step(from, to)
	}
	for _, from := range have {
		if _, ok := wanted[from.StepID]; !ok {
			d.add(stepPath(from.StepID), stepTree(from), absent{})
		}
	}
	for i, from := range extra {
		d.add(stepPath(from.StepID+"#"+strconv.Itoa(i+2)), stepTree(from), absent{})
	}
	d.whole("steps", listOf(commonIDs(have, wanted)), listOf(commonIDs(want, held)))
}

// step compares two steps of one stepID. Equal bytes, the usual case, are not parsed.
func (d *differences) step(from, to novu.StepRequest) {
	path := stepPath(to.StepID)
	d.compare(path+".name", from.Name, to.Name)
	d.compare(path+".type", string(stepTypes.ours(from.Type)), string(stepTypes.ours(to.Type)))
	if bytes.Equal(from.ControlValues, to.ControlValues) {
		return
	}
	held, wanted := tree(orEmptyObject(from.ControlValues)), tree(orEmptyObject(to.ControlValues))
	if to.Type == emailType {
		wanted = rewritten(wanted, held)
	}
	var values differences
	values.compare("", inManifest(to.Type, held), inManifest(to.Type, wanted))
	for _, difference := range values {
		difference.Path = path + "." + placeInStep(to.Type, difference.Path)
		*d = append(*d, difference)
	}
}

// indexSteps finds steps by stepID. Novu can hold two of one stepID; the later ones
// are extra.
func indexSteps(list []novu.StepRequest) (index map[string]novu.StepRequest, extra []novu.StepRequest) {
	index = make(map[string]novu.StepRequest, len(list))
	for _, s := range list {
		if _, taken := index[s.StepID]; taken {
			extra = append(extra, s)
			continue
		}
		index[s.StepID] = s
	}
	return index, extra
}

// commonIDs are the stepIDs of the list that the other side has, too, in order.
func commonIDs(list []novu.StepRequest, other map[string]novu.StepRequest) []string {
	var ids []string
	for _, s := range list {
		if _, ok := other[s.StepID]; ok && !slices.Contains(ids, s.StepID) {
			ids = append(ids, s.StepID)
		}
	}
	return ids
}

// stepTree is a whole step without its internal id.
func stepTree(s novu.StepRequest) map[string]any {
	return map[string]any{
		"stepId": s.StepID, "name": s.Name, "type": s.Type, "controlValues": tree(orEmptyObject(s.ControlValues)),
	}
}
