// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
)

// fataler is a test or one case of a property.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// roundTrip writes entries and reads them.
func roundTrip(t fataler, list []Entry) (read []Entry) {
	t.Helper()
	packed, err := encodeEntries(list)
	if err == nil {
		err = newDecoder().entries(packed, func(e Entry) { read = append(read, e) })
	}
	if err != nil || len(read) != len(list) {
		t.Fatalf("%d of %d entries: %v", len(read), len(list), err)
	}
	return read
}

// sameDefinition demands that nothing was lost.
func sameDefinition(t fataler, got, want *Definition) {
	t.Helper()
	if got.Revision() != want.Revision() {
		t.Fatalf("revision %s became %s", want.Revision(), got.Revision())
	}
	if a, b := compacted(t, got), compacted(t, want); !reflect.DeepEqual(a, b) {
		t.Fatalf("%s %s changed:\n%+v\n%+v", want.Kind, want.ID, b.Workflow, a.Workflow)
	}
	if want.Workflow != nil {
		if d := definition.CompareWorkflow(got.Workflow, held(want.Workflow)); len(d) > 0 {
			t.Fatalf("%s differs: %+v", want.ID, d)
		}
	}
}

// compacted leaves out white space in raw JSON, which is all that may change.
func compacted(t fataler, d *Definition) *Definition {
	t.Helper()
	if d.Workflow == nil {
		return d
	}
	squeeze := func(raw json.RawMessage) json.RawMessage {
		if len(raw) == 0 {
			return nil
		}
		var out bytes.Buffer
		if err := json.Compact(&out, raw); err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		return out.Bytes()
	}
	w := *d.Workflow
	w.PayloadSchema, w.Steps = squeeze(w.PayloadSchema), []novu.StepRequest{}
	for _, s := range d.Workflow.Steps {
		s.ControlValues = squeeze(s.ControlValues)
		w.Steps = append(w.Steps, s)
	}
	return OfWorkflow(&w)
}

// held is what Novu holds after the request.
func held(r *novu.WorkflowRequest) *novu.Workflow {
	w := &novu.Workflow{
		WorkflowID: r.WorkflowID, Name: r.Name, Description: r.Description, Tags: r.Tags, Active: r.Active, Severity: r.Severity,
		ValidatePayload: r.ValidatePayload, PayloadSchema: r.PayloadSchema, IsTranslationEnabled: r.IsTranslationEnabled,
		Preferences: novu.Preferences{User: r.Preferences.User, Default: r.Preferences.Workflow},
	}
	for _, s := range r.Steps {
		w.Steps = append(w.Steps, novu.Step{StepID: s.StepID, Name: s.Name, Type: s.Type, ControlValues: s.ControlValues})
	}
	return w
}

func entryOf(before, after *Definition) Entry {
	e := Entry{
		Kind: after.Kind, ID: after.ID, Namespace: "dev", Name: "object", Action: v1alpha1.PlanActionUpdate,
		Revision: "r2", BeforeRevision: "r1", Before: before, After: after,
	}
	if before == nil {
		e.BeforeRevision = ""
	}
	return e
}

func TestCorpusIsKeptAsItIs(t *testing.T) {
	var list []Entry
	for _, d := range corpus(t) {
		list = append(list, entryOf(nil, d))
	}
	for i, read := range roundTrip(t, list) {
		sameDefinition(t, read.After, list[i].After)
		read.After, list[i].After = nil, nil
		if !reflect.DeepEqual(read, list[i]) {
			t.Errorf("got %+v, want %+v", read, list[i])
		}
	}
}

func TestAnyDefinitionIsKeptAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := anyWorkflow(t), anyWorkflow(t)
		read := roundTrip(t, []Entry{entryOf(before, after)})[0]
		sameDefinition(t, read.Before, before)
		sameDefinition(t, read.After, after)
	})
}

// What JSON takes for the same in some languages, and Novu does not.
func TestRawValuesAreKeptToTheLetter(t *testing.T) {
	for name, raw := range map[string]string{
		"absent": ``, "null": `null`, "empty": `{}`, "null within": `{"layoutId":null}`, "a big number": `{"n":9007199254740993}`,
		"spellings of numbers": `[1.0,1e3,-0,0.10,1E-7]`, "HTML": `{"body":"<p>a & b</p>"}`, "an escape": `{"body":"\u003cp\u2028"}`,
		"a separator": "{\"body\":\"\u2028\"}", "half a character": `{"body":"\ud83d"}`, "a key twice": `{"a":1,"a":2}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := text("order", "")
			d.Workflow.PayloadSchema, d.Workflow.Steps[0].ControlValues = json.RawMessage(raw), json.RawMessage(raw)
			read := roundTrip(t, []Entry{entryOf(nil, d)})[0].After.Workflow
			same(t, "payloadSchema", string(read.PayloadSchema), raw)
			same(t, "controlValues", string(read.Steps[0].ControlValues), raw)
			if raw == "" && (read.PayloadSchema != nil || read.Steps[0].ControlValues != nil) {
				t.Error("what was absent is there")
			}
		})
	}
}

// TestEveryFieldIsKept fails when a field is added to the requests and not to the format. Internal ids are not kept.
func TestEveryFieldIsKept(t *testing.T) {
	workflow, layout := &novu.WorkflowRequest{}, &novu.LayoutRequest{}
	fill(t, reflect.ValueOf(workflow).Elem())
	fill(t, reflect.ValueOf(layout).Elem())
	read := roundTrip(t, []Entry{entryOf(nil, OfWorkflow(workflow)), entryOf(nil, OfLayout(layout))})
	if !reflect.DeepEqual(read[1].After.Layout, layout) {
		t.Errorf("got %+v, want %+v", read[1].After.Layout, layout)
	}
	workflow.Steps[0].ID = ""
	if !reflect.DeepEqual(read[0].After.Workflow, workflow) {
		t.Errorf("got %+v, want %+v", read[0].After.Workflow, workflow)
	}
}

// fill gives every field a value.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(`{"a":1}`))
	case v.Kind() == reflect.String:
		v.SetString("x")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case v.Kind() == reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(t, value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("x"), value)
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			fill(t, field)
		}
	default:
		t.Fatalf("teach this test about %s", v.Type())
	}
}

// TestNoSecrets: nothing that a record can hold has a field for a credential.
func TestNoSecrets(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type, string)
	visit = func(at reflect.Type, path string) {
		for _, word := range []string{"secret", "credential", "password", "token", "integration", "apikey"} {
			if strings.Contains(strings.ToLower(path), word) {
				t.Errorf("%s is recorded", path)
			}
		}
		if seen[at] {
			return
		}
		seen[at] = true
		switch at.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(at.Elem(), path+"."+at.Elem().Name())
		case reflect.Struct:
			for field := range at.Fields() {
				visit(field.Type, path+"."+field.Name+" "+field.Type.Name())
			}
		}
	}
	visit(reflect.TypeFor[Record](), "Record")
	if !seen[reflect.TypeFor[novu.StepRequest]()] || seen[reflect.TypeFor[novu.IntegrationRequest]()] {
		t.Error("the test has not looked at what is recorded")
	}
}

func TestSharedDefinitions(t *testing.T) {
	list := entries("w a: v1 -> v2", "w b: v1 -> v2", "l a: v1 -> v1")
	list = append(list, entries("w a: v2 -> v1")...)
	packed, err := encodeEntries(list)
	must(t, err)
	decoder, read := newDecoder(), []Entry{}
	for range 2 {
		must(t, decoder.entries(packed, func(e Entry) { read = append(read, e) }))
	}
	same(t, "entries", lines(read[:4]), lines(list))
	if read[0].Before != read[3].After || read[0].Before != read[4].Before || read[2].Before != read[2].After {
		t.Error("the same definition is in memory twice")
	}
	if read[0].Before == read[1].Before || len(decoder.known) != 5 {
		t.Errorf("%d definitions", len(decoder.known))
	}
}

func TestWhatCannotBeRecorded(t *testing.T) {
	twice := text("a", "v")
	twice.Layout = frame("a", "v").Layout
	broken := text("a", "v")
	broken.Workflow.Steps[0].ControlValues = json.RawMessage(`{"a":`)
	huge := frame("a", strings.Repeat("x", mostText))
	for name, test := range map[string]struct {
		entries []Entry
		want    string
	}{
		"two definitions in one": {[]Entry{entryOf(nil, twice)}, "record what is promoted of Workflow a: its definition is that of Workflow a"},
		"none":                   {[]Entry{entryOf(nil, &Definition{Kind: v1alpha1.PromotionItemLayout, ID: "a"})}, "of Layout a"},
		"another item":           {[]Entry{entryOf(text("b", "v"), text("a", "v"))}, "record what the target holds of Workflow a: its definition is that of Workflow b"},
		"no JSON":                {[]Entry{entryOf(nil, broken)}, "record what is promoted of Workflow a"},
		"too much":               {[]Entry{entryOf(nil, huge)}, "64 MiB"},
		"too many":               {make([]Entry, mostItems+1), "20000 items"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := encodeEntries(test.entries)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one with %q", err, test.want)
			}
			o := reconcile.OutcomeOf(err)
			if tooBig := strings.HasPrefix(name, "too"); (o.Kind == reconcile.Stalled) != tooBig || tooBig && o.Reason != v1alpha1.ReasonPlanTooLarge {
				t.Errorf("%#v", err)
			}
		})
	}
}

// What cannot be read is an error, whatever it is, and costs little.
func TestWhatCannotBeRead(t *testing.T) {
	whole, err := encodeEntries(entries("w a: v1 -> v2"))
	must(t, err)
	for name, packed := range map[string][]byte{
		"nothing": {}, "no gzip": []byte("{}"), "the half": whole[:len(whole)/2], "a bit less": whole[:len(whole)-1],
		"a bit more": append(bytes.Clone(whole), 'x'), "no JSON": zipped("order"), "another kind of JSON": zipped(`[1]`),
		"half a line": zipped(`{"kind":"Workflow","id":"a","after":{`), "a kind of tomorrow": zipped(`{"kind":"Topic","id":"a","after":{}}`),
		"another item":          zipped(`{"kind":"Layout","id":"a","after":{"layoutId":"b"}}`),
		"a definition of null":  zipped(`{"kind":"Layout","id":"a","after":null}`),
		"a list of definitions": zipped(`{"kind":"Workflow","id":"a","before":[]}`),
		"a bomb":                zipped(`{"id":"` + strings.Repeat("x", mostText) + `"}`),
		"a bomb of air":         zipped(strings.Repeat(" ", mostText+1)),
		"a bomb of items":       zipped(strings.Repeat("{}\n", mostItems+1)),
	} {
		t.Run(name, func(t *testing.T) {
			count := 0
			if err := newDecoder().entries(packed, func(Entry) { count++ }); err == nil {
				t.Errorf("%d entries were read", count)
			}
		})
	}
}

func zipped(text string) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	_, _ = zip.Write([]byte(text))
	_ = zip.Close()
	return out.Bytes()
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"kind":"Workflow","id":"a","after":{"workflowId":"a","steps":[{}]}}`, `{"kind":"Layout"}`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var read []Entry
		if newDecoder().entries(zipped(string(text)), func(e Entry) { read = append(read, e) }) == nil && len(read) > 0 {
			for i, again := range roundTrip(t, read) {
				if again.Before.Revision() != read[i].Before.Revision() || again.After.Revision() != read[i].After.Revision() {
					t.Errorf("%s became something else", text)
				}
			}
		}
	})
}
