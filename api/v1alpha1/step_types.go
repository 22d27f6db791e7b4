package v1alpha1

import apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

// StepType is the discriminator of a step: the name of its block, or the name of a type that this version of the CRD
// does not know, in Novu's spelling.
//
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z][a-zA-Z0-9_]*$')",message="type is the name of a step type, spelt like inApp, email, sms, chat, push, delay, digest, throttle or httpRequest"
// +kubebuilder:validation:XValidation:rule="!(self in ['in_app', 'inapp', 'http_request', 'httprequest', 'trigger'])",message="write inApp for Novu's in_app and httpRequest for http_request; a trigger is not a step"
type StepType string

// Types of steps that have a block of their own.
const (
	StepTypeInApp       StepType = "inApp"
	StepTypeEmail       StepType = "email"
	StepTypeSMS         StepType = "sms"
	StepTypeChat        StepType = "chat"
	StepTypePush        StepType = "push"
	StepTypeDelay       StepType = "delay"
	StepTypeDigest      StepType = "digest"
	StepTypeThrottle    StepType = "throttle"
	StepTypeHTTPRequest StepType = "httpRequest"
)

// WorkflowStep is one step of a workflow: a union of the blocks below, told apart by type.
//
// +kubebuilder:validation:XValidation:rule="!has(self.inApp) || self.type == 'inApp'",message="the block inApp belongs to type inApp only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.email) || self.type == 'email'",message="the block email belongs to type email only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.sms) || self.type == 'sms'",message="the block sms belongs to type sms only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.chat) || self.type == 'chat'",message="the block chat belongs to type chat only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.push) || self.type == 'push'",message="the block push belongs to type push only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.delay) || self.type == 'delay'",message="the block delay belongs to type delay only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.digest) || self.type == 'digest'",message="the block digest belongs to type digest only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.throttle) || self.type == 'throttle'",message="the block throttle belongs to type throttle only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="!has(self.httpRequest) || self.type == 'httpRequest'",message="the block httpRequest belongs to type httpRequest only: use the block that is named like the type"
// +kubebuilder:validation:XValidation:rule="has(self.inApp) || has(self.email) || has(self.sms) || has(self.chat) || has(self.push) || has(self.delay) || has(self.digest) || has(self.throttle) || has(self.httpRequest) || (has(self.controls) && (dyn(self.controls).size() > 0 || !(self.type in ['inApp', 'email', 'sms', 'chat', 'push', 'delay', 'digest', 'throttle', 'httpRequest'])))",message="a step needs the block that is named like its type, or controls; controls of a type that has a block cannot be empty"
type WorkflowStep struct {
	// stepID names the step within the workflow. Later steps refer to it, as in `steps.<stepID>.seen`.
	//
	// +required
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9]+([-_.][a-zA-Z0-9]+)*$')",message="stepID must be letters and digits, joined by single '-', '_' or '.'"
	StepID string `json:"stepID"`

	// name that people see in Novu. When empty it is stepID.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name,omitempty"`

	// type of the step: inApp, email, sms, chat, push, delay, digest, throttle or httpRequest, each with the block of
	// that name; or a type in Novu's spelling that has no block here, with its values in controls.
	//
	// +required
	Type StepType `json:"type"`

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

	// throttle stops a subscriber from getting too many.
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

	// controls are further control values in Novu's own form, for keys that the block does not have and for types that
	// have no block. A key that is also set in the block is refused.
	//
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Controls *apiextensionsv1.JSON `json:"controls,omitempty"`
}

// InAppStep is a message in the Inbox.
//
// +kubebuilder:validation:XValidation:rule="has(self.subject) || has(self.body) || has(self.bodyFrom)",message="an inApp step needs a subject or a body"
// +kubebuilder:validation:XValidation:rule="!(has(self.body) && has(self.bodyFrom))",message="set either body or bodyFrom"
type InAppStep struct {
	// subject line.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	Subject string `json:"subject,omitempty"`

	// body text.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	Body string `json:"body,omitempty"`

	// bodyFrom takes the body from a ConfigMap.
	//
	// +optional
	BodyFrom *BodySource `json:"bodyFrom,omitempty"`

	// avatar is the URL, path or variable of a picture.
	//
	// +optional
	Avatar string `json:"avatar,omitempty"`

	// primaryAction is the first button.
	//
	// +optional
	PrimaryAction *InAppAction `json:"primaryAction,omitempty"`

	// secondaryAction is the second button.
	//
	// +optional
	SecondaryAction *InAppAction `json:"secondaryAction,omitempty"`

	// redirect is where a click on the message leads.
	//
	// +optional
	Redirect *Redirect `json:"redirect,omitempty"`

	// data is handed to the Inbox as it is.
	//
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	// +kubebuilder:pruning:PreserveUnknownFields
	Data *apiextensionsv1.JSON `json:"data,omitempty"`

	// disableOutputSanitization leaves HTML in the message as it is.
	//
	// +optional
	DisableOutputSanitization *bool `json:"disableOutputSanitization,omitempty"`
}

// InAppAction is a button of an Inbox message.
type InAppAction struct {
	// label on the button.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	Label string `json:"label"`

	// redirect is where the button leads.
	//
	// +optional
	Redirect *Redirect `json:"redirect,omitempty"`
}

// Redirect is a link.
type Redirect struct {
	// url, path or variable.
	//
	// +optional
	URL string `json:"url,omitempty"`

	// target window.
	//
	// +optional
	// +kubebuilder:validation:Enum=_self;_blank;_parent;_top;_unfencedTop
	Target string `json:"target,omitempty"`
}

// EmailStep is an e-mail.
//
// +kubebuilder:validation:XValidation:rule="!has(self.editorType) || self.editorType != 'block' || !has(self.body) || (self.body.startsWith('{') && !self.body.startsWith('{{') && !self.body.startsWith('{%'))",message="editorType block takes the block editor's JSON as body, which begins with '{': for HTML write editorType: html"
// +kubebuilder:validation:XValidation:rule="!(has(self.body) && has(self.bodyFrom))",message="set either body or bodyFrom"
// +kubebuilder:validation:XValidation:rule="[has(self.layoutRef), has(self.layoutID), has(self.withoutLayout) && self.withoutLayout].filter(x, x).size() <= 1",message="set only one of layoutRef, layoutID and withoutLayout"
type EmailStep struct {
	// subject line.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	Subject string `json:"subject"`

	// body is HTML, or the block editor's JSON as a string; see editorType.
	//
	// +optional
	Body string `json:"body,omitempty"`

	// bodyFrom takes the body from a ConfigMap.
	//
	// +optional
	BodyFrom *BodySource `json:"bodyFrom,omitempty"`

	// editorType says what body is: `html`, or `block` for the block editor's JSON. When empty it is `block` if body
	// is a JSON object, else `html`.
	//
	// +optional
	// +kubebuilder:validation:Enum=html;block
	EditorType string `json:"editorType,omitempty"`

	// layoutRef names a Layout object in the same namespace. The step waits until that Layout is in Novu.
	//
	// +optional
	LayoutRef *LocalReference `json:"layoutRef,omitempty"`

	// layoutID names a layout in Novu that no Layout object describes.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	LayoutID string `json:"layoutID,omitempty"`

	// withoutLayout sends the body alone. Without it and without a layout, Novu uses the environment's default layout.
	//
	// +optional
	WithoutLayout bool `json:"withoutLayout,omitempty"`

	// from overrides the sender of the integration.
	//
	// +optional
	From *EmailSender `json:"from,omitempty"`

	// disableOutputSanitization leaves scripts and styles in the HTML as they are.
	//
	// +optional
	DisableOutputSanitization *bool `json:"disableOutputSanitization,omitempty"`
}

// EmailSender overrides the sender of an e-mail.
type EmailSender struct {
	// email address.
	//
	// +optional
	Email string `json:"email,omitempty"`

	// name of the sender.
	//
	// +optional
	Name string `json:"name,omitempty"`
}

// BodyStep is a message that is a body and nothing else.
//
// +kubebuilder:validation:XValidation:rule="has(self.body) != has(self.bodyFrom)",message="set either body or bodyFrom"
type BodyStep struct {
	// body text.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	Body string `json:"body,omitempty"`

	// bodyFrom takes the body from a ConfigMap.
	//
	// +optional
	BodyFrom *BodySource `json:"bodyFrom,omitempty"`
}

// PushStep is a push notification.
//
// +kubebuilder:validation:XValidation:rule="has(self.body) != has(self.bodyFrom)",message="set either body or bodyFrom"
type PushStep struct {
	// subject line.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	Subject string `json:"subject"`

	// body text.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	Body string `json:"body,omitempty"`

	// bodyFrom takes the body from a ConfigMap.
	//
	// +optional
	BodyFrom *BodySource `json:"bodyFrom,omitempty"`
}
