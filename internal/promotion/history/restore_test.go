// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
)

// did makes the record of a finished Promotion. Lines in parentheses are skipped; at those with an exclamation mark it
// failed half-way.
func did(number int64, name string, lines ...string) *Record {
	namespace := "shop"
	r := &Record{Number: number, Name: name, Finished: true}
	if other, bare, found := strings.Cut(name, "/"); found {
		namespace, name = other, bare
	}
	r.Promotion = types.NamespacedName{Namespace: namespace, Name: name}
	for _, line := range lines {
		e := entries(strings.Trim(line, "()!"))[0]
		e.Skipped, e.Failed = strings.HasPrefix(line, "("), strings.HasPrefix(line, "!")
		r.Entries = append(r.Entries, e)
	}
	return r
}

func unfinished(r *Record) *Record {
	r.Finished = false
	return r
}

func damaged(number int64) *Record {
	return &Record{Number: number, Damaged: "ControllerRevision x cannot be read"}
}

// story is what most tests tell: the first release, a correction, one that adds and removes, and one of nothing new.
func story() []*Record {
	return []*Record{
		did(4, "again", "w order: v3 -> v3", "w welcome: v1 -> v1"),
		did(3, "summer", "l base: v1 -> v2", "w order: v2 -> v3", "w survey: - -> v1", "w farewell: v1 -> -", "(w welcome: v1 -> v2)"),
		did(2, "fix", "w order: v1 -> v2"),
		did(1, "first", "l base: - -> v1", "w order: - -> v1", "w farewell: hand -> v1", "w welcome: - -> v1"),
	}
}

func TestRestore(t *testing.T) {
	for name, test := range map[string]struct {
		records  []*Record
		to       string
		restores string
		want     string
	}{
		"to before the last one that wrote": {story(), Previous, "summer",
			"Layout base: v1, Workflow farewell: v1, Workflow order: v2, Workflow survey: -"},
		"to what the last one left": {story(), "again", "again", "Workflow order: v3, Workflow welcome: v1"},
		"to what the one before left": {story(), "summer", "summer",
			"Layout base: v2, Workflow farewell: -, Workflow order: v3, Workflow survey: v1, Workflow welcome: v1"},
		"over several": {story(), "fix", "fix",
			"Layout base: v1, Workflow farewell: v1, Workflow order: v2, Workflow survey: -, Workflow welcome: v1"},
		"to the first": {story(), "first", "first",
			"Layout base: v1, Workflow farewell: v1, Workflow order: v1, Workflow survey: -, Workflow welcome: v1"},
		"before the first": {story()[3:], Previous, "first",
			"Layout base: -, Workflow farewell: hand, Workflow order: -, Workflow welcome: -"},
		"an edit by hand between two": {
			[]*Record{did(2, "b", "w x: hand -> v2", "w y: hand -> v2"), did(1, "a", "w x: - -> v1")}, "a", "a",
			"Workflow x: v1, Workflow y: hand",
		},
		"back and forth": {
			[]*Record{did(3, "back", "w x: v2 -> v1"), did(2, "b", "w x: v1 -> v2"), did(1, "a", "w x: - -> v1")}, Previous, "back", "Workflow x: v2",
		},
		"one that wrote nothing at all": {
			[]*Record{did(2, "failed", "(w x: v1 -> v2)"), did(1, "a", "w x: - -> v1")}, Previous, "a", "Workflow x: -",
		},
		"one that failed half-way": {
			[]*Record{did(2, "failed", "!w x: v1 -> v2"), did(1, "a", "w x: - -> v1")}, Previous, "failed", "Workflow x: v1",
		},
		"to what one left that failed half-way": {
			[]*Record{did(2, "failed", "!w x: v1 -> v2", "w y: - -> v2"), did(1, "a", "w x: - -> v1")}, "failed", "failed", "Workflow y: v2",
		},
		"to what one left that wrote nothing": {
			[]*Record{did(3, "c", "w x: v1 -> v3"), did(2, "failed", "(w x: v1 -> v2)"), did(1, "a", "w x: - -> v1")}, "failed", "failed", "Workflow x: v1",
		},
		"one that died": {
			[]*Record{unfinished(did(2, "died", "w x: v1 -> v2", "w y: - -> v2")), did(1, "a", "w x: - -> v1")}, Previous, "died",
			"Workflow x: v1, Workflow y: -",
		},
		"a name that came twice": {
			[]*Record{did(3, "c", "w x: v2 -> v3"), did(2, "a", "w x: v1 -> v2"), did(1, "a", "w x: - -> v1")}, "a", "a", "Workflow x: v2",
		},
		"a Promotion of another namespace": {
			[]*Record{did(2, "b", "w x: v1 -> v2"), did(1, "team/a", "w x: - -> v1")}, "a", "team/a", "Workflow x: v1",
		},
		"the target's namespace comes first": {
			[]*Record{did(3, "team/a", "w x: v2 -> v3"), did(2, "other/a", "w x: v1 -> v2"), did(1, "a", "w x: - -> v1")}, "a", "a", "Workflow x: v1",
		},
		"a damaged record before": {[]*Record{did(2, "b", "w x: v1 -> v2"), damaged(1)}, "b", "b", "Workflow x: v2"},
		"a layout and a workflow of one id": {
			[]*Record{did(1, "a", "w base: v1 -> v2", "l base: f1 -> f2")}, Previous, "a", "Layout base: f1, Workflow base: v1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			restores, restorations, err := goBack(test.records, test.to)
			must(t, err)
			same(t, "restores", restores, test.restores)
			same(t, "restorations", restored(t, restorations), test.want)
		})
	}
}

// What a rollback means is settled when it is created: records that come later are undone on the way, and nothing else.
func TestLaterRecordsDoNotChangeWhatARollbackMeans(t *testing.T) {
	at := func(second int64, version uint64, r *Record) *Record {
		r.Time, r.version, r.PromotionUID = metav1.Unix(second, 0), version, types.UID(r.Name)
		return r
	}
	records := []*Record{
		at(30, 300, did(3, "c", "w x: v2 -> v3")), at(20, 200, did(2, "b", "w x: v1 -> v2")), at(10, 100, did(1, "a", "w x: - -> v1")),
	}
	for name, test := range map[string]struct {
		created int64
		version string
		to      string
		want    string
	}{
		"before all":                         {5, "50", Previous, "no Promotion is recorded that has written something: promote the revisions that are wanted"},
		"after all":                          {40, "400", Previous, "c 3 of 3: Workflow x: v2"},
		"between":                            {25, "250", Previous, "b 2 of 2: Workflow x: v1"},
		"between, and changed since":         {25, "900", Previous, "b 2 of 2: Workflow x: v1"},
		"in the same second, before":         {20, "150", Previous, "a 1 of 1: Workflow x: -"},
		"in the same second, after":          {20, "250", Previous, "b 2 of 2: Workflow x: v1"},
		"to one that is recorded":            {25, "250", "a", "a 1 of 2: Workflow x: v1"},
		"to one that is recorded only later": {25, "250", "c", "no Promotion c is recorded: create a Promotion with a rollback to Previous or Promotion b or Promotion a"},
	} {
		t.Run(name, func(t *testing.T) {
			rollback, target := &v1alpha1.Promotion{}, &v1alpha1.Environment{}
			rollback.CreationTimestamp, rollback.ResourceVersion = metav1.Unix(test.created, 0), test.version
			rollback.Spec.Rollback = BackTo(test.to)
			point, err := Locate(records, rollback, target)
			if err != nil {
				same(t, "message", err.Error(), test.want)
				return
			}
			restorations, err := point.Restore(records)
			must(t, err)
			same(t, "point", fmt.Sprintf("%s %d of %d: %s", point.Name, point.Number, point.Newest, restored(t, restorations)), test.want)
		})
	}
}

func restored(t *testing.T, restorations []Restoration) string {
	t.Helper()
	var out []string
	for _, r := range restorations {
		out = append(out, fmt.Sprintf("%s %s: %s", r.Kind, r.ID, says(r.Want)))
		if revision := "rev-" + says(r.Want); r.Want != nil && r.Revision != revision || r.Want == nil && r.Revision != "" {
			t.Errorf("%s %s has revision %q", r.Kind, r.ID, r.Revision)
		}
		if r.Namespace != "dev" || r.Name != "object-"+r.ID {
			t.Errorf("%s %s is %s/%s", r.Kind, r.ID, r.Namespace, r.Name)
		}
	}
	return strings.Join(out, ", ")
}

func TestNothingToGoBackTo(t *testing.T) {
	var many []*Record
	for i := int64(12); i > 0; i-- {
		many = append(many, did(i, fmt.Sprint("p", i), "w x: v1 -> v2"))
	}
	for name, test := range map[string]struct {
		records []*Record
		to      string
		want    string
	}{
		"no records":          {nil, Previous, "no Promotion is recorded that has written something: promote the revisions that are wanted"},
		"nothing was written": {[]*Record{did(1, "a", "(w x: - -> v1)", "w y: v1 -> v1")}, Previous, "no Promotion is recorded that has written something: create a Promotion with a rollback to Promotion a"},
		"no such Promotion":   {story()[:3], "first", "no Promotion first is recorded: create a Promotion with a rollback to Previous or Promotion again or Promotion summer or Promotion fix"},
		"of another namespace": {
			[]*Record{did(2, "team/b", "w x: v1 -> v2"), did(1, "team/a", "w x: - -> v1")}, "c",
			"no Promotion c is recorded: create a Promotion with a rollback to Previous or Promotion b or Promotion a",
		},
		"a damaged one between": {
			[]*Record{did(3, "c", "w x: v2 -> v3"), damaged(2), did(1, "a", "w x: - -> v1")}, "a",
			"no Promotion a is recorded, as far back as the records are whole (ControllerRevision x cannot be read): create a Promotion with a rollback to Previous or Promotion c",
		},
		"a damaged one first": {
			[]*Record{damaged(2), did(1, "a", "w x: - -> v1")}, Previous,
			"no Promotion is recorded that has written something, as far back as the records are whole (ControllerRevision x cannot be read): promote the revisions that are wanted",
		},
		"a gap": {
			[]*Record{did(4, "d", "w x: v3 -> v4"), did(3, "c", "w x: v2 -> v3"), did(1, "a", "w x: - -> v1")}, "a",
			"no Promotion a is recorded, as far back as the records are whole (record 2 was deleted): create a Promotion with a rollback to Previous or Promotion d or Promotion c",
		},
		"many": {many, "x", "no Promotion x is recorded: create a Promotion with a rollback to Previous or Promotion p12 or Promotion p11 or Promotion p10 or Promotion p9 or Promotion p8 or Promotion p7 or Promotion p6 or Promotion p5 or Promotion p4 or one of 3 others"},
	} {
		t.Run(name, func(t *testing.T) {
			_, restorations, err := goBack(test.records, test.to)
			o := reconcile.OutcomeOf(err)
			if o.Kind != reconcile.Stalled || o.Reason != v1alpha1.ReasonNothingRecorded || len(restorations) > 0 {
				t.Fatalf("%v %v", restorations, err)
			}
			same(t, "message", err.Error(), test.want)
		})
	}
}

// TestRestoreIsATimeMachine plays promotions, edits by hand between them, and failures; going back to any of them makes the
// target what it was then, as far as promotions have touched it since.
func TestRestoreIsATimeMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		held := map[string]string{} // by id
		var records []*Record
		var after []map[string]string // what the target held after each, oldest first
		touched := map[int]map[string]bool{}
		value := rapid.SampledFrom([]string{"v1", "v2", "v3", "-"})
		for number := range rapid.IntRange(1, 6).Draw(t, "promotions") {
			touched[number] = map[string]bool{}
			var list []string
			for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(t, "items") {
				before, want := or(held[id], "-"), value.Draw(t, "want")
				line := fmt.Sprintf("w %s: %s -> %s", id, before, want)
				if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
					list = append(list, "("+line+")")
					continue
				}
				held[id], touched[number][id] = want, true
				list = append(list, line)
			}
			records = append([]*Record{did(int64(number+1), fmt.Sprint("p", number), list...)}, records...)
			after = append(after, maps.Clone(held))
		}
		to := rapid.IntRange(0, len(after)-1).Draw(t, "to")
		_, restorations, err := goBack(records, fmt.Sprint("p", to))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range restorations {
			held[r.ID] = says(r.Want)
		}
		for id, want := range after[to] {
			if held[id] != want {
				t.Fatalf("%s is %s, was %s", id, held[id], want)
			}
		}
		for id, is := range held {
			if _, existed := after[to][id]; !existed && is != "-" {
				t.Fatalf("%s is %s, was not there", id, is)
			}
		}
	})
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func TestFind(t *testing.T) {
	records := append([]*Record{damaged(5)}, story()...)
	for _, test := range []struct{ kind, id, revision, want string }{
		{"Workflow", "order", "rev-v1", "v1"}, {"Workflow", "order", "rev-v3", "v3"},
		{"Workflow", "farewell", "rev-hand", "hand"}, {"Workflow", "farewell", "rev-v1", "v1"}, {"Workflow", "welcome", "rev-v2", "v2"},
		{"Layout", "base", "rev-v1", "v1"}, {"Workflow", "base", "rev-v1", "-"}, {"Workflow", "order", "rev-v4", "-"},
		{"Workflow", "order", "", "-"}, {"Workflow", "survey", "", "-"}, {"Workflow", "nobody", "rev-v1", "-"},
	} {
		got := Find(records, v1alpha1.PromotionItemKind(test.kind), test.id, test.revision)
		same(t, test.kind+" "+test.id+" "+test.revision, says(got), test.want)
	}
	// Two definitions of one revision: the newest was the last to be live.
	again := []*Record{did(2, "b", "w x: - -> v1"), did(1, "a", "w x: - -> v1")}
	again[0].Entries[0].After = text("x", "newer")
	same(t, "the newest", says(Find(again, v1alpha1.PromotionItemWorkflow, "x", "rev-v1")), "newer")
}

func TestLast(t *testing.T) {
	for name, test := range map[string]struct {
		records []*Record
		id      string
		want    string
	}{
		"promoted":                       {story(), "order", "w order: v3 -> v3"},
		"skipped since":                  {story()[1:], "welcome", "w welcome: - -> v1"},
		"deleted":                        {story(), "farewell", "w farewell: v1 -> -"},
		"never":                          {story(), "nobody", ""},
		"damaged since":                  {append([]*Record{damaged(5)}, story()...), "order", ""},
		"damaged before":                 {[]*Record{did(2, "b", "w x: - -> v1"), damaged(1)}, "x", "w x: - -> v1"},
		"a Promotion at work on it":      {[]*Record{unfinished(did(2, "b", "w x: v1 -> v2")), did(1, "a", "w x: - -> v1")}, "x", ""},
		"a Promotion at work on another": {[]*Record{unfinished(did(2, "b", "w y: v1 -> v2")), did(1, "a", "w x: - -> v1")}, "x", "w x: - -> v1"},
		"records in between are trimmed": {[]*Record{did(9, "b", "w y: v1 -> v2"), did(1, "a", "w x: - -> v1")}, "x", "w x: - -> v1"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if e := Last(test.records, v1alpha1.PromotionItemWorkflow, test.id); e != nil {
				got = lines([]Entry{*e})
			}
			same(t, "entry", got, test.want)
		})
	}
}
