package novu

import (
	"cmp"
	"encoding/json"
	"errors"
)

// OriginNovuCloud marks workflows that are edited through the API or dashboard,
// OriginExternal those that a code-first application defines. Others may appear.
const (
	OriginNovuCloud = "novu-cloud"
	OriginExternal  = "external"
)

// Workflow is a workflow as Novu returns it. Members that are volatile or bulky
// (payload examples, schemas of controls, variables) are not decoded.
type Workflow struct {
	ID                   string          `json:"_id"`
	WorkflowID           string          `json:"workflowId"`
	Slug                 string          `json:"slug"`
	Name                 string          `json:"name"`
	Description          string          `json:"description"`
	Tags                 []string        `json:"tags"`
	Active               bool            `json:"active"`
	Status               string          `json:"status"` // ACTIVE, INACTIVE, ERROR
	Origin               string          `json:"origin"`
	Severity             string          `json:"severity"`
	ValidatePayload      bool            `json:"validatePayload"`
	PayloadSchema        json.RawMessage `json:"payloadSchema"` // nil if absent or null
	IsTranslationEnabled bool            `json:"isTranslationEnabled"`
	Preferences          Preferences     `json:"preferences"`
	Agent                json.RawMessage `json:"agent"` // newer versions only; an update that leaves it out keeps it
	Steps                []Step          `json:"steps"`
	CreatedAt            string          `json:"createdAt"` // as sent
	UpdatedAt            string          `json:"updatedAt"` // as sent; moves on every write
	UpdatedBy            User            `json:"updatedBy"`
	LastPublishedAt      string          `json:"lastPublishedAt"` // "" if never
	LastTriggeredAt      string          `json:"lastTriggeredAt"` // "" if never
	Issues               Issues          `json:"issues"`
}

func (w *Workflow) complete() error {
	if w.ID == "" || w.WorkflowID == "" {
		return errors.New("it is not a workflow: _id or workflowId is missing")
	}
	w.PayloadSchema, w.Agent = orNil(w.PayloadSchema), orNil(w.Agent)
	for i := range w.Steps {
		w.Steps[i].ControlValues = orNil(w.Steps[i].ControlValues)
		w.Steps[i].ProviderOverrides = orNil(w.Steps[i].ProviderOverrides)
	}
	return nil
}

// Step is one step of a workflow as Novu returns it.
type Step struct {
	ID            string          `json:"_id"` // what an update matches steps by
	StepID        string          `json:"stepId"`
	Slug          string          `json:"slug"`
	Name          string          `json:"name"`
	Type          string          `json:"type"`
	Origin        string          `json:"origin"`
	ControlValues json.RawMessage `json:"controlValues"` // an object; nil if absent or null
	Issues        StepIssues      `json:"issues"`
	// ProviderOverrides of chat and tool steps, newer versions only. An update that leaves them out keeps them.
	ProviderOverrides json.RawMessage `json:"providerOverrides"`
}

// User is who changed an object last; empty if Novu does not say.
type User struct {
	ID        string `json:"_id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// WorkflowSummary is a list item. It carries neither control values nor
// preferences: comparing needs [Client.GetWorkflow].
type WorkflowSummary struct {
	ID                   string        `json:"_id"`
	WorkflowID           string        `json:"workflowId"`
	Slug                 string        `json:"slug"`
	Name                 string        `json:"name"`
	Origin               string        `json:"origin"`
	Status               string        `json:"status"`
	Tags                 []string      `json:"tags"`
	CreatedAt            string        `json:"createdAt"`
	UpdatedAt            string        `json:"updatedAt"`
	UpdatedBy            User          `json:"updatedBy"`
	LastPublishedAt      string        `json:"lastPublishedAt"`
	IsTranslationEnabled bool          `json:"isTranslationEnabled"`
	StepTypes            []string      `json:"stepTypeOverviews"`
	Steps                []StepSummary `json:"steps"`
}

// shorten drops what is not kept of a whole list, and cuts what is.
func (w *WorkflowSummary) shorten() error {
	w.Tags, w.Steps, w.StepTypes = nil, nil, nil
	w.Slug, w.Name, w.Status, w.Origin = label(w.Slug), label(w.Name), label(w.Status), label(w.Origin)
	w.CreatedAt, w.UpdatedAt, w.LastPublishedAt = label(w.CreatedAt), label(w.UpdatedAt), label(w.LastPublishedAt)
	w.UpdatedBy.shorten()
	return cmp.Or(checkIdentifier(w.ID), checkIdentifier(w.WorkflowID))
}

func (u *User) shorten() {
	u.ID, u.FirstName, u.LastName = label(u.ID), label(u.FirstName), label(u.LastName)
}

// StepSummary is a step in a list item.
type StepSummary struct {
	Slug   string     `json:"slug"`
	Type   string     `json:"type"`
	Issues StepIssues `json:"issues"`
}

// WorkflowPage is one page of the list; TotalCount counts all pages.
type WorkflowPage struct {
	Workflows  []WorkflowSummary `json:"workflows"`
	TotalCount int               `json:"totalCount"`

	size int64 // of the answer
}

func (p *WorkflowPage) complete() error {
	if p.Workflows == nil {
		return errors.New("it is not a list of workflows: the member workflows is missing")
	}
	for _, w := range p.Workflows {
		if w.ID == "" {
			return errors.New("a list item has no _id")
		}
	}
	return nil
}
