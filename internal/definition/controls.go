// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"encoding/json"
	"strings"

	"novu-operator.dev/api/v1alpha1"
)

// controls gathers the control values of one step. Values are kept as text, so that
// what a user wrote arrives as it is.
type controls struct {
	path   string // of the step
	block  string // name of the block, which is also its key in the step
	values map[string]json.RawMessage
}

// controlValues makes the values from the step's block, its skip rule and its open
// controls. The keys of a block are Novu's, apart from those that only this API has,
// bodyFrom and layout; values are put into Novu's form by translations. A step without a block is in Novu's own
// form, to which nothing is added.
func controlValues(path string, s *v1alpha1.WorkflowStep, in WorkflowInputs) (json.RawMessage, error) {
	c := &controls{path: path, values: map[string]json.RawMessage{}}
	blockType, block := blockOf(s)
	if block != nil {
		if blockType != s.Type {
			return nil, invalid(path+"."+blockName(stepTypes.novu(blockType)), "this block belongs to steps of type %s, the step is of type %s: use the block that is named like the type", blockType, s.Type)
		}
		if err := c.takeBlock(blockType, block, s.StepID, in); err != nil {
			return nil, err
		}
	}
	if err := c.takeOpen(s); err != nil {
		return nil, err
	}
	c.derive(blockType)
	return encode(c.values)
}

// takeBlock turns the typed block into values by its own JSON: its keys are Novu's,
// and what was not set is not in it.
func (c *controls) takeBlock(blockType v1alpha1.StepType, block any, stepID string, in WorkflowInputs) error {
	c.block = blockName(stepTypes.novu(blockType))
	raw, err := encode(block)
	if err != nil {
		return invalid(c.path+"."+c.block, "it is not JSON: %v", err)
	}
	if err := json.Unmarshal(raw, &c.values); err != nil {
		return invalid(c.path+"."+c.block, "it is not an object: %v", err)
	}
	c.translate(blockType)
	if err := c.resolveBody(stepID, in.Bodies); err != nil {
		return err
	}
	return c.resolveLayout(in.LayoutIDs)
}

// translate puts the values that Novu has in another form into that form.
func (c *controls) translate(blockType v1alpha1.StepType) {
	for path, t := range translations[blockType] {
		first, rest, _ := strings.Cut(path, ".")
		if raw, ok := c.values[first]; ok {
			c.values[first], _ = encode(translated(tree(raw), rest, t.novu)) // it came out of a decoder
		}
	}
}

// resolveBody puts the text that bodyFrom names in the place of body.
func (c *controls) resolveBody(stepID string, bodies map[string]string) error {
	if !c.take("bodyFrom") {
		return nil
	}
	body, ok := bodies[stepID]
	if !ok {
		return invalid(c.path+"."+c.block+".bodyFrom", "the body was not found: create the ConfigMap and the key that it names")
	}
	c.values["body"] = quote(body)
	return nil
}

// resolveLayout sets layoutId. Novu tells null, which is no layout, from a missing
// key, which is the environment's default layout.
func (c *controls) resolveLayout(layoutIDs map[string]string) error {
	var layout v1alpha1.EmailLayout
	if raw, ok := c.values["layout"]; ok {
		_ = json.Unmarshal(raw, &layout) // it was encoded from this type
		delete(c.values, "layout")
	}
	switch layout.Type {
	case v1alpha1.EmailLayoutNone:
		c.values["layoutId"] = json.RawMessage("null")
	case v1alpha1.EmailLayoutID:
		c.values["layoutId"] = quote(layout.ID)
	case v1alpha1.EmailLayoutRef:
		id, ok := layoutIDs[layout.Ref.Name]
		if !ok {
			return invalid(c.path+"."+c.block+".layout.ref", "there is no Layout %q: create it in the same namespace", layout.Ref.Name)
		}
		c.values["layoutId"] = quote(id)
	}
	return nil
}

// take removes a key of this API and reports whether it was set.
func (c *controls) take(key string) bool {
	_, ok := c.values[key]
	delete(c.values, key)
	return ok
}

// takeOpen adds skip and controls. A key in two places is an error, since one of the
// two would be lost.
func (c *controls) takeOpen(s *v1alpha1.WorkflowStep) error {
	skip, err := objectJSON(c.path+".skip", s.Skip)
	if err != nil {
		return err
	}
	if skip != nil {
		c.values["skip"] = skip
	}
	raw, err := objectJSON(c.path+".controls", s.Controls)
	if err != nil || raw == nil {
		return err
	}
	var open map[string]json.RawMessage
	if err := json.Unmarshal(raw, &open); err != nil {
		return invalid(c.path+".controls", "it is not an object: %v", err)
	}
	for _, key := range sortedKeys(open) {
		if _, taken := c.values[key]; taken {
			return invalid(member(c.path+".controls", key), "this value is also set %s: set it in one place", c.placeOf(key))
		}
		c.values[key] = open[key]
	}
	return nil
}

// placeOf says where a key of controls was already set, in the user's words.
func (c *controls) placeOf(key string) string {
	if key == "skip" {
		return "by the step's skip"
	}
	return "in the block " + c.block
}

// derive sets what a block leaves to us and Novu needs, unless controls carries it:
// without editorType Novu takes any body for one of the block editor, a delay is
// faulty without type, and a throttle without type is a fixed one. A digest tells
// its forms apart by the key cron.
func (c *controls) derive(blockType v1alpha1.StepType) {
	key, value := "type", ""
	switch blockType {
	case v1alpha1.StepTypeEmail:
		key, value = "editorType", editorType(c.text("body"))
	case v1alpha1.StepTypeDelay:
		value = c.kind("regular", "timed")
	case v1alpha1.StepTypeThrottle:
		value = c.kind("", "")
	}
	if _, set := c.values[key]; !set && value != "" {
		c.values[key] = quote(value)
	}
}

// kind tells by the keys which form of delay or throttle is meant.
func (c *controls) kind(amount, cron string) string {
	switch {
	case c.values["dynamicKey"] != nil:
		return "dynamic"
	case c.values["cron"] != nil:
		return cron
	}
	return amount
}

// text is a value that should be a string.
func (c *controls) text(key string) string {
	var s string
	_ = json.Unmarshal(c.values[key], &s) // not a string: no text
	return s
}
