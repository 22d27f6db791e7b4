// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import "fmt"

// InvalidError is a definition that cannot be sent to Novu as it is. Only a change
// of the object fixes it.
type InvalidError struct {
	Path    string // of the field in the object, for example spec.steps[mail].controls
	Message string // what is wrong and what to do; never a secret
}

func (e *InvalidError) Error() string { return e.Path + ": " + e.Message }

func invalid(path, format string, args ...any) error {
	return &InvalidError{Path: path, Message: fmt.Sprintf(format, args...)}
}
