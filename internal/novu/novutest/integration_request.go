// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"encoding/json"
	"slices"
)

func createIntegrationFields(channels []string) []field {
	return slices.Concat([]field{
		{name: "name", optional: true, rules: []rule{isString}},
		{name: "identifier", optional: true, rules: []rule{isString}},
		{name: "_environmentId", optional: true, rules: []rule{isMongo}},
		{name: "providerId", rules: []rule{isDefined, isString}},
		{name: "channel", rules: []rule{isDefined, oneOf(channels...)}},
	}, sharedIntegrationFields("credentials", "active"))
}

var updateIntegrationFields = slices.Concat([]field{
	{name: "name", optional: true, rules: []rule{isString}},
	{name: "identifier", optional: true, rules: []rule{isString}},
	{name: "_environmentId", optional: true, rules: []rule{isMongo}},
}, sharedIntegrationFields("active", "credentials"))

// sharedIntegrationFields differ between the two requests only in the order of the first two.
func sharedIntegrationFields(first, second string) []field {
	byName := map[string]field{
		"credentials": {name: "credentials", optional: true, nested: func(path []string, o object) []violation {
			return check(path, normalizeCredentials(o), credentialFields)
		}},
		"active": {name: "active", optional: true, rules: []rule{isBool}},
	}
	return []field{
		byName[first],
		byName[second],
		{name: "check", optional: true, rules: []rule{isBool}},
		{name: "conditions", optional: true, rules: []rule{isArray}, each: true, nested: anyMember},
		{name: "configurations", optional: true, rules: []rule{isObject}},
	}
}

// credentialFields are the members that requests are checked for, in the order of Novu's class.
var credentialFields = buildCredentialFields()

func buildCredentialFields() []field {
	texts := func(names ...string) []field {
		var out []field
		for _, n := range names {
			out = append(out, field{name: n, optional: true, rules: []rule{isString}})
		}
		return out
	}
	flag := func(name string) []field { return []field{{name: name, optional: true, rules: []rule{isBool}}} }
	return slices.Concat(
		texts("apiKey", "user", "secretKey", "domain", "password", "host", "port"), flag("secure"),
		texts("region", "accountSid", "messageProfileId", "token", "from", "senderName", "projectName", "applicationId", "clientId"),
		flag("requireTls"), flag("ignoreTls"), []field{{name: "tlsOptions", optional: true, rules: []rule{isObject}}},
		texts("baseUrl", "webhookUrl", "redirectUrl"), flag("hmac"),
		texts("serviceAccount", "ipPoolName", "apiKeyRequestHeader", "secretKeyRequestHeader", "idPath", "datePath", "apiToken"),
		flag("authenticateByToken"),
		texts("authenticationTokenKey", "instanceId", "alertUid", "title", "imageUrl", "state", "externalLink", "channelId",
			"phoneNumberIdentification", "accessKey", "appSid", "senderId", "tenantId", "AppIOBaseUrl"),
	)
}

// uncheckedCredentials are stored although requests are not checked for them.
var uncheckedCredentials = []string{
	"apiVersion", "servicePlanId", "signingSecret", "AppIOSubscriptionId", "AppIOBearerToken", "AppIOOriginalSignature",
}

// normalizeCredentials does the conversions of the request class: words to booleans, text to TLS options. It is nil
// for anything but an object.
func normalizeCredentials(v any) object {
	given, ok := v.(object)
	if !ok {
		return nil
	}
	out := object{}
	for k, x := range given {
		switch k {
		case "secure", "requireTls", "ignoreTls":
			x = toBoolean(x)
		case "tlsOptions":
			x = toOptions(x)
		}
		out[k] = x
	}
	return out
}

func toBoolean(v any) any {
	switch v {
	case "true":
		return true
	case "false":
		return false
	case "":
		return nil
	}
	return v
}

func toOptions(v any) any {
	s, ok := v.(string)
	if !ok || s == "" {
		if s == "" && ok {
			return nil
		}
		return v
	}
	var parsed any
	if err := json.Unmarshal([]byte(s), &parsed); err != nil {
		return v
	}
	switch parsed.(type) {
	case object, []any:
		return parsed
	}
	return v
}

// storedCredentials keeps what the database schema knows; the rest vanishes.
func storedCredentials(given object) object {
	if given == nil {
		return nil
	}
	out := object{}
	for _, f := range credentialFields {
		if v, ok := given[f.name]; ok && v != nil {
			out[f.name] = v
		}
	}
	for _, name := range uncheckedCredentials {
		if v, ok := given[name]; ok && v != nil {
			out[name] = v
		}
	}
	return out
}

var secretCredentials = []string{"apiKey", "apiToken", "secretKey", "token", "password", "serviceAccount", "signingSecret"}

// encryptedCredentials is how credentials lie in the database, which is how one answer shows them.
func encryptedCredentials(id string, c object) object {
	out := object{}
	for k, v := range c {
		if slices.Contains(secretCredentials, k) {
			v = encrypted(id+"/"+k, text(v))
		}
		out[k] = v
	}
	return out
}

var configurationNames = []string{
	"inboundWebhookEnabled", "inboundWebhookSigningKey", "configurationSetName", "inboxCount",
}

func storedConfigurations(v any) object {
	given, _ := v.(object)
	out := object{}
	for _, name := range configurationNames {
		if x, ok := given[name]; ok {
			out[name] = x
		}
	}
	return out
}

// storedConditions keeps the members that the database schema knows and gives every part an id.
func (c integrationCall) storedConditions(v any) []object {
	list, _ := v.([]any)
	var out []object
	for _, x := range list {
		given, _ := x.(object)
		one := c.part(given, "isNegated", "type", "value")
		children := []object{}
		below, _ := given["children"].([]any)
		for _, y := range below {
			child, _ := y.(object)
			children = append(children, c.part(child, "field", "value", "operator", "on"))
		}
		one["children"] = children
		out = append(out, one)
	}
	return out
}

func (c integrationCall) part(given object, names ...string) object {
	out := object{"_id": c.server.ids.object()}
	for _, n := range names {
		if v, ok := given[n]; ok {
			out[n] = v
		}
	}
	return out
}
