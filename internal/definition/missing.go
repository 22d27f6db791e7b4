// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"fmt"

	"novu-operator.dev/api/v1alpha1"
)

// Kinds of objects that a definition refers to.
const (
	kindConfigMap = "ConfigMap"
	kindSecret    = "Secret"
	kindLayout    = "Layout"
)

// Problem is what is wrong with an object that a definition refers to.
type Problem int

const (
	// NotFound is an object that does not exist.
	NotFound Problem = iota
	// KeyMissing is an object without the key, or with an empty value where one is needed.
	KeyMissing
	// NotText is a value that is no UTF-8, such as a picture or text that was compressed. It would reach Novu with its bytes
	// replaced.
	NotText
)

// ReferenceError is a definition that cannot be made before something that the object refers to is there.
type ReferenceError struct {
	Kind            string // ConfigMap, Secret or Layout
	Namespace, Name string
	Key             string // empty if the object itself is missing, and for a Layout
	Problem         Problem
}

func (e *ReferenceError) Error() string {
	object := fmt.Sprintf("%s %s/%s", e.Kind, e.Namespace, e.Name)
	switch {
	case e.Problem == NotText:
		return fmt.Sprintf("%s holds a value under the key %q that is not UTF-8 text: store the text itself, neither compressed nor in another encoding",
			object, e.Key)
	case e.Problem == KeyMissing && e.Kind == kindSecret:
		return fmt.Sprintf("%s has no value for the key %q: add it", object, e.Key)
	case e.Problem == KeyMissing:
		return fmt.Sprintf("%s has no key %q: add it", object, e.Key)
	case e.Kind == kindLayout:
		return object + " does not exist: create it, or correct the step's email.layout.ref"
	}
	return object + " does not exist: create it"
}

// referenceReasons are the condition reasons by kind, of an object that is missing and of a key that is.
var referenceReasons = map[string][2]string{
	kindConfigMap: {v1alpha1.ReasonConfigMapNotFound, v1alpha1.ReasonConfigMapKeyMissing},
	kindSecret:    {v1alpha1.ReasonSecretNotFound, v1alpha1.ReasonSecretKeyMissing},
	kindLayout:    {v1alpha1.ReasonLayoutNotFound, v1alpha1.ReasonLayoutNotFound},
}

// Reason returns the condition reason of the error.
func (e *ReferenceError) Reason() string {
	if e.Problem == NotText {
		return v1alpha1.ReasonNotText
	}
	return referenceReasons[e.Kind][e.Problem]
}
