// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Types of conditions. Every kind has Ready; Reconciling and Stalled are present only while they are true, as kstatus,
// Flux and `kubectl wait` expect.
const (
	// ConditionReady is True when Novu holds what spec describes and does not complain about it.
	ConditionReady = "Ready"
	// ConditionReconciling is True while the operator is working towards spec or waiting for something.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when nothing will change until a user acts.
	ConditionStalled = "Stalled"
	// ConditionSynced is True when what spec describes was written to Novu.
	ConditionSynced = "Synced"
	// ConditionReferencesResolved is True when every object that spec names was found and may be used.
	ConditionReferencesResolved = "ReferencesResolved"
	// ConditionValid is False when Novu stored the definition and reports errors in it.
	ConditionValid = "Valid"
	// ConditionDrifted is True when the object was changed out of band in Novu and the drift policy leaves it so, or when that was
	// corrected and no poll has passed since without another change; at a promotion target, when what promotions brought there was
	// changed.
	ConditionDrifted = "Drifted"
	// ConditionPlanned is True when a Promotion has its plan.
	ConditionPlanned = "Planned"
	// ConditionGatesPassed is True when every gate of the target let the Promotion through.
	ConditionGatesPassed = "GatesPassed"
	// ConditionApproved is True when the plan has the approvals that the target asks for.
	ConditionApproved = "Approved"
	// ConditionVerified is True when the target was read back and holds what the plan foresees.
	ConditionVerified = "Verified"
	// ConditionProtected is True at a promotion target when the admission policies are installed that say who may promote,
	// approve, roll back and resume.
	ConditionProtected = "Protected"
	// ConditionFrozen is True at a promotion target while a freeze is in force that its spec does not state: an earlier Environment
	// of its name was deleted under it.
	ConditionFrozen = "Frozen"
)

// Reasons of conditions. The reference documentation is generated from these comments.
const (
	// ReasonProgressing: the operator is working on the object.
	ReasonProgressing = "Progressing"
	// ReasonSynced: Novu holds what spec describes.
	ReasonSynced = "Synced"
	// ReasonResolved: every object that spec names was found.
	ReasonResolved = "Resolved"
	// ReasonValid: Novu reports no errors in the definition.
	ReasonValid = "Valid"
	// ReasonConnected: the key works and its environment is known.
	ReasonConnected = "Connected"
	// ReasonSuspended: spec.suspend is true, and nothing is sent to Novu; set it to false to go on.
	ReasonSuspended = "Suspended"
	// ReasonDryRun: the operator runs with --dry-run; what it would write is in status.
	ReasonDryRun = "DryRun"

	// ReasonEnvironmentNotFound: create the Environment that environmentRef names.
	ReasonEnvironmentNotFound = "EnvironmentNotFound"
	// ReasonEnvironmentNotReady: see the conditions of the Environment.
	ReasonEnvironmentNotReady = "EnvironmentNotReady"
	// ReasonEnvironmentReadOnly: the Environment is a promotion target; write to its source and create a Promotion.
	ReasonEnvironmentReadOnly = "EnvironmentReadOnly"
	// ReasonEnvironmentSuspended: the Environment is suspended; set its spec.suspend to false to go on.
	ReasonEnvironmentSuspended = "EnvironmentSuspended"
	// ReasonNamespaceNotAllowed: the Environment does not allow references from the namespace of the object; extend its
	// spec.allowedNamespaces.
	ReasonNamespaceNotAllowed = "NamespaceNotAllowed"
	// ReasonSecretNotFound: create the Secret.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonSecretKeyMissing: add the key to the Secret.
	ReasonSecretKeyMissing = "SecretKeyMissing"
	// ReasonConfigMapNotFound: create the ConfigMap.
	ReasonConfigMapNotFound = "ConfigMapNotFound"
	// ReasonConfigMapKeyMissing: add the key to the ConfigMap.
	ReasonConfigMapKeyMissing = "ConfigMapKeyMissing"
	// ReasonNotText: a value of a ConfigMap or Secret is not UTF-8 text; store the text itself.
	ReasonNotText = "NotText"
	// ReasonLayoutNotFound: create the Layout, or correct the layout's name.
	ReasonLayoutNotFound = "LayoutNotFound"
	// ReasonDefaultLayoutFirst: Novu makes the first layout of an environment its default for good, so this Layout waits for the one
	// with spec.default true; see the conditions of that one, or set spec.default on one.
	ReasonDefaultLayoutFirst = "DefaultLayoutFirst"
	// ReasonDefaultLayoutFixed: Novu has another default layout than spec.default says, and no way to change that; correct spec.default.
	ReasonDefaultLayoutFixed = "DefaultLayoutFixed"
	// ReasonLayoutNotReady: the Layout has not reached Novu yet; see its conditions.
	ReasonLayoutNotReady = "LayoutNotReady"

	// ReasonInvalidSpec: correct spec as the message says.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonInvalidCABundle: caBundle, or what caBundleRef names, holds no PEM certificate; correct it.
	ReasonInvalidCABundle = "InvalidCABundle"
	// ReasonWrongEnvironment: the key belongs to another Novu environment than spec names; correct the Secret or spec.
	ReasonWrongEnvironment = "WrongEnvironment"
	// ReasonEnvironmentChanged: the key now belongs to another Novu environment than before, and nothing is written; correct the
	// Secret, or set spec.environmentID of the Environment if the change is intended.
	ReasonEnvironmentChanged = "EnvironmentChanged"
	// ReasonUnauthorized: Novu does not know the key (401); correct the Secret.
	ReasonUnauthorized = "Unauthorized"
	// ReasonPaymentRequired: the Novu plan does not include this (402); upgrade it, or do without.
	ReasonPaymentRequired = "PaymentRequired"
	// ReasonForbidden: Novu does not let this key do this (403); use a key that may.
	ReasonForbidden = "Forbidden"
	// ReasonRejected: Novu refused the definition (400, 409, 422); correct what the message names.
	ReasonRejected = "Rejected"
	// ReasonPayloadTooLarge: the definition is too large for Novu (413); make it smaller.
	ReasonPayloadTooLarge = "PayloadTooLarge"
	// ReasonLimitExceeded: the Novu environment holds as many as it may; delete some or raise the limit.
	ReasonLimitExceeded = "LimitExceeded"
	// ReasonRateLimited: Novu asked to wait (429); it goes on by itself.
	ReasonRateLimited = "RateLimited"
	// ReasonNovuUnavailable: Novu answered with a server error (5xx); it is tried again.
	ReasonNovuUnavailable = "NovuUnavailable"
	// ReasonConnectionFailed: Novu could not be reached; it is tried again.
	ReasonConnectionFailed = "ConnectionFailed"
	// ReasonWritesUnanswered: Novu answers reads and no writes; check Novu's API and its database. One write is tried now
	// and then; the others go on when it is answered.
	ReasonWritesUnanswered = "WritesUnanswered"
	// ReasonAnswerTooLarge: Novu, or what answers in its place, sends more than the operator reads; delete what is not needed
	// in Novu, or check apiURL.
	ReasonAnswerTooLarge = "AnswerTooLarge"
	// ReasonUnexpectedResponse: the answer was not Novu's; check apiURL.
	ReasonUnexpectedResponse = "UnexpectedResponse"
	// ReasonNotFound: Novu has no such route or object; check apiURL and the version of Novu.
	ReasonNotFound = "NotFound"
	// ReasonIssuesReported: Novu stored the definition and reports errors in it; correct spec.
	ReasonIssuesReported = "IssuesReported"
	// ReasonCodeFirst: a code-first workflow of this id exists in Novu; use another workflowID or remove it from the code.
	ReasonCodeFirst = "CodeFirst"
	// ReasonAdoptionRefused: Novu already holds an object of this id and adoptionPolicy is Refuse; set it to Adopt, or use another id.
	ReasonAdoptionRefused = "AdoptionRefused"
	// ReasonConflict: an older object claims the same in the same Novu environment; delete or change one of the two.
	ReasonConflict = "Conflict"
	// ReasonSuffixed: Novu stored a new workflow under another id; status.strays names it until it is deleted.
	ReasonSuffixed = "Suffixed"
	// ReasonDuplicated: Novu holds several objects of this id, so that it is not known which one a write would reach; delete
	// all but one in Novu.
	ReasonDuplicated = "Duplicated"
	// ReasonNotConverging: the same difference came back after three writes; stop the other writer, or set driftPolicy to Detect or
	// Ignore.
	ReasonNotConverging = "NotConverging"
	// ReasonDriftDetected: the object was changed out of band in Novu, and driftPolicy leaves it so; the message names the change.
	ReasonDriftDetected = "DriftDetected"
	// ReasonDriftIgnored: driftPolicy is Ignore; out-of-band changes in Novu are not reported.
	ReasonDriftIgnored = "DriftIgnored"
	// ReasonDeletedInNovu: the object was deleted in Novu and the drift policy leaves it so; set driftPolicy to Correct, or
	// change spec, and it is made again.
	ReasonDeletedInNovu = "DeletedInNovu"
	// ReasonNoDrift: the object in Novu is as it was written.
	ReasonNoDrift = "NoDrift"
	// ReasonDriftCorrected: the object was changed out of band in Novu and was written again. It stays until a poll finds
	// no further change: if it does not go, another operator or a script writes to the same Novu environment; stop one of them.
	ReasonDriftCorrected = "DriftCorrected"
	// ReasonReassessed: Novu reported errors in what was promoted, and the same was written once more, so that Novu checks it again:
	// it does so at writes only, and the cause may be gone.
	ReasonReassessed = "Reassessed"
	// ReasonDeletionBlocked: the object in Novu cannot be deleted; see the message, or set the force-detach annotation.
	ReasonDeletionBlocked = "DeletionBlocked"
	// ReasonLeftInNovu: an object was let go because its namespace is being deleted, although what it describes could not be
	// deleted in Novu; delete it there by hand. Such events are about the namespace and lie in the namespace default. Or an
	// object was deleted before the operator could put its finalizer on it; such events are about the Environment.
	ReasonLeftInNovu = "LeftInNovu"
	// ReasonTakenOver: an object was deleted, and what Novu holds stays, because this object describes it, too.
	ReasonTakenOver = "TakenOver"
	// ReasonLayoutInUse: a layout is not deleted, because Novu would remove it silently from the workflows that the message names;
	// have them use another one, or set the annotation novu-operator.dev/force-delete.
	ReasonLayoutInUse = "LayoutInUse"
	// ReasonInUse: the Environment is being deleted, and objects with deletionPolicy Delete still need it; delete them too, or set
	// their policy to Retain.
	ReasonInUse = "InUse"

	// ReasonNotAPromotionTarget: the Environment that targetRef names has no spec.promotionPolicy; set it, or name another one in a
	// new Promotion.
	ReasonNotAPromotionTarget = "NotAPromotionTarget"
	// ReasonQueued: another Promotion into the same Environment comes first.
	ReasonQueued = "Queued"
	// ReasonNothingSelected: no object of the source matches; create one, or select others in a new Promotion.
	ReasonNothingSelected = "NothingSelected"
	// ReasonItemsNotReady: Workflows or Layouts that are to be promoted have not reached Novu yet; it goes on when they have.
	ReasonItemsNotReady = "ItemsNotReady"
	// ReasonItemsRefused: the plan has items that cannot be promoted; see their messages.
	ReasonItemsRefused = "ItemsRefused"
	// ReasonItemsFailed: items could not be written; see their messages.
	ReasonItemsFailed = "ItemsFailed"
	// ReasonPlanned: the plan is made.
	ReasonPlanned = "Planned"
	// ReasonDryRunCompleted: the plan is made and nothing is written, as spec.dryRun asks.
	ReasonDryRunCompleted = "DryRunCompleted"
	// ReasonBegun: all gates are open and all approvals are given, and the Promotion begins to write to the target.
	ReasonBegun = "Begun"
	// ReasonItemFailed: an item could not be written, and what the target held before is restored.
	ReasonItemFailed = "ItemFailed"
	// ReasonPromoted: the target holds what the plan foresees.
	ReasonPromoted = "Promoted"
	// ReasonPromotedInPart: the target holds what the plan foresees, and items that cannot be promoted were left out, as
	// `spec.unfitItems` asks; the message names them. Fix what their messages in `status.plan.items` say and promote them again.
	ReasonPromotedInPart = "PromotedInPart"
	// ReasonRolledBack: the target holds again what it held before.
	ReasonRolledBack = "RolledBack"

	// ReasonGatesPassed: every gate is open.
	ReasonGatesPassed = "GatesPassed"
	// ReasonOrder: an Environment of spec.promotionPolicy.afterRefs does not hold the same revision yet.
	ReasonOrder = "Order"
	// ReasonSoaking: the revision has not been live for as long as spec.promotionPolicy.soak asks.
	ReasonSoaking = "Soaking"
	// ReasonWindowClosed: no Allow window is open, or a Deny window is.
	ReasonWindowClosed = "WindowClosed"
	// ReasonFrozen: the target is frozen; see spec.promotionPolicy.freeze.
	ReasonFrozen = "Frozen"
	// ReasonFreezeKept: the Environment was deleted while it was frozen and created again without its freeze; it stays frozen until
	// the freeze is over, or a user with the verb resume sets the annotation that the message names.
	ReasonFreezeKept = "FreezeKept"
	// ReasonFreezeLifted: a freeze that outlasted its Environment was lifted, or is over.
	ReasonFreezeLifted = "FreezeLifted"
	// ReasonGateClosed: an expression of spec.promotionPolicy.gates is false, or a condition that it waits for is not True.
	ReasonGateClosed = "GateClosed"
	// ReasonGateFailed: an expression of spec.promotionPolicy.gates cannot be evaluated; see the message.
	ReasonGateFailed = "GateFailed"
	// ReasonPromotionMade: an Environment with spec.promotionPolicy.automatic differs from its source, and a Promotion was made.
	ReasonPromotionMade = "PromotionMade"
	// ReasonResumed: the hold that a rollback has set was lifted; automatic promotion goes on.
	ReasonResumed = "Resumed"
	// ReasonHeld: a rollback has stopped automatic promotion; set the annotation novu-operator.dev/resume that the message names.
	ReasonHeld = "Held"

	// ReasonApprovalsMissing: the plan needs more approvals; add its status.plan.hash to spec.approvals.
	ReasonApprovalsMissing = "ApprovalsMissing"
	// ReasonApproved: the plan has the approvals it needs.
	ReasonApproved = "Approved"
	// ReasonNotRequired: the target asks for no approvals.
	ReasonNotRequired = "NotRequired"

	// ReasonVerified: the target was read back and holds what the plan foresees.
	ReasonVerified = "Verified"
	// ReasonNotVerified: the target was not read back yet.
	ReasonNotVerified = "NotVerified"
	// ReasonAborted: spec.abort was set; what was written until then stays.
	ReasonAborted = "Aborted"
	// ReasonSuperseded: a newer automatic Promotion takes its place.
	ReasonSuperseded = "Superseded"
	// ReasonTimedOut: it took longer than spec.promotionPolicy.timeout of the target; what was written stays. Create a new Promotion.
	ReasonTimedOut = "TimedOut"
	// ReasonNothingRecorded: there is no record of what the target held; promote pinned revisions instead.
	ReasonNothingRecorded = "NothingRecorded"
	// ReasonOvertaken: a Promotion has written to the target since this rollback was created; create a new rollback if it is
	// still wanted.
	ReasonOvertaken = "Overtaken"
	// ReasonInterrupted: the attempt was under way when it was deleted, or when the backup was made that it comes from; nothing
	// more is written. Create a Promotion with another name.
	ReasonInterrupted = "Interrupted"
	// ReasonPlanTooLarge: the plan, or what it changes, is too large for one Promotion; use several with selectors.
	ReasonPlanTooLarge = "PlanTooLarge"
	// ReasonPoliciesInstalled: the admission policies are installed.
	ReasonPoliciesInstalled = "PoliciesInstalled"
	// ReasonPoliciesMissing: the admission policies are missing, and whoever may create Promotions may do all; install them.
	ReasonPoliciesMissing = "PoliciesMissing"
	// ReasonPoliciesUnknown: the operator may not list the admission policies; extend its role.
	ReasonPoliciesUnknown = "PoliciesUnknown"
)
