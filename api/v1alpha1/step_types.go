// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

// StepType is the discriminator of a step: InApp, Email, SMS, Chat, Push, Tool, Delay, Digest, Throttle, HTTPRequest, or a
// type that this version of the CRD does not know, in Novu's spelling.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
type StepType string

// Step types that Novu spells otherwise. Each but Tool has a block.
const (
	StepTypeInApp       StepType = "InApp"
	StepTypeEmail       StepType = "Email"
	StepTypeSMS         StepType = "SMS"
	StepTypeChat        StepType = "Chat"
	StepTypePush        StepType = "Push"
	StepTypeTool        StepType = "Tool"
	StepTypeDelay       StepType = "Delay"
	StepTypeDigest      StepType = "Digest"
	StepTypeThrottle    StepType = "Throttle"
	StepTypeHTTPRequest StepType = "HTTPRequest"
)

// WorkflowStep is one step of a workflow: a union of the blocks below, told apart by type.
//
// +kubebuilder:validation:XValidation:rule="!has(self.inApp) || self.type == 'InApp'",message="the block inApp belongs to type InApp only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.email) || self.type == 'Email'",message="the block email belongs to type Email only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.sms) || self.type == 'SMS'",message="the block sms belongs to type SMS only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.chat) || self.type == 'Chat'",message="the block chat belongs to type Chat only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.push) || self.type == 'Push'",message="the block push belongs to type Push only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.delay) || self.type == 'Delay'",message="the block delay belongs to type Delay only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.digest) || self.type == 'Digest'",message="the block digest belongs to type Digest only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.throttle) || self.type == 'Throttle'",message="the block throttle belongs to type Throttle only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.httpRequest) || self.type == 'HTTPRequest'",message="the block httpRequest belongs to type HTTPRequest only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="has(self.inApp) || has(self.email) || has(self.sms) || has(self.chat) || has(self.push) || has(self.delay) || has(self.digest) || has(self.throttle) || has(self.httpRequest) || (has(self.controls) && (dyn(self.controls).size() > 0 || !(self.type in ['InApp', 'Email', 'SMS', 'Chat', 'Push', 'Delay', 'Digest', 'Throttle', 'HTTPRequest'])))",message="a step needs the block that is named like its type, or controls; controls of a type that has a block cannot be empty"
type WorkflowStep struct {
	// stepID names the step within the workflow. Later steps refer to it, as in `steps.<stepID>.seen`.
	//
	// +required
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9]+([-_.][a-zA-Z0-9]+)*$')",message="stepID must be letters and digits, joined by single '-', '_' or '.'"
	// +kubebuilder:validation:MinLength=1
	StepID string `json:"stepID,omitempty"`

	// name that people see in Novu, at most 128 characters. Defaults to stepID.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name,omitempty"`

	// type of the step: InApp, Email, SMS, Chat, Push, Delay, Digest, Throttle or HTTPRequest, each with the block of
	// that name; or Tool, or another of Novu's types in Novu's spelling, with its values in controls.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self in ['InApp', 'Email', 'SMS', 'Chat', 'Push', 'Tool', 'Delay', 'Digest', 'Throttle', 'HTTPRequest'] || self.matches('^[a-z][a-z0-9_]*$')",message="type is InApp, Email, SMS, Chat, Push, Tool, Delay, Digest, Throttle or HTTPRequest, or one of Novu's other step types in Novu's spelling"
	// +kubebuilder:validation:XValidation:rule="!(self in ['in_app', 'inapp', 'email', 'sms', 'chat', 'push', 'tool', 'delay', 'digest', 'throttle', 'http_request', 'httprequest', 'trigger'])",message="write InApp for Novu's in_app, HTTPRequest for http_request, Email for email, and so on; a trigger is not a step"
	Type StepType `json:"type,omitempty"`

	// inApp is a message in the Inbox.
	//
	// +optional
	InApp *InAppStep `json:"inApp,omitempty"`

	// email is an e-mail.
	//
	// +optional
	Email *EmailStep `json:"email,omitempty"`

	// sms is a text message.
	//
	// +optional
	SMS *BodyStep `json:"sms,omitempty"`

	// chat is a message in a chat such as Slack.
	//
	// +optional
	Chat *BodyStep `json:"chat,omitempty"`

	// push is a push notification.
	//
	// +optional
	Push *PushStep `json:"push,omitempty"`

	// delay waits.
	//
	// +optional
	Delay *DelayStep `json:"delay,omitempty"`

	// digest collects several triggers into one.
	//
	// +optional
	Digest *DigestStep `json:"digest,omitempty"`

	// throttle keeps a subscriber from getting too many notifications.
	//
	// +optional
	Throttle *ThrottleStep `json:"throttle,omitempty"`

	// httpRequest calls an HTTP endpoint.
	//
	// +optional
	HTTPRequest *HTTPRequestStep `json:"httpRequest,omitempty"`

	// skip is the step's condition as a JSON Logic rule, in Novu's own form. Despite its name, Novu runs the step when the
	// rule is true and leaves it out when the rule is false; without a rule, or with an empty one, the step always runs.
	// A variable that is missing or null compares like the number 0: it equals null, 0, false and the empty string, and
	// differs from everything else. So `{"==": [{"var": "payload.urgent"}, true]}` runs the step for urgent ones only, and
	// `{"!=": [{"var": "payload.urgent"}, true]}` runs it also when urgent is missing.
	//
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Skip *apiextensionsv1.JSON `json:"skip,omitempty"`

	// controls are further control values in Novu's own form, at most 512 KiB, for keys that the block does not have and for types
	// that have no block. A key that is also set in the block is refused.
	//
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Controls *apiextensionsv1.JSON `json:"controls,omitempty"`
}

// InAppStep is a message in the Inbox.
//
// +kubebuilder:validation:XValidation:rule="has(self.subject) || has(self.body) || has(self.bodyFrom)",message="an InApp step needs a subject or a body"
// +kubebuilder:validation:XValidation:rule="!(has(self.body) && has(self.bodyFrom))",message="set either body or bodyFrom"
type InAppStep struct {
	// subject line, at most 4096 characters. A message needs a subject or a body.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Subject string `json:"subject,omitempty"`

	// body text, at most 131,072 characters. Set it or bodyFrom.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=131072
	Body string `json:"body,omitempty"`

	// bodyFrom takes the body from a ConfigMap instead.
	//
	// +optional
	BodyFrom *BodySource `json:"bodyFrom,omitempty"`

	// avatar is a picture beside the message: its URL, its path, or a variable. Defaults to none.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Avatar string `json:"avatar,omitempty"`

	// primaryAction is the first button.
	//
	// +optional
	PrimaryAction *InAppAction `json:"primaryAction,omitempty"`

	// secondaryAction is the second button.
	//
	// +optional
	SecondaryAction *InAppAction `json:"secondaryAction,omitempty"`

	// redirect is where a click on the message leads. Defaults to nowhere.
	//
	// +optional
	Redirect *Redirect `json:"redirect,omitempty"`

	// data is passed to the Inbox component as it is, at most 512 KiB.
	//
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Data *apiextensionsv1.JSON `json:"data,omitempty"`

	// disableOutputSanitization leaves HTML in the message as it is. Defaults to Novu's own, which is to sanitise it.
	//
	// +optional
	DisableOutputSanitization *bool `json:"disableOutputSanitization,omitempty"`
}

// InAppAction is a button of an Inbox message.
type InAppAction struct {
	// label of the button.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Label string `json:"label,omitempty"`

	// redirect is where the button leads.
	//
	// +optional
	Redirect *Redirect `json:"redirect,omitempty"`
}

// RedirectTarget is the window that a link opens in, as in HTML: Self, Blank, Parent, Top or UnfencedTop.
//
// +kubebuilder:validation:Enum=Self;Blank;Parent;Top;UnfencedTop
type RedirectTarget string

// Values of RedirectTarget.
const (
	RedirectTargetSelf        RedirectTarget = "Self"
	RedirectTargetBlank       RedirectTarget = "Blank"
	RedirectTargetParent      RedirectTarget = "Parent"
	RedirectTargetTop         RedirectTarget = "Top"
	RedirectTargetUnfencedTop RedirectTarget = "UnfencedTop"
)

// Redirect is a link.
type Redirect struct {
	// url is a URL, a path that begins with `/`, or a variable such as `{{payload.url}}`. Novu reports an issue without one.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	URL string `json:"url,omitempty"`

	// target is the window that the link opens in. Novu reports an issue without one.
	//
	// +optional
	Target RedirectTarget `json:"target,omitempty"`
}

// EditorType is the form of a body: HTML, or Block for the JSON of Novu's block editor.
//
// +kubebuilder:validation:Enum=HTML;Block
type EditorType string

// Values of EditorType.
const (
	EditorTypeHTML  EditorType = "HTML"
	EditorTypeBlock EditorType = "Block"
)

// EmailStep is an e-mail.
//
// +kubebuilder:validation:XValidation:rule="!has(self.editorType) || self.editorType != 'Block' || !has(self.body) || (self.body.startsWith('{') && !self.body.startsWith('{{') && !self.body.startsWith('{%'))",message="editorType Block takes the block editor's JSON as body, which begins with '{': for HTML write editorType: HTML"
// +kubebuilder:validation:XValidation:rule="!(has(self.body) && has(self.bodyFrom))",message="set either body or bodyFrom"
type EmailStep struct {
	// subject line, at most 4096 characters.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Subject string `json:"subject,omitempty"`

	// body is HTML, or the block editor's JSON as a string; see editorType. At most 524,288 characters. Set it or bodyFrom.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=524288
	Body string `json:"body,omitempty"`

	// bodyFrom takes the body from a ConfigMap instead.
	//
	// +optional
	BodyFrom *BodySource `json:"bodyFrom,omitempty"`

	// editorType is what body is: HTML, or Block for the block editor's JSON. Defaults to Block if body is a JSON object,
	// else to HTML.
	//
	// +optional
	EditorType EditorType `json:"editorType,omitempty"`

	// layout that Novu puts the e-mail into. Defaults to the environment's default layout in Novu, if it has one.
	//
	// +optional
	Layout *EmailLayout `json:"layout,omitempty"`

	// from overrides the sender that the integration has. Defaults to the integration's.
	//
	// +optional
	From *EmailSender `json:"from,omitempty"`

	// disableOutputSanitization leaves scripts and styles in the HTML as they are. Defaults to Novu's own, which is to sanitise
	// them.
	//
	// +optional
	DisableOutputSanitization *bool `json:"disableOutputSanitization,omitempty"`
}

// EmailLayoutType tells how an e-mail names its layout.
//
// +kubebuilder:validation:Enum=Default;None;Ref;ID
type EmailLayoutType string

// Values of EmailLayoutType.
const (
	// EmailLayoutDefault is the environment's default layout in Novu.
	EmailLayoutDefault EmailLayoutType = "Default"
	// EmailLayoutNone sends the body alone.
	EmailLayoutNone EmailLayoutType = "None"
	// EmailLayoutRef is the layout of a Layout object.
	EmailLayoutRef EmailLayoutType = "Ref"
	// EmailLayoutID is a layout in Novu that no Layout object describes.
	EmailLayoutID EmailLayoutType = "ID"
)

// EmailLayout names the layout of an e-mail: a union, told apart by type.
//
// +kubebuilder:validation:XValidation:rule="(self.type == 'Ref') == has(self.ref)",message="a layout of type Ref needs ref, the name of a Layout object, and no other type has it"
// +kubebuilder:validation:XValidation:rule="(self.type == 'ID') == has(self.id)",message="a layout of type ID needs id, the layout's identifier in Novu, and no other type has it"
type EmailLayout struct {
	// type is Default for the environment's default layout in Novu, None for no layout, so that the body is sent alone, Ref
	// for the layout of the Layout object in ref, or ID for the layout in Novu with that id.
	//
	// +required
	Type EmailLayoutType `json:"type,omitempty"`

	// ref names a Layout object in the same namespace. The step waits until that Layout is in Novu.
	//
	// +optional
	Ref *LocalReference `json:"ref,omitempty"`

	// id is the identifier of a layout in Novu that no Layout object describes.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ID string `json:"id,omitempty"`
}

// EmailSender overrides the sender of an e-mail.
type EmailSender struct {
	// email is the sender's address. Defaults to the integration's.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Email string `json:"email,omitempty"`

	// name is the sender's name. Defaults to the integration's.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Name string `json:"name,omitempty"`
}

// BodyStep is a message that is a body and nothing else.
//
// +kubebuilder:validation:XValidation:rule="has(self.body) != has(self.bodyFrom)",message="set either body or bodyFrom"
type BodyStep struct {
	// body text, at most 131,072 characters. Set it or bodyFrom.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=131072
	Body string `json:"body,omitempty"`

	// bodyFrom takes the body from a ConfigMap instead.
	//
	// +optional
	BodyFrom *BodySource `json:"bodyFrom,omitempty"`
}

// PushStep is a push notification.
//
// +kubebuilder:validation:XValidation:rule="has(self.body) != has(self.bodyFrom)",message="set either body or bodyFrom"
type PushStep struct {
	// subject line, at most 4096 characters.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Subject string `json:"subject,omitempty"`

	// body text, at most 131,072 characters. Set it or bodyFrom.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=131072
	Body string `json:"body,omitempty"`

	// bodyFrom takes the body from a ConfigMap instead.
	//
	// +optional
	BodyFrom *BodySource `json:"bodyFrom,omitempty"`
}
