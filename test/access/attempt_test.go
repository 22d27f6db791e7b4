// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// Ways to change an object.
const (
	mergePatch  = "merge patch"
	jsonPatch   = "JSON patch"
	serverApply = "server-side apply"
	replace     = "replace"
)

// attempt is a try to change an object that exists.
type attempt struct {
	name, user, way string
	// change is a patch, or what to lay over the object before it is replaced.
	change string
	status bool   // through the status subresource
	want   string // part of the refusal, or nothing
}

var patchTypes = map[string]types.PatchType{
	mergePatch: types.MergePatchType, jsonPatch: types.JSONPatchType, serverApply: types.ApplyPatchType,
}

// try makes the attempt.
func (w *world) try(object *unstructured.Unstructured, a attempt, dryRun ...client.PatchOption) error {
	w.Helper()
	c, target := w.as(a.user), object.DeepCopy()
	if a.way == replace {
		overlay(target.Object, w.read(a.change).(map[string]any))
		options := patchOptions(dryRun)
		if a.status {
			return c.Status().Update(w.Context(), target, &client.SubResourceUpdateOptions{UpdateOptions: client.UpdateOptions{DryRun: options.DryRun}})
		}
		return c.Update(w.Context(), target, &client.UpdateOptions{DryRun: options.DryRun})
	}
	change := w.read(a.change)
	options := append([]client.PatchOption{client.FieldOwner(a.user)}, dryRun...)
	if fields, ok := change.(map[string]any); ok && a.way == serverApply {
		fields["apiVersion"], fields["kind"] = object.GetAPIVersion(), object.GetKind()
		options = append(options, client.ForceOwnership)
	}
	body, err := json.Marshal(change)
	w.must(err)
	patch := client.RawPatch(patchTypes[a.way], body)
	if a.status {
		return c.Status().Patch(w.Context(), target, patch, &client.SubResourcePatchOptions{PatchOptions: *patchOptions(options)})
	}
	return c.Patch(w.Context(), target, patch, options...)
}

func patchOptions(options []client.PatchOption) *client.PatchOptions {
	return (&client.PatchOptions{}).ApplyOptions(options)
}

// read reads YAML of any form.
func (w *world) read(text string) any {
	w.Helper()
	var value any
	w.must(yaml.Unmarshal([]byte(text), &value))
	return value
}

// overlay lays fields over those of an object, as a merge patch does.
func overlay(object, fields map[string]any) {
	for key, value := range fields {
		nested, isMap := value.(map[string]any)
		below, wasMap := object[key].(map[string]any)
		switch {
		case value == nil:
			delete(object, key)
		case isMap && wasMap:
			overlay(below, nested)
		default:
			object[key] = value
		}
	}
}
