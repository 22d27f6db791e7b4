// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"cmp"
	"reflect"
	"slices"
)

// Diff and publish compare whole environments. Resources are matched by workflowId and layoutId, steps by stepId.

var diffFields = []field{{name: "sourceEnvironmentId", optional: true, rules: []rule{isString}}}

// syncCall is a request that compares environments or brings resources from one to another.
type syncCall struct{ *call }

// bothEnvironments finds source and target of a diff or publish. Without a source it is the one named Development.
func (c syncCall) bothEnvironments() (source, target *environment, err error) {
	id := c.params["id"]
	if !isObjectID(id) {
		return nil, nil, badRequest("Invalid environment ID format")
	}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	from := text(c.body["sourceEnvironmentId"])
	if from == "" {
		dev := c.org.named(developmentName)
		if dev == nil {
			return nil, nil, badRequest("Development environment not found")
		}
		from = dev.id
	}
	switch source, target = c.org.findEnvironment(from), c.org.findEnvironment(id); {
	case from == id:
		err = badRequest("Source and target environments cannot be the same")
	case !isObjectID(from):
		err = badRequest("Invalid environment ID format")
	case source == nil:
		err = badRequest("Source environment not found")
	case target == nil:
		err = badRequest("Target environment not found")
	default:
		err = cmp.Or(c.scoped(source), c.scoped(target))
	}
	return source, target, err
}

func diffEnvironments(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, diffFields)); err != nil {
		return nil, err
	}
	source, target, err := syncCall{c}.bothEnvironments()
	if err != nil {
		return nil, err
	}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	d := &environmentDiff{org: c.org, target: target, resources: []object{}}
	compareAll(source.workflows, target.workflows, d.workflow)
	compareAll(source.layouts, target.layouts, d.layout)
	d.addDependencies()
	changes := 0
	for _, r := range d.resources {
		sum := r["summary"].(object)
		changes += sum["added"].(int) + sum["modified"].(int) + sum["deleted"].(int)
	}
	return object{"sourceEnvironmentId": source.id, "targetEnvironmentId": target.id, "resources": d.resources,
		"summary": object{"totalEntities": len(d.resources), "totalChanges": changes, "hasChanges": changes > 0}}, nil
}

// compareAll visits every pair of the same identifier: first what the source has, then what only the target has.
func compareAll[T any](source, target *shelf[T], visit func(from, to *T)) {
	for _, from := range source.all() {
		_, identifier := source.key(from)
		visit(from, target.find(identifier))
	}
	for _, to := range target.all() {
		if _, identifier := target.key(to); source.find(identifier) == nil {
			visit(nil, to)
		}
	}
}

type environmentDiff struct {
	org       *organization
	target    *environment
	resources []object
}

// add lists a resource with its changes. A change of something that both sides have counts once, however much it is.
func (d *environmentDiff) add(kind string, from, to any, changes []object) {
	if len(changes) == 0 {
		return
	}
	count := map[string]int{}
	for _, c := range changes {
		count[c["action"].(string)]++
	}
	sum := object{"added": count["added"], "modified": count["modified"] + count["moved"], "deleted": count["deleted"], "unchanged": 0}
	if from != nil && to != nil {
		sum = object{"added": 0, "modified": 1, "deleted": 0, "unchanged": 0}
	}
	d.resources = append(d.resources, object{
		"resourceType": kind, "sourceResource": from, "targetResource": to, "changes": changes, "summary": sum,
	})
}

func change(kind, action string, from, to any) object {
	return object{"resourceType": kind, "action": action, "sourceResource": from, "targetResource": to}
}

func (d *environmentDiff) workflow(from, to *workflow) {
	switch {
	case to == nil:
		info := d.workflowInfo(from)
		changes := []object{change("workflow", "added", info, nil)}
		for i, st := range from.steps {
			changes = append(changes, addedStep(st, i))
		}
		d.add("workflow", info, nil, changes)
	case from == nil:
		info := d.workflowInfo(to)
		d.add("workflow", nil, info, []object{change("workflow", "deleted", nil, info)})
	default:
		d.add("workflow", d.workflowInfo(from), d.workflowInfo(to), d.workflowChanges(from, to))
	}
}

func (d *environmentDiff) workflowInfo(w *workflow) object {
	return object{"id": w.identifier, "name": w.name, "updatedBy": d.org.user(), "updatedAt": timestamp(w.updated)}
}

// comparable is what two copies of a workflow are compared by, apart from their steps.
func (w *workflow) comparable() object {
	return object{
		"workflowId": w.identifier, "name": w.name, "tags": w.tags, "active": w.active, "description": w.description,
		"preferences": object{"user": w.user, "default": w.defaults}, "payloadSchema": w.payloadSchema,
		"validatePayload": w.validatePayload, "isTranslationEnabled": false, "severity": cmp.Or(w.severity, "none"),
	}
}

func (st *step) comparable() object {
	values := st.values
	if values == nil {
		values = object{}
	}
	return object{"stepId": st.stepID, "name": st.name, "type": st.kind, "controlValues": values}
}

func (d *environmentDiff) workflowChanges(from, to *workflow) []object {
	var out []object
	if before, after := to.comparable(), from.comparable(); !reflect.DeepEqual(before, after) {
		c := change("workflow", "modified", d.workflowInfo(from), d.workflowInfo(to))
		c["diffs"] = object{"previous": before, "new": after}
		out = append(out, c)
	}
	for _, c := range stepChanges(from, to) {
		for side, w := range map[string]*workflow{"sourceResource": from, "targetResource": to} {
			if info, ok := c[side].(object); ok {
				info["updatedBy"], info["updatedAt"] = d.org.user(), timestamp(w.updated)
			}
		}
		out = append(out, c)
	}
	return out
}

func stepInfo(st *step) object {
	return object{"id": st.stepID, "name": st.name, "updatedBy": nil, "updatedAt": nil}
}

func addedStep(st *step, index int) object {
	c := change("step", "added", stepInfo(st), nil)
	c["stepType"], c["newIndex"], c["diffs"] = st.kind, index, object{"previous": nil, "new": st.comparable()}
	return c
}

func stepChanges(from, to *workflow) []object {
	var out []object
	byID := func(id string) func(*step) bool { return func(st *step) bool { return st.stepID == id } }
	for i, st := range from.steps {
		k := slices.IndexFunc(to.steps, byID(st.stepID))
		if k < 0 {
			out = append(out, addedStep(st, i))
			continue
		}
		before, after := to.steps[k].comparable(), st.comparable()
		action := "modified"
		switch {
		case !reflect.DeepEqual(before, after):
		case i != k:
			action = "moved"
		default:
			continue
		}
		c := change("step", action, stepInfo(st), stepInfo(to.steps[k]))
		c["stepType"], c["previousIndex"], c["newIndex"] = st.kind, k, i
		if action == "modified" {
			c["diffs"] = object{"previous": before, "new": after}
		}
		out = append(out, c)
	}
	for k, st := range to.steps {
		if slices.IndexFunc(from.steps, byID(st.stepID)) < 0 {
			c := change("step", "deleted", nil, stepInfo(st))
			c["stepType"], c["previousIndex"], c["diffs"] = st.kind, k, object{"previous": st.comparable(), "new": nil}
			out = append(out, c)
		}
	}
	return out
}

func (d *environmentDiff) layout(from, to *layout) {
	switch {
	case to == nil:
		info := d.layoutInfo(from)
		d.add("layout", info, nil, []object{change("layout", "added", info, nil)})
	case from == nil:
		info := d.layoutInfo(to)
		d.add("layout", nil, info, []object{change("layout", "deleted", nil, info)})
	default:
		if before, after := to.comparable(), from.comparable(); !reflect.DeepEqual(before, after) {
			c := change("layout", "modified", d.layoutInfo(from), d.layoutInfo(to))
			c["diffs"] = object{"previous": before, "new": after}
			d.add("layout", d.layoutInfo(from), d.layoutInfo(to), []object{c})
		}
	}
}

func (d *environmentDiff) layoutInfo(l *layout) object {
	info := object{"id": l.identifier, "name": l.name, "updatedBy": nil, "updatedAt": timestamp(l.updated)}
	if l.edited {
		info["updatedBy"] = d.org.user()
	}
	return info
}

func (l *layout) comparable() object {
	return object{"layoutId": l.identifier, "name": l.name, "isTranslationEnabled": false, "controls": object{"values": layoutValues(l)}}
}

// addDependencies names the layouts that changed workflows need, and the workflows that deleted layouts still serve.
func (d *environmentDiff) addDependencies() {
	layouts := map[string]object{}
	for _, r := range d.resources {
		if r["resourceType"] == "layout" {
			layouts[resourceID(r)] = r
		}
	}
	for _, r := range d.resources {
		var needs []object
		switch {
		case r["resourceType"] == "workflow" && r["sourceResource"] != nil:
			needs = layoutNeeds(r, layouts)
		case r["resourceType"] == "layout" && r["sourceResource"] == nil:
			for _, w := range d.target.workflowsUsing(resourceID(r)) {
				needs = append(needs, dependency("workflow", w.identifier, w.name, true))
			}
		}
		if len(needs) > 0 {
			r["dependencies"] = needs
		}
	}
}

func resourceID(r object) string {
	for _, side := range []string{"sourceResource", "targetResource"} {
		if info, ok := r[side].(object); ok {
			return info["id"].(string)
		}
	}
	return ""
}

// layoutNeeds looks at the e-mail steps that changed. A layout that is not in the diff at all is called blocking,
// although the target may have it.
func layoutNeeds(r object, layouts map[string]object) []object {
	var out []object
	seen := map[string]bool{}
	for _, c := range r["changes"].([]object) {
		diffs, _ := c["diffs"].(object)
		now, _ := diffs["new"].(object)
		values, _ := now["controlValues"].(object)
		id := text(values["layoutId"])
		if c["stepType"] != "email" || id == "" || seen[id] {
			continue
		}
		seen[id] = true
		in, listed := layouts[id]
		if listed && in["sourceResource"] == nil {
			continue // it is deleted
		}
		name, blocking := id, !listed || in["targetResource"] == nil
		if listed {
			name = in["sourceResource"].(object)["name"].(string)
		}
		out = append(out, dependency("layout", id, name, blocking))
	}
	return out
}

func dependency(kind, id, name string, blocking bool) object {
	reason := "LAYOUT_REQUIRED_FOR_WORKFLOW"
	if !blocking {
		reason = "LAYOUT_EXISTS_IN_TARGET"
	}
	return object{"resourceType": kind, "resourceId": id, "resourceName": name, "isBlocking": blocking, "reason": reason}
}
