// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"novu-operator.dev/api/v1alpha1"
)

// booleanCredentials are those that Novu stores as booleans (credentials.dto in its
// API); it refuses other types for them, and numbers or booleans for the rest.
var booleanCredentials = map[string]bool{
	"secure": true, "requireTls": true, "ignoreTls": true, "hmac": true, "authenticateByToken": true,
}

// tlsOptions is the one credential that is an object.
const tlsOptions = "tlsOptions"

// credentials merges those in the object with those from Secrets, which come first.
// It is nil if the object names none at all.
func credentials(i *v1alpha1.Integration, secrets map[string]string) (map[string]any, error) {
	open, err := objectJSON("spec.credentials", i.Spec.Credentials)
	if err != nil {
		return nil, &InvalidError{Path: "spec.credentials", Message: "it must be a JSON object of names and values"}
	}
	if open == nil && len(i.Spec.CredentialsFrom) == 0 && len(secrets) == 0 {
		return nil, nil
	}
	values, _ := tree(open).(map[string]any)
	merged := make(map[string]any, len(values)+len(secrets))
	for _, name := range sortedKeys(values) {
		if _, overridden := secrets[name]; overridden || values[name] == nil {
			continue
		}
		if merged[name], err = credential(member("spec.credentials", name), name, values[name]); err != nil {
			return nil, err
		}
	}
	for _, name := range sortedKeys(secrets) {
		if merged[name], err = credential("spec.credentialsFrom["+name+"]", name, secrets[name]); err != nil {
			return nil, err
		}
	}
	return merged, nil
}

// credential turns a value into the type that Novu wants for it. No message shows
// the value.
func credential(path, name string, value any) (any, error) {
	switch {
	case booleanCredentials[name]:
		return booleanCredential(path, value)
	case name == tlsOptions:
		return objectCredential(path, value)
	}
	switch value := value.(type) {
	case string:
		return value, nil
	case json.Number:
		return value.String(), nil
	case bool:
		return strconv.FormatBool(value), nil
	}
	return nil, invalid(path, "it must be a string: quote the JSON text if the provider wants JSON")
}

// booleanCredential takes the two words, too: a Secret holds nothing but text.
func booleanCredential(path string, value any) (any, error) {
	switch value {
	case true, "true":
		return true, nil
	case false, "false":
		return false, nil
	}
	return nil, invalid(path, "it must be true or false")
}

// objectCredential takes JSON text, too, for the same reason.
func objectCredential(path string, value any) (any, error) {
	if text, ok := value.(string); ok {
		value, _ = parse([]byte(text))
	}
	if object, ok := value.(map[string]any); ok {
		return object, nil
	}
	return nil, invalid(path, "it must be an object, or the text of a JSON object")
}

// CredentialsHash is the HMAC-SHA256, in hex, of the credentials' canonical JSON. The
// key keeps those who can read the hash from trying values.
func CredentialsHash(key string, credentials map[string]any) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(canonical(credentials))
	return hex.EncodeToString(mac.Sum(nil))
}
