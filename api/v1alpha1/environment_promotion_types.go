// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// PromotionStrategy is how a workflow gets from the source environment into the target.
//
// +kubebuilder:validation:Enum=Sync;Apply
type PromotionStrategy string

// Values of PromotionStrategy.
const (
	// PromotionStrategySync calls Novu's own sync route with the key of the source environment.
	PromotionStrategySync PromotionStrategy = "Sync"
	// PromotionStrategyApply writes the definition with the key of the target environment.
	PromotionStrategyApply PromotionStrategy = "Apply"
)

// PromotionPolicy is where promotions into this environment come from, what must hold before one begins, and how it is carried
// out.
type PromotionPolicy struct {
	// sourceRef names the Environment that is promoted from, in the same namespace unless it names another.
	//
	// +required
	SourceRef EnvironmentReference `json:"sourceRef,omitempty,omitzero"`

	// strategy is `Sync`, which calls Novu's own sync route, or `Apply`, which writes the definition with the key of the target.
	// Defaults to Sync if both keys belong to one organization of one Novu installation that offers it, else to Apply.
	//
	// +optional
	Strategy PromotionStrategy `json:"strategy,omitempty"`

	// afterRefs names the Environments that must hold the same revision of an item before it is promoted into this one, for
	// example Staging before Production; at most 8. Defaults to none.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	AfterRefs []EnvironmentReference `json:"afterRefs,omitempty"`

	// soak is how long the revision of every item must have been live, in each Environment of afterRefs or, without afterRefs, in
	// the source, before it is promoted into this one. It is a duration of at most 8760h, for example `24h`. Defaults to 0s:
	// promotions do not wait.
	//
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}([.][0-9]{1,9})?(ms|s|m|h))+$') && duration(self) <= duration('8760h')",message="soak is a duration of at most 8760h, for example 24h"
	Soak *metav1.Duration `json:"soak,omitempty"`

	// windows say when promotions may begin. If there are Allow windows, one of them must be open; no Deny window may be open. At
	// most 16. Defaults to none: promotions may begin at any time.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Windows []PromotionWindow `json:"windows,omitempty"`

	// freeze keeps promotions into this environment, except rollbacks, from beginning until it is removed or over. Those that have
	// begun go on.
	//
	// +optional
	Freeze *PromotionFreeze `json:"freeze,omitempty"`

	// approvals that a plan needs before anything is written. Defaults to none.
	//
	// +optional
	Approvals *PromotionApprovals `json:"approvals,omitempty"`

	// gates are conditions of your own that must hold before a promotion, except a rollback, begins; at most 16.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Gates []PromotionGate `json:"gates,omitempty"`

	// missingIntegrations is what becomes of a workflow that uses a channel for which the target has no integration that
	// delivers: `Warn` promotes it and reports that, `Block` refuses the plan. Defaults to Warn.
	//
	// +optional
	MissingIntegrations MissingIntegrationsPolicy `json:"missingIntegrations,omitempty"`

	// onFailure is what happens when an item cannot be written: `Stop` leaves what was written until then, `Rollback` restores what
	// the target held before. Defaults to Stop.
	//
	// +optional
	OnFailure FailurePolicy `json:"onFailure,omitempty"`

	// driftPolicy is what happens when what promotions brought here is changed in Novu: `Detect` reports it, `Correct` writes
	// the promoted revision again, `Ignore` does not compare. `Correct` also writes a workflow once more that Novu reports errors
	// in although it is as it was promoted, when their cause may be gone. Defaults to Detect.
	//
	// +optional
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// automatic has the operator create a Promotion whenever the source holds something that this environment does not. Gates and
	// approvals apply to it as to any other. Defaults to none: only users create Promotions.
	//
	// +optional
	Automatic *AutomaticPromotion `json:"automatic,omitempty"`

	// historyLimit is how many promotions are recorded, so that users can roll back to them, and how many finished Promotions that
	// automatic has created are kept, 1 to 100. Defaults to 10.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	HistoryLimit *int32 `json:"historyLimit,omitempty"`

	// timeout is how long a promotion may take after it has begun to write, 1m to 24h. One that takes longer ends as Failed, so
	// that it does not block those behind it. Defaults to 1h.
	//
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}([.][0-9]{1,9})?(ms|s|m|h))+$') && duration(self) >= duration('1m') && duration(self) <= duration('24h')",message="timeout must be between 1m and 24h, for example 1h"
	Timeout *metav1.Duration `json:"timeout,omitempty"`
}

// MissingIntegrationsPolicy is what to do when the target cannot deliver through a channel.
//
// +kubebuilder:validation:Enum=Warn;Block
type MissingIntegrationsPolicy string

// Values of MissingIntegrationsPolicy.
const (
	MissingIntegrationsWarn  MissingIntegrationsPolicy = "Warn"
	MissingIntegrationsBlock MissingIntegrationsPolicy = "Block"
)

// FailurePolicy is what to do when an item of a promotion fails.
//
// +kubebuilder:validation:Enum=Stop;Rollback
type FailurePolicy string

// Values of FailurePolicy.
const (
	FailurePolicyStop     FailurePolicy = "Stop"
	FailurePolicyRollback FailurePolicy = "Rollback"
)

// WindowKind is what a window does.
//
// +kubebuilder:validation:Enum=Allow;Deny
type WindowKind string

// Values of WindowKind.
const (
	WindowAllow WindowKind = "Allow"
	WindowDeny  WindowKind = "Deny"
)

// PromotionWindow is a recurring time.
type PromotionWindow struct {
	// kind is `Allow` for a time in which promotions may begin, or `Deny` for one in which they may not.
	//
	// +required
	Kind WindowKind `json:"kind,omitempty"`

	// schedule is when the window opens, as five cron fields: minute, hour, day of month, month, day of week. For example
	// `0 9 * * MON-THU`.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^ ]+( +[^ ]+){4}$')",message="schedule has five fields, minute, hour, day of month, month and day of week, for example 0 9 * * MON-THU"
	Schedule string `json:"schedule,omitempty"`

	// duration is how long the window stays open, 1m to 744h, for example `8h`.
	//
	// +required
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}([.][0-9]{1,9})?(ms|s|m|h))+$') && duration(self) >= duration('1m') && duration(self) <= duration('744h')",message="duration must be between 1m and 744h, for example 8h"
	Duration metav1.Duration `json:"duration,omitempty,omitzero"`

	// timeZone of the schedule, by its IANA name, for example `Europe/Berlin`. Defaults to UTC.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z][A-Za-z0-9_+/-]*$') && self != 'Local'",message="timeZone is the IANA name of a time zone, for example Europe/Berlin or UTC"
	TimeZone string `json:"timeZone,omitempty"`
}

// PromotionFreeze stops promotions.
type PromotionFreeze struct {
	// reason is shown to users whose promotions wait, at most 256 characters.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Reason string `json:"reason,omitempty"`

	// endTime is when the freeze ends by itself, with its time zone, for example `2026-12-01T08:00:00Z`. Without it the freeze lasts
	// until it is removed.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self > timestamp('2000-01-01T00:00:00Z')",message="endTime is a time with its time zone, for example 2026-12-01T08:00:00Z"
	EndTime *metav1.Time `json:"endTime,omitempty"`
}

// KeptFreeze is a freeze that outlasts the Environment that stated it.
type KeptFreeze struct {
	// reason is shown to users whose promotions wait.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`

	// endTime is when the freeze ends by itself. Without it the freeze lasts until it is lifted.
	//
	// +optional
	EndTime *metav1.Time `json:"endTime,omitempty"`

	// foundTime is when the operator found that the Environment had been created again without the freeze.
	//
	// +required
	FoundTime metav1.Time `json:"foundTime,omitempty,omitzero"`
}

// PromotionApprovals is who must consent to a plan.
type PromotionApprovals struct {
	// required is the number of users who must approve a plan, 1 to 16.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=16
	Required int32 `json:"required,omitempty"`

	// users whose approvals count, at most 64. Defaults to all users who hold the verb `approve` on this Environment.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	Users []string `json:"users,omitempty"`

	// requesterApproval is what becomes of an approval by the user whom the Promotion's requestedBy names: `Allow` counts
	// it; `Deny` does not, and counts no approval at all of a Promotion without requestedBy. Defaults to Allow.
	//
	// +optional
	RequesterApproval RequesterApprovalPolicy `json:"requesterApproval,omitempty"`

	// rollbacks makes rollbacks need the approvals, too. Without it a rollback needs none: the verb `rollback` decides who may
	// roll back. A freeze, windows and other gates never hold up a rollback. Defaults to false.
	//
	// +optional
	Rollbacks *bool `json:"rollbacks,omitempty"`

	// expireAfter is how long an approval counts as long as the promotion has not begun, 1m to 8760h, for example `72h`. Defaults to
	// no limit.
	//
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}([.][0-9]{1,9})?(ms|s|m|h))+$') && duration(self) >= duration('1m') && duration(self) <= duration('8760h')",message="expireAfter must be between 1m and 8760h, for example 72h"
	ExpireAfter *metav1.Duration `json:"expireAfter,omitempty"`
}

// RequesterApprovalPolicy is what becomes of an approval by the user who asked for the Promotion.
//
// +kubebuilder:validation:Enum=Allow;Deny
type RequesterApprovalPolicy string

// Values of RequesterApprovalPolicy.
const (
	RequesterApprovalAllow RequesterApprovalPolicy = "Allow"
	RequesterApprovalDeny  RequesterApprovalPolicy = "Deny"
)

// PromotionGate is a condition of your own: an expression over objects in the cluster, or a condition of the Promotion that
// a third party sets.
//
// +kubebuilder:validation:XValidation:rule="has(self.expression) != has(self.conditionType)",message="set either expression, with the objects that it is about, or conditionType"
// +kubebuilder:validation:XValidation:rule="!has(self.conditionType) || !has(self.objects)",message="objects belong to an expression: remove them or conditionType"
type PromotionGate struct {
	// name of the gate, as status shows it.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="!format.dns1123Label().validate(self).hasValue() && !(self in ['order', 'soak', 'window', 'freeze', 'source', 'approvals'])",message="name is made of lower case letters, digits and '-', and not one of order, soak, window, freeze, source and approvals"
	Name string `json:"name,omitempty"`

	// objects that the expression reads, at most 8. The operator must be allowed to get them; see the chart's value `gates.rules`.
	//
	// +optional
	// +listType=map
	// +listMapKey=as
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Objects []GateObject `json:"objects,omitempty"`

	// expression in CEL that is true when promotions may begin, at most 4096 characters. Its variables are `objects`, in which an
	// object that does not exist is absent (`has(objects.api)`), `promotion` and `environment`. It is evaluated again every
	// 30 seconds while it is false.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Expression string `json:"expression,omitempty"`

	// message is shown to users whose promotions wait while the expression is false, at most 256 characters. Defaults to a text
	// with the expression.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Message string `json:"message,omitempty"`

	// conditionType is the type of a condition that a third party sets to True in the status of the Promotion, for example
	// `load-test.example.com/Passed`. The condition's message must begin with the plan that was judged, as `plan ` and the whole
	// status.plan.hash; for another plan it does not count.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=316
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?$')",message="conditionType has a domain of yours in front, for example load-test.example.com/Passed, so that it is not taken for one of the operator's own"
	ConditionType string `json:"conditionType,omitempty"`
}

// GateObject names one object in the cluster.
type GateObject struct {
	// as is the name of the object in the expression: `objects.<as>`.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z][A-Za-z0-9_]*$')",message="as begins with a small letter and is made of letters, digits and '_'"
	As string `json:"as,omitempty"`

	// apiVersion of the object, for example `apps/v1`.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=316
	APIVersion string `json:"apiVersion,omitempty"`

	// kind of the object, for example `Deployment`. Secrets cannot be read.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.lowerAscii() != 'secret'",message="a gate cannot read Secrets: publish what it needs to know in another object"
	Kind string `json:"kind,omitempty"`

	// namespace of the object. Defaults to that of the Environment. Leave it out for cluster-scoped kinds. ConfigMaps,
	// ControllerRevisions and the operator's own kinds can only be read in the namespace of the Environment.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// name of the object.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// SupersedePolicy is what becomes of an automatic Promotion that has not begun when the source changes again.
//
// +kubebuilder:validation:Enum=Queue;Replace
type SupersedePolicy string

// Values of SupersedePolicy.
const (
	SupersedeQueue   SupersedePolicy = "Queue"
	SupersedeReplace SupersedePolicy = "Replace"
)

// AutomaticPromotion is how an environment follows its source.
type AutomaticPromotion struct {
	// selector selects the Workflow and Layout objects whose labels match. Defaults to all.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn', 'Exists', 'DoesNotExist'])",message="operator is In, NotIn, Exists or DoesNotExist"
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, (e.operator in ['In', 'NotIn']) == (has(e.values) && e.values.size() > 0))",message="operators In and NotIn need values; Exists and DoesNotExist take none"
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// supersede is what happens to a Promotion that has not begun when the next one is created: `Replace` ends it, `Queue` carries
	// out each, one after the other, with the revisions that it was created for. Defaults to Replace.
	//
	// +optional
	Supersede SupersedePolicy `json:"supersede,omitempty"`

	// prune deletes from the target what earlier Promotions brought there and the source no longer describes. Defaults to false.
	//
	// +optional
	Prune *bool `json:"prune,omitempty"`

	// unfitItems of the Promotions that are created: `Refuse` promotes nothing until all items can be promoted, `LeaveOut`
	// promotes the others. What was left out is tried again when it, or the target, has changed. Defaults to Refuse.
	//
	// +optional
	UnfitItems UnfitItemsPolicy `json:"unfitItems,omitempty"`
}

// PromotionHold stops automatic promotion into a target.
type PromotionHold struct {
	// promotionRef names the rollback that set the hold.
	//
	// +required
	PromotionRef PromotionReference `json:"promotionRef,omitempty,omitzero"`

	// uid of that Promotion. To lift the hold, set the annotation novu-operator.dev/resume of the Environment to this value; it
	// lifts no other hold.
	//
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	UID types.UID `json:"uid,omitempty"`

	// startTime is when the rollback set the hold.
	//
	// +required
	StartTime metav1.Time `json:"startTime,omitempty,omitzero"`

	// reason is what the rollback went back to, for users.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Reason string `json:"reason,omitempty"`
}
