// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TimeUnit is the unit of an amount of time. A month has 30 days.
//
// +kubebuilder:validation:Enum=Seconds;Minutes;Hours;Days;Weeks;Months
type TimeUnit string

// Values of TimeUnit.
const (
	TimeUnitSeconds TimeUnit = "Seconds"
	TimeUnitMinutes TimeUnit = "Minutes"
	TimeUnitHours   TimeUnit = "Hours"
	TimeUnitDays    TimeUnit = "Days"
	TimeUnitWeeks   TimeUnit = "Weeks"
	TimeUnitMonths  TimeUnit = "Months"
)

// DelayStep waits for an amount of time, until a time of day, or until a time in the payload.
//
// +kubebuilder:validation:XValidation:rule="[has(self.amount) || has(self.unit), has(self.cron), has(self.dynamicKey)].filter(x, x).size() == 1",message="a delay needs exactly one of amount with unit, cron, or dynamicKey"
// +kubebuilder:validation:XValidation:rule="has(self.amount) == has(self.unit)",message="amount and unit belong together, for example amount: 2 and unit: Days"
// +kubebuilder:validation:XValidation:rule="!has(self.amount) || !has(self.unit) || self.amount <= 15552000 && self.amount * {'Seconds': 1, 'Minutes': 60, 'Hours': 3600, 'Days': 86400, 'Weeks': 604800, 'Months': 2592000}[self.unit] <= 15552000",message="Novu waits at most 180 days: use a smaller amount"
type DelayStep struct {
	// amount of units to wait, 1 or more; at most 180 days.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	Amount int32 `json:"amount,omitempty"`

	// unit of amount: Seconds, Minutes, Hours, Days, Weeks or Months.
	//
	// +optional
	Unit TimeUnit `json:"unit,omitempty"`

	// cron is the time to wait for, in five fields: minute, hour, day of month, month, day of week, for example `0 9 * * 1-5`; or a
	// variable.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.contains('{{') || self.matches('^ *(@[a-z]+|[0-9a-zA-Z*/,?#-]+( +[0-9a-zA-Z*/,?#-]+){4,5}) *$')",message="cron needs five fields: minute, hour, day of month, month, day of week; for example '0 9 * * 1-5'"
	// +kubebuilder:validation:MinLength=1
	Cron string `json:"cron,omitempty"`

	// dynamicKey is the payload variable that holds the time or the duration, for example `payload.sendAt`.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	DynamicKey string `json:"dynamicKey,omitempty"`

	// extendToSchedule waits longer, until the subscriber's delivery schedule allows a message. Defaults to false.
	//
	// +optional
	ExtendToSchedule *bool `json:"extendToSchedule,omitempty"`
}

// DigestStep collects the triggers of an amount of time, or until a time of day, into one.
//
// +kubebuilder:validation:XValidation:rule="(has(self.amount) || has(self.unit)) != has(self.cron)",message="a digest needs either amount with unit, or cron"
// +kubebuilder:validation:XValidation:rule="has(self.amount) == has(self.unit)",message="amount and unit belong together, for example amount: 1 and unit: Hours"
// +kubebuilder:validation:XValidation:rule="!has(self.amount) || !has(self.unit) || self.amount <= 15552000 && self.amount * {'Seconds': 1, 'Minutes': 60, 'Hours': 3600, 'Days': 86400, 'Weeks': 604800, 'Months': 2592000}[self.unit] <= 15552000",message="Novu digests at most 180 days: use a smaller amount"
// +kubebuilder:validation:XValidation:rule="!has(self.lookBackWindow) || !has(self.cron)",message="lookBackWindow goes with amount and unit, not with cron"
type DigestStep struct {
	// amount of units to collect for, 1 or more; at most 180 days.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	Amount int32 `json:"amount,omitempty"`

	// unit of amount: Seconds, Minutes, Hours, Days, Weeks or Months.
	//
	// +optional
	Unit TimeUnit `json:"unit,omitempty"`

	// cron is the time to collect until, in five fields: minute, hour, day of month, month, day of week, for example
	// `0 9 * * 1-5`; or a variable.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.contains('{{') || self.matches('^ *(@[a-z]+|[0-9a-zA-Z*/,?#-]+( +[0-9a-zA-Z*/,?#-]+){4,5}) *$')",message="cron needs five fields: minute, hour, day of month, month, day of week; for example '0 9 * * 1-5'"
	// +kubebuilder:validation:MinLength=1
	Cron string `json:"cron,omitempty"`

	// digestKey is a payload variable, for example `payload.orderId`: triggers with different values are collected separately.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	DigestKey string `json:"digestKey,omitempty"`

	// lookBackWindow lets a trigger through at once, undigested, if none came in this time before it. It goes with amount and unit.
	//
	// +optional
	LookBackWindow *TimeWindow `json:"lookBackWindow,omitempty"`

	// extendToSchedule collects longer, until the subscriber's delivery schedule allows a message. Defaults to false.
	//
	// +optional
	ExtendToSchedule *bool `json:"extendToSchedule,omitempty"`
}

// TimeWindow is an amount of time.
type TimeWindow struct {
	// amount of units, 1 to 15,552,000.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=15552000
	Amount int32 `json:"amount,omitempty"`

	// unit of amount: Seconds, Minutes, Hours, Days, Weeks or Months.
	//
	// +required
	Unit TimeUnit `json:"unit,omitempty"`
}

// ThrottleUnit is the unit of the window of a throttle.
//
// +kubebuilder:validation:Enum=Minutes;Hours;Days
type ThrottleUnit string

// Values of ThrottleUnit.
const (
	ThrottleUnitMinutes ThrottleUnit = "Minutes"
	ThrottleUnitHours   ThrottleUnit = "Hours"
	ThrottleUnitDays    ThrottleUnit = "Days"
)

// ThrottleStep lets at most threshold triggers of a subscriber through in a window of time.
//
// +kubebuilder:validation:XValidation:rule="(has(self.amount) || has(self.unit)) != has(self.dynamicKey)",message="a throttle needs either amount with unit, or dynamicKey"
// +kubebuilder:validation:XValidation:rule="has(self.amount) == has(self.unit)",message="amount and unit belong together, for example amount: 1 and unit: Hours"
type ThrottleStep struct {
	// amount of units of the window, 1 to 15,552,000.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=15552000
	Amount int32 `json:"amount,omitempty"`

	// unit of amount: Minutes, Hours or Days.
	//
	// +optional
	Unit ThrottleUnit `json:"unit,omitempty"`

	// dynamicKey is the payload variable that holds the window, for example `payload.window`.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	DynamicKey string `json:"dynamicKey,omitempty"`

	// threshold is how many triggers the window lets through, 1 or more. Defaults to 1.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	Threshold int32 `json:"threshold,omitempty"`

	// throttleKey is a payload variable, for example `payload.orderId`: triggers with different values are counted separately.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	ThrottleKey string `json:"throttleKey,omitempty"`
}

// HTTPMethod is the method of an HTTP request.
//
// +kubebuilder:validation:Enum=GET;POST;PUT;DELETE;PATCH;HEAD;OPTIONS
type HTTPMethod string

// HTTPRequestStep calls an HTTP endpoint.
type HTTPRequestStep struct {
	// method of the request.
	//
	// +required
	Method HTTPMethod `json:"method,omitempty"`

	// url is an absolute http or https URL, or begins with a variable such as `{{payload.url}}`; at most 2048 characters.
	//
	// +required
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^(https?://[^/]|[{][{])')",message="url must be absolute, beginning with https:// or http://, or begin with a variable such as {{payload.url}}"
	// +kubebuilder:validation:MinLength=1
	URL string `json:"url,omitempty"`

	// headers of the request, at most 50.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Headers []HTTPPair `json:"headers,omitempty"`

	// body of the request as keys and values, at most 100.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	Body []HTTPPair `json:"body,omitempty"`

	// responseBodySchema is the JSON Schema of the response body, which later steps may use; at most 512 KiB.
	//
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	ResponseBodySchema *apiextensionsv1.JSON `json:"responseBodySchema,omitempty"`

	// enforceSchemaValidation fails the step when the response body does not match responseBodySchema. Defaults to false.
	//
	// +optional
	EnforceSchemaValidation *bool `json:"enforceSchemaValidation,omitempty"`

	// continueOnFailure goes on with the next step when the call fails. Defaults to false.
	//
	// +optional
	ContinueOnFailure *bool `json:"continueOnFailure,omitempty"`

	// timeout of the call, between 100ms and 30s, in whole milliseconds. Defaults to Novu's own.
	//
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}([.][0-9]{1,3})?(ms|s))+$') && duration(self) >= duration('100ms') && duration(self) <= duration('30s')",message="timeout must be between 100ms and 30s, for example 5s"
	Timeout *metav1.Duration `json:"timeout,omitempty"`
}

// HTTPPair is a key and its value.
type HTTPPair struct {
	// key of the pair.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Key string `json:"key,omitempty"`

	// value of the pair.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	Value string `json:"value,omitempty"`
}
