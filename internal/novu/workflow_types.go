// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

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

// StatusError is the status of an active workflow in which Novu found errors when it was last written.
const StatusError = "ERROR"

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

// WorkflowSummary is a list item. Comparing needs [Client.GetWorkflow]: an item
// carries neither control values nor preferences, and its tags and steps, which can
// be long, are not decoded.
type WorkflowSummary struct {
	ID                   string `json:"_id"`
	WorkflowID           string `json:"workflowId"`
	Slug                 string `json:"slug"`
	Name                 string `json:"name"`
	Origin               string `json:"origin"`
	Status               string `json:"status"`
	CreatedAt            string `json:"createdAt"`
	UpdatedAt            string `json:"updatedAt"`
	UpdatedBy            User   `json:"updatedBy"`
	LastPublishedAt      string `json:"lastPublishedAt"`
	IsTranslationEnabled bool   `json:"isTranslationEnabled"`
}

// shorten refuses what is no workflow, and cuts what only people read.
func (w *WorkflowSummary) shorten() (size int, err error) {
	if w.ID == "" {
		return 0, errors.New("a list item has no _id")
	}
	w.Slug, w.Name, w.Status, w.Origin = label(w.Slug), label(w.Name), label(w.Status), label(w.Origin)
	w.CreatedAt, w.UpdatedAt, w.LastPublishedAt = cut(w.CreatedAt, maxTime), cut(w.UpdatedAt, maxTime), cut(w.LastPublishedAt, maxTime)
	size = itemOverhead + w.UpdatedBy.shorten() + texts(w.ID, w.WorkflowID, w.Slug, w.Name, w.Status, w.Origin, w.CreatedAt, w.UpdatedAt, w.LastPublishedAt)
	return size, cmp.Or(checkIdentifier(w.ID), checkIdentifier(w.WorkflowID))
}

func (u *User) shorten() (size int) {
	u.ID, u.FirstName, u.LastName = label(u.ID), label(u.FirstName), label(u.LastName)
	return texts(u.ID, u.FirstName, u.LastName)
}

// WorkflowPage is one page of the list; TotalCount counts all pages.
type WorkflowPage struct {
	Workflows  []WorkflowSummary
	TotalCount int
}

func workflowPage() *page[WorkflowSummary] {
	return &page[WorkflowSummary]{what: "workflows", member: "workflows", keep: (*WorkflowSummary).shorten}
}
