// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"time"

	"novu-operator.dev/internal/novu/javascript"
)

type object = javascript.Object

// Severity is what Novu does about a problem.
type Severity int

const (
	// Warning is a value that Novu accepts without a word, but does not use.
	Warning Severity = iota
	// Error is a problem with which Novu stores a step, lists it among the step's issues and gives the workflow the status
	// ERROR. It refuses a layout with one.
	Error
	// Refusal is a problem for which Novu refuses the whole request.
	Refusal
)

func (s Severity) String() string {
	return [...]string{"warning", "error", "refusal"}[s]
}

// Check is the part of the rules that found a problem. Novu runs them in this order.
type Check string

// The checks.
const (
	Request   Check = "Request"   // the workflow as a whole: its steps and the schema of its payload
	Content   Check = "Content"   // the body of a layout or an e-mail
	Schema    Check = "Schema"    // control values against the schema of the step's type
	Liquid    Check = "Liquid"    // templates and the variables they name
	Tier      Check = "Tier"      // what the tier of the organization includes
	Cron      Check = "Cron"      // cron expressions
	Skip      Check = "Skip"      // skip conditions
	Overrides Check = "Overrides" // provider overrides
)

// Novu's types of issues.
const (
	MissingValue        = "MISSING_VALUE"
	IllegalVariable     = "ILLEGAL_VARIABLE_IN_CONTROL_VALUE"
	InvalidFilterArg    = "INVALID_FILTER_ARG_IN_VARIABLE"
	InvalidURL          = "INVALID_URL"
	TierLimitExceeded   = "TIER_LIMIT_EXCEEDED"
	UnsupportedProperty = "UNSUPPORTED_PROPERTY"
)

// Position is a place in a text: line and column count from 1, the column in characters. The zero value stands for an
// unknown place.
type Position struct{ Line, Column int }

// Issue is one problem.
type Issue struct {
	// Step is the stepId, empty in a layout and for a problem of the workflow as a whole.
	Step string
	// Field is the dotted path of the control value, such as "redirect.url" or "headers.0.key", or a member of the workflow.
	// Empty: the control values as a whole.
	Field    string
	Check    Check
	Severity Severity
	// Type is Novu's type of the issue, empty for what Novu has no type for (warnings and refusals).
	Type    string
	Message string
	// Variable is the variable, the path in a skip condition, or else the field that Novu names with the issue.
	Variable string
	// Position is where in the text of Field the problem is, if it is a text as the user wrote it.
	Position Position
	// Value is what Novu quotes of a refused value.
	Value any
}

// String returns the issue as one line, such as
//
//	step welcome: body:1:7: error: Variable "payload.x" is not supported
func (i Issue) String() string {
	where := ""
	if i.Step != "" {
		where = "step " + i.Step + ": "
	}
	if i.Field != "" {
		where += i.Field
		if i.Position.Line > 0 {
			where += fmt.Sprintf(":%d:%d", i.Position.Line, i.Position.Column)
		}
		where += ": "
	}
	return where + i.Severity.String() + ": " + i.Message
}

// Rules are Novu's rules for one organization.
type Rules struct {
	// Release is the release of Novu (default Release315).
	Release Release
	// Paid lifts the limits of the free tier.
	Paid bool
	// Now is the clock that cron expressions are judged from (default time.Now).
	Now func() time.Time
}

func (r Rules) now() time.Time {
	if r.Now == nil {
		return time.Now().UTC()
	}
	return r.Now().UTC()
}

// OriginCloud is the origin of workflows made by API or dashboard. Of their control values only known members count.
const OriginCloud = "novu-cloud"

// originExternal is the origin of workflows that an application brings.
const originExternal = "external"

// MaxSteps is how many steps a workflow may have.
const MaxSteps = 20

// Workflow is what the rules look at in a workflow.
type Workflow struct {
	Origin        string         // default OriginCloud
	PayloadSchema map[string]any // JSON schema; nil: templates may name any member of the payload
	Env           []string       // names of the environment's variables
	Steps         []Step
}

// Step is what the rules look at in a step.
type Step struct {
	ID, Type string
	// Schema is the type whose control schema applies, if it is not Type: Novu keeps the schema that a step was made with.
	Schema    string
	Controls  map[string]any // nil: none yet
	Overrides map[string]any // provider overrides by provider
}

// Workflow checks a workflow. Each step may name the results of the steps before it.
func (r Rules) Workflow(w Workflow) []Issue {
	if w.Origin == "" {
		w.Origin = OriginCloud
	}
	var out []Issue
	if len(w.Steps) > MaxSteps {
		out = append(out, refusal("steps", fmt.Sprintf("Workflow steps limit exceeded. Maximum allowed steps is %d, but got %d steps.",
			MaxSteps, len(w.Steps))))
	}
	var payload any
	if w.PayloadSchema != nil {
		payload = w.PayloadSchema
		if !IsJSONSchema(payload) {
			out = append(out, refusal("payloadSchema", "payloadSchema must be a valid JSON schema"))
		}
	}
	for i, s := range w.Steps {
		out = append(out, r.Step(s, Scope{Origin: w.Origin, Variables: StepVariables(payload, w.Steps[:i], w.Env...)})...)
	}
	return out
}

func refusal(field, message string) Issue {
	return Issue{Field: field, Check: Request, Severity: Refusal, Message: message}
}
