// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package promotion

import (
	"strings"
	"testing"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/internal/promotion/history"
)

// A rollback says which of the values that it restores had been set in the target by hand.
func TestRollbackNamesWhatNoManifestDescribes(t *testing.T) {
	for name, test := range map[string]struct {
		found    string
		promoted string // what was promoted before; empty: nothing
		message  string
		marked   int
	}{
		"as promoted":    {found: "promoted", promoted: "promoted"},
		"edited by hand": {found: "edited", promoted: "promoted", marked: 2, message: "set in the target by hand: steps[inbox].inApp.body, steps[text].sms.body"},
		"never promoted": {found: "made by hand", marked: 2, message: "before any recorded promotion of it"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, novutest.Options{})
			recorded := func(text string) *history.Definition {
				if text == "" {
					return nil
				}
				w.workflow(w.target, "welcome", text)
				have, err := w.target.Client.GetWorkflow(t.Context(), "welcome")
				w.must(err)
				return history.OfWorkflow(definition.WorkflowFrom(have))
			}
			promoted, found := recorded(test.promoted), recorded(test.found)
			recorded("the release that is undone")
			released := &history.Record{Number: 2, PromotionUID: "b", Name: "b", Finished: true, Entries: []history.Entry{{
				Kind: v1alpha1.PromotionItemWorkflow, ID: "welcome", Namespace: "shop", Name: "welcome", Action: v1alpha1.PlanActionUpdate,
				Before: found, BeforeRevision: found.Revision(), After: recorded("the release that is undone"), Revision: "r2",
			}}}
			records := []*history.Record{released}
			if promoted != nil {
				records = append(records, &history.Record{Number: 1, PromotionUID: "a", Name: "a", Finished: true, Entries: []history.Entry{{
					Kind: v1alpha1.PromotionItemWorkflow, ID: "welcome", Namespace: "shop", Name: "welcome", Action: v1alpha1.PlanActionCreate,
					After: promoted, Revision: "r1",
				}}})
			}
			restorations, err := history.Point{Number: 2, UID: "b", Name: "b", Before: true}.Restore(records)
			w.must(err)
			planner := w.planner(byApply)
			planner.Source = nil
			draft, err := planner.Draft(t.Context(), Restored(restorations, false), time.Minute)
			w.must(err)
			item, marked := draft.Items[0], 0
			for _, change := range item.Changes {
				if change.Unmanaged {
					marked++
				}
			}
			if item.Action != v1alpha1.PlanActionUpdate || marked != test.marked || !strings.Contains(item.Message, test.message) ||
				(test.message == "") == strings.Contains(item.Message, "manifest") {
				t.Errorf("%d of %d changes are marked: %s", marked, len(item.Changes), item.Message)
			}
		})
	}
}
