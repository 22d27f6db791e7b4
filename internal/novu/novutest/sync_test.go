// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"reflect"
	"slices"
	"sync"
	"testing"

	"novu-operator.dev/internal/novu/javascript"
)

func (c *client) sync(id, env string) *answer {
	c.t.Helper()
	return c.do("PUT", "/v2/workflows/"+id+"/sync", object{"targetEnvironmentId": c.server.Environment(env).ID})
}

// TestSync copies a workflow with everything, twice: the second time finds the first copy.
func TestSync(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(full("welcome"))
	first := api.sync("welcome", "Production").want(http.StatusOK)
	if first.text("data._id") == made.text("data._id") || first.text("data.steps.0._id") == made.text("data.steps.0._id") {
		t.Error("the copy has an _id of the source")
	}
	for _, m := range []string{"workflowId", "name", "description", "tags", "active", "severity", "payloadSchema", "validatePayload", "preferences"} {
		first.is("data."+m, made.get("data."+m))
	}
	if got, want := api.server.Snapshot("Production"), api.server.Snapshot("Development"); !reflect.DeepEqual(got, want) {
		t.Errorf("Production has %s\nwant %s", javascript.JSON(got), javascript.JSON(want))
	}
	again := api.sync(made.text("data._id"), "Production").want(http.StatusOK)
	again.is("data._id", first.get("data._id")).is("data.steps.0._id", first.get("data.steps.0._id")).
		is("data.steps.1._id", first.get("data.steps.1._id"))
	if again.text("data.updatedAt") <= first.text("data.updatedAt") {
		t.Error("updatedAt of the copy stayed")
	}
	source := api.do("GET", "/v2/workflows/welcome", nil)
	if source.get("data.lastPublishedAt") == nil || source.text("data.updatedAt") == made.text("data.updatedAt") {
		t.Errorf("the source does not know that it was published: %s", source.raw)
	}
	api.in("Production").do("GET", "/v2/workflows/welcome", nil).is("data.lastPublishedAt", nil)
}

// TestSyncOverDrift: what is different in the target is overwritten; its steps are found by stepId.
func TestSyncOverDrift(t *testing.T) {
	api := dev(t, Options{})
	prod := api.in("Production")
	made := api.create(newWorkflow("welcome", mail("a"), newStep("b", "sms", object{"body": "1"})))
	copied := api.sync("welcome", "Production").want(http.StatusOK)
	body := copied.update(object{"name": "Drifted", "description": "drifted", "tags": []any{"drifted"}})
	steps, _ := body["steps"].([]any)
	body["steps"] = append(steps[:1:1], newStep("c", "chat", object{"body": "more"}))
	prod.do("PUT", "/v2/workflows/welcome", body).want(http.StatusOK)

	healed := api.sync("welcome", "Production").want(http.StatusOK)
	healed.is("data.name", made.get("data.name")).is("data.description", "").is("data.tags", []any{})
	if got := healed.values("data.steps", "stepId"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("steps %v", got)
	}
	healed.is("data.steps.0._id", copied.get("data.steps.0._id")) // kept
	if healed.text("data.steps.1._id") == copied.text("data.steps.1._id") {
		t.Error("a step that was deleted in between has its old _id")
	}
	if got, want := api.server.Snapshot("Production"), api.server.Snapshot("Development"); !reflect.DeepEqual(got, want) {
		t.Errorf("Production has %s\nwant %s", javascript.JSON(got), javascript.JSON(want))
	}
}

func TestSyncErrors(t *testing.T) {
	api := dev(t, Options{})
	api.create(newWorkflow("welcome"))
	prod := api.server.Environment("Production").ID
	other := api.server.AddOrganization("Other", "Theirs")[0].ID
	tests := []struct {
		name, path string
		target     any
		status     int
		message    string
	}{
		{"same environment", "welcome", api.server.Environment("Development").ID, 400, "Cannot sync workflow to the same environment"},
		{"no id", "welcome", "nope", 404, "Environment nope not found"},
		{"unknown", "welcome", "65f0aaaaaaaaaaaaaaaaaaaa", 404, "Environment 65f0aaaaaaaaaaaaaaaaaaaa not found"},
		{"other organization", "welcome", other, 404, "Environment " + other + " not found"},
		{"number", "welcome", 5, 422, "Validation Error"},
		{"no workflow", "nope", prod, 404, "Workflow cannot be found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api.do("PUT", "/v2/workflows/"+tt.path+"/sync", object{"targetEnvironmentId": tt.target}).want(tt.status).is("message", tt.message)
			if n := len(api.server.Workflows("Production")); n != 0 {
				t.Errorf("%d workflows in Production", n)
			}
		})
	}
}

// TestSyncLayouts: layouts go along with name and content; which one is the default stays the target's affair.
func TestSyncLayouts(t *testing.T) {
	api := dev(t, Options{})
	prod := api.in("Production")
	api.layout("default")
	api.layout("base")
	api.do("PUT", "/v2/layouts/base", withContent(page1, "html")).want(http.StatusOK)
	api.create(newWorkflow("welcome", newStep("mail", "email", object{"subject": "s", "body": "b", "layoutId": "base"})))
	api.sync("welcome", "Production").want(http.StatusOK)
	there := prod.do("GET", "/v2/layouts/base", nil).want(http.StatusOK)
	there.is("data.isDefault", true).is("data.controls.values.email.body", page1).is("data.name", "New name")

	prod.do("PUT", "/v2/layouts/base", withContent(page2, "html")).want(http.StatusOK)
	api.sync("welcome", "Production").want(http.StatusOK)
	prod.do("GET", "/v2/layouts/base", nil).is("data.controls.values.email.body", page1).is("data._id", there.get("data._id"))
	prod.do("GET", "/v2/layouts/default", nil).want(http.StatusNotFound)
}

// TestSyncOfMistakes: a workflow with issues is copied with them, and its deletion does not travel.
func TestSyncOfMistakes(t *testing.T) {
	api := dev(t, Options{})
	api.create(newWorkflow("welcome", newStep("text", "sms", object{}))).is("data.status", "ERROR")
	api.sync("welcome", "Production").want(http.StatusOK).is("data.status", "ERROR")
	api.do("DELETE", "/v2/workflows/welcome", nil).want(http.StatusNoContent)
	api.in("Production").do("GET", "/v2/workflows/welcome", nil).want(http.StatusOK)
	api.sync("welcome", "Production").want(http.StatusNotFound)
}

// TestConcurrentFirstSync: nobody locks anything, so two first copies can both be made.
func TestConcurrentFirstSync(t *testing.T) {
	api := dev(t, Options{})
	api.create(newWorkflow("welcome"))
	var arrived, done sync.WaitGroup
	arrived.Add(2)
	api.server.gap = func() {
		arrived.Done()
		arrived.Wait()
	}
	for range 2 {
		done.Go(func() { api.sync("welcome", "Production") })
	}
	done.Wait()
	if n := len(api.server.Workflows("Production")); n != 2 {
		t.Errorf("%d copies, want 2", n)
	}
}

func TestDuplicateWorkflow(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(full("welcome"))
	session := api.withHeader("Authorization", "Bearer "+api.server.store.organizations[0].session).
		withHeader("Novu-Environment-Id", api.server.Environment("Development").ID)
	session.key = ""
	twin := session.do("POST", "/v2/workflows/welcome/duplicate", object{}).want(http.StatusCreated)
	twin.is("data.name", "Name of welcome (Copy)").is("data.active", false).is("data.workflowId", "name-of-welcome-copy")
	if got := twin.values("data.steps", "stepId"); !slices.Equal(got, made.values("data.steps", "stepId")) {
		t.Errorf("steps %v", got)
	}
	named := session.do("POST", "/v2/workflows/welcome/duplicate", object{"name": "N", "workflowId": "n-1", "tags": []any{"t"}, "description": "d"})
	named.want(http.StatusCreated).is("data.workflowId", "n-1").is("data.tags", []any{"t"}).is("data.description", "d")
	session.do("POST", "/v2/workflows/welcome/duplicate", object{"workflowId": "a b"}).want(http.StatusUnprocessableEntity)
	session.do("POST", "/v2/workflows/nope/duplicate", object{}).want(http.StatusNotFound)
}
