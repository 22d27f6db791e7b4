// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"net/http"
	"slices"
	"testing"
)

// publish asks for the second environment to become like the first.
func (c *client) publish(body object) *answer {
	c.t.Helper()
	return c.do("POST", "/v2/environments/"+c.server.Environment("Production").ID+"/publish", body)
}

func (c *client) diff() *answer {
	c.t.Helper()
	return c.do("POST", "/v2/environments/"+c.server.Environment("Production").ID+"/diff", object{}).want(http.StatusOK)
}

func workflowIDs(s *Server, env string) []string {
	ids := []string{}
	for _, w := range s.Workflows(env) {
		ids = append(ids, w.WorkflowID)
	}
	slices.Sort(ids)
	return ids
}

// TestPublish: without a list everything travels, and what the source lacks is deleted.
func TestPublish(t *testing.T) {
	only := func(id string) object {
		return object{"resources": []any{object{"resourceType": "workflow", "resourceId": id}}}
	}
	tests := []struct {
		name string
		give object
		want []string // workflows of the target afterwards; it has "old" before, the source "new" and "other"
	}{
		{"everything", object{}, []string{"new", "other"}},
		{"empty list", object{"resources": []any{}}, []string{"new", "other"}},
		{"one", only("new"), []string{"new", "old"}},
		{"one to delete", only("old"), []string{}},
		{"nobody's", only("nope"), []string{"old"}},
		{"dry run", object{"dryRun": true}, []string{"old"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := dev(t, Options{})
			api.create(newWorkflow("new", mail("mail")))
			api.create(newWorkflow("other"))
			api.in("Production").create(newWorkflow("old"))
			api.publish(tt.give).want(http.StatusOK).is("data.results.0.resourceType", "workflow").is("data.results.1.resourceType", "layout")
			if got := workflowIDs(api.server, "Production"); !slices.Equal(got, tt.want) {
				t.Errorf("target has %v, want %v", got, tt.want)
			}
			if got := workflowIDs(api.server, "Development"); !slices.Equal(got, []string{"new", "other"}) {
				t.Errorf("source has %v", got)
			}
		})
	}
}

func TestPublishReport(t *testing.T) {
	api := dev(t, Options{})
	made := api.create(newWorkflow("welcome"))
	api.publish(object{}).is("data.results.0.successful.0.action", "created").is("data.summary.successful", 1)
	api.publish(object{}).is("data.results.0.skipped.0.reason", "No changes detected").is("data.summary.skipped", 1)
	api.do("PUT", "/v2/workflows/welcome", made.update(object{"name": "New"})).want(http.StatusOK)
	api.publish(object{"dryRun": true}).is("data.results.0.skipped.0.reason", "Dry run mode")
	api.publish(object{}).is("data.results.0.successful.0.action", "updated")
	api.do("DELETE", "/v2/workflows/welcome", nil).want(http.StatusNoContent)
	api.publish(object{}).is("data.results.0.successful.0.action", "deleted")
}

// TestPublishDefaultLayout: a deletion that fails is reported within a success.
func TestPublishDefaultLayout(t *testing.T) {
	api := dev(t, Options{})
	api.in("Production").layout("base")
	api.publish(object{}).want(http.StatusOK).is("data.summary.failed", 1).is("data.results.1.failed.0.resourceId", "base")
}

func TestDiff(t *testing.T) {
	api := dev(t, Options{})
	api.diff().is("data.summary.hasChanges", false).is("data.resources", []any{})
	api.create(newWorkflow("added"))
	same := api.create(newWorkflow("same", mail("mail")))
	api.sync("same", "Production").want(http.StatusOK)
	api.in("Production").create(newWorkflow("deleted"))
	res := api.diff().is("data.summary.hasChanges", true).is("data.summary.totalEntities", 2)
	found := map[string]string{}
	list, _ := res.get("data.resources").([]any)
	for _, x := range list {
		r, _ := x.(map[string]any)
		for _, side := range []string{"sourceResource", "targetResource"} {
			if o, ok := r[side].(map[string]any); ok {
				found[text(o["id"])] = side
			}
		}
	}
	if len(found) != 2 || found["added"] != "sourceResource" || found["deleted"] != "targetResource" {
		t.Errorf("differences %v", found)
	}
	api.do("PUT", "/v2/workflows/same", same.update(object{"name": "New"})).want(http.StatusOK)
	api.diff().is("data.summary.totalEntities", 3)
}

func TestEnvironmentsOfADiff(t *testing.T) {
	api := dev(t, Options{})
	here, there := api.server.Environment("Development").ID, api.server.Environment("Production").ID
	unknown := "65f0aaaaaaaaaaaaaaaaaaaa"
	for _, op := range []string{"diff", "publish"} {
		for _, tt := range []struct {
			name, target, message string
			body                  object
		}{
			{"same", here, "Source and target environments cannot be the same", object{}},
			{"no id", "nope", "Invalid environment ID format", object{}},
			{"unknown target", unknown, "Target environment not found", object{}},
			{"unknown source", there, "Source environment not found", object{"sourceEnvironmentId": unknown}},
		} {
			t.Run(op+" "+tt.name, func(*testing.T) {
				api.do("POST", "/v2/environments/"+tt.target+"/"+op, tt.body).want(http.StatusBadRequest).is("message", tt.message)
			})
		}
	}
}
