// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import "slices"

// A variable schema describes what a template may name: a JSON schema whose first level are the namespaces.

func closed(properties object) object {
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}

func open() object {
	return object{"type": "object", "properties": object{}, "additionalProperties": true}
}

func typed(kind string, names ...string) object {
	out := object{}
	for _, n := range names {
		out[n] = object{"type": kind}
	}
	return out
}

var (
	workflowVariables = object{"type": "object", "properties": object{
		"workflowId": object{"type": "string"}, "name": object{"type": "string"}, "description": object{"type": "string"},
		"severity": object{"type": "string"}, "tags": object{"type": "array", "items": object{"type": "string"}},
	}}
	subscriberVariables = closed(object{
		"firstName": object{"type": "string"}, "lastName": object{"type": "string"}, "email": object{"type": "string"},
		"phone": object{"type": "string"}, "avatar": object{"type": "string"}, "locale": object{"type": "string"},
		"timezone": object{"type": "string"}, "subscriberId": object{"type": "string"}, "isOnline": object{"type": "boolean"},
		"lastOnlineAt": object{"type": "string"}, "data": open(),
	})
	contextVariables = object{"type": "object", "properties": object{},
		"additionalProperties": closed(object{"id": object{"type": "string"}, "data": open()})}
	noResult    = closed(object{})
	inAppResult = closed(object{
		"seen": object{"type": "boolean"}, "read": object{"type": "boolean"},
		"lastSeenDate": object{"type": "string"}, "lastReadDate": object{"type": "string"},
	})
	delayResult = closed(typed("number", "duration"))
)

// environmentVariables are those that every environment has, and named ones.
func environmentVariables(names []string) object {
	return closed(typed("string", append(names, "name", "type")...))
}

// LayoutVariables returns the schema of the variables that a layout may name. env are the names of the environment's variables.
func LayoutVariables(env ...string) map[string]any {
	return closed(object{
		"subscriber": subscriberVariables, "content": object{"type": "string"}, "context": contextVariables,
		"env": environmentVariables(env),
	})
}

// StepVariables returns the schema of the variables that a step may name that comes after others. payload is the schema of
// the workflow's payload; nil allows any member of it. env are the names of the environment's variables.
func StepVariables(payload any, before []Step, env ...string) map[string]any {
	results := object{}
	for _, st := range before {
		if r := resultOf(st, payload); r != nil {
			results[st.ID] = r
		}
	}
	return closed(object{
		"workflow": workflowVariables, "subscriber": subscriberVariables, "context": contextVariables,
		"env": environmentVariables(env), "steps": closed(results), "payload": payloadVariables(payload),
	})
}

// payloadVariables allows everything when no schema was ever given.
func payloadVariables(schema any) object {
	if o, ok := schema.(object); ok {
		return o
	}
	return open()
}

func resultOf(st Step, payload any) object {
	switch st.Type {
	case "in_app":
		return inAppResult
	case "email", "sms", "push", "chat", "tool":
		return noResult
	case "delay":
		return delayResult
	case "digest":
		return digestResult(payload)
	case "http_request":
		if schema, ok := st.Controls["responseBodySchema"].(object); ok {
			return schema
		}
		return open()
	}
	return nil
}

func digestResult(payload any) object {
	event := open()
	if schema, ok := payload.(object); ok {
		event = object{"properties": schema["properties"], "type": schema["type"], "additionalProperties": true}
	}
	return closed(object{
		"eventCount": object{"type": "number"},
		"events": object{
			"type":       "array",
			"properties": typed("number", "length"),
			"items":      closed(object{"id": object{"type": "string"}, "time": object{"type": "string"}, "payload": event}),
		},
	})
}

// VariableNames lists the variables of a schema that hold a single value, with their full names.
func VariableNames(schema map[string]any) []string { return primitivesBelow(schema, "") }

func primitivesBelow(schema object, path string) []string {
	var out []string
	if schema["type"] == "object" {
		properties, _ := schema["properties"].(object)
		for name, p := range properties {
			if below, ok := p.(object); ok {
				out = append(out, primitivesOf(below, joinPath(path, name))...)
			}
		}
	}
	for _, combiner := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := schema[combiner].([]any)
		for _, x := range list {
			if below, ok := x.(object); ok {
				out = append(out, primitivesBelow(below, path)...)
			}
		}
	}
	for _, condition := range []string{"if", "then", "else"} {
		if below, ok := schema[condition].(object); ok {
			out = append(out, primitivesBelow(below, path)...)
		}
	}
	return out
}

// primitivesOf looks into one property. A list has its own properties and those of its first element.
func primitivesOf(schema object, path string) []string {
	kind, _ := schema["type"].(string)
	switch {
	case kind == "object":
		return primitivesBelow(schema, path)
	case kind == "array":
		items, isOne := schema["items"].(object)
		if list, _ := schema["items"].([]any); !isOne && len(list) > 0 {
			items, _ = list[0].(object)
		}
		own := object{"type": "object", "properties": schema["properties"]}
		return append(primitivesBelow(own, path), primitivesBelow(items, path+".0")...)
	case slices.Contains([]string{"string", "number", "boolean", "integer"}, kind):
		return []string{path}
	}
	return nil
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
