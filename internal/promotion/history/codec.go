// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/reconcile"
)

// mostText is how much JSON a document may be made of, in bytes. It bounds what reading one can cost, whatever the objects
// hold, and is far more than a thousand workflows need.
const mostText = 64 << 20

// mostItems is how many items a document may have, for the same reason.
const mostItems = 20_000

// entryText is the format of an entry. It must stay readable by later versions of the operator: members may be added.
type entryText struct {
	Kind           v1alpha1.PromotionItemKind `json:"kind"`
	ID             string                     `json:"id"`
	Namespace      string                     `json:"namespace"`
	Name           string                     `json:"name"`
	Labels         map[string]string          `json:"labels,omitzero"` // {} is not the same as none
	Action         v1alpha1.PlanAction        `json:"action"`
	Revision       string                     `json:"revision,omitempty"`
	BeforeRevision string                     `json:"beforeRevision,omitempty"`
	Before         json.RawMessage            `json:"before,omitempty"` // the form of the kind
	After          json.RawMessage            `json:"after,omitempty"`
}

// encodeEntries makes the document that holds the entries.
func encodeEntries(entries []Entry) ([]byte, error) {
	texts := make([]entryText, 0, len(entries))
	for i := range entries {
		text, err := textOf(&entries[i])
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return pack(texts)
}

func textOf(e *Entry) (entryText, error) {
	before, err := e.definitionText(e.Before)
	if err != nil {
		return entryText{}, fmt.Errorf("record what the target holds of %s %s: %w", e.Kind, e.ID, err)
	}
	after, err := e.definitionText(e.After)
	if err != nil {
		return entryText{}, fmt.Errorf("record what is promoted of %s %s: %w", e.Kind, e.ID, err)
	}
	return entryText{
		Kind: e.Kind, ID: e.ID, Namespace: e.Namespace, Name: e.Name, Labels: e.Labels, Action: e.Action,
		Revision: e.Revision, BeforeRevision: e.BeforeRevision, Before: before, After: after,
	}, nil
}

// definitionText is nil for no definition.
func (e *Entry) definitionText(d *Definition) (json.RawMessage, error) {
	if d == nil {
		return nil, nil
	}
	form := formOf(d)
	if form == nil || d.Kind != e.Kind || d.ID != e.ID {
		return nil, fmt.Errorf("its definition is that of %s %s", d.Kind, d.ID)
	}
	return plainJSON(form.text(d))
}

// plainJSON leaves the characters of HTML as they are: bodies of e-mails are full of them.
func plainJSON(v any) (json.RawMessage, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), err
}

// decoder reads entries. Definitions with the same text become one: most of what records hold is in several of them.
type decoder struct {
	known map[[sha256.Size]byte]*Definition
}

func newDecoder() *decoder { return &decoder{known: map[[sha256.Size]byte]*Definition{}} }

func (d *decoder) entries(packed []byte, each func(Entry)) error {
	return unpack(packed, func(text *entryText) error {
		entry, err := d.entry(text)
		if err == nil {
			each(entry)
		}
		return err
	})
}

func (d *decoder) entry(text *entryText) (Entry, error) {
	before, err := d.definition(text, text.Before)
	if err != nil {
		return Entry{}, err
	}
	after, err := d.definition(text, text.After)
	return Entry{
		Kind: text.Kind, ID: text.ID, Namespace: text.Namespace, Name: text.Name, Labels: text.Labels, Action: text.Action,
		Revision: text.Revision, BeforeRevision: text.BeforeRevision, Before: before, After: after,
	}, err
}

func (d *decoder) definition(text *entryText, raw json.RawMessage) (*Definition, error) {
	if raw == nil {
		return nil, nil
	}
	key := sha256.Sum256(append([]byte(text.Kind), raw...))
	if known := d.known[key]; known != nil {
		return known, nil
	}
	made, err := decodeDefinition(text.Kind, raw)
	if err == nil && made.ID != text.ID {
		err = fmt.Errorf("the definition of %s %s is that of %s", text.Kind, text.ID, made.ID)
	}
	if err != nil {
		return nil, err
	}
	d.known[key] = made
	return made, nil
}

func decodeDefinition(kind v1alpha1.PromotionItemKind, raw json.RawMessage) (*Definition, error) {
	form, known := forms[kind]
	if !known {
		return nil, fmt.Errorf("kind %q is unknown to this version of the operator", kind)
	}
	return form.read(raw)
}

// pack writes one line of JSON for each item, compressed.
func pack[T any](items []T) ([]byte, error) {
	if len(items) > mostItems {
		return nil, reconcile.Stalledf(v1alpha1.ReasonPlanTooLarge,
			"the Promotion has more than the %d items that can be recorded: promote fewer at a time", mostItems)
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	encoder := json.NewEncoder(&bounded{to: zip, left: mostText})
	encoder.SetEscapeHTML(false)
	for i := range items {
		if err := encoder.Encode(&items[i]); err != nil {
			return nil, err
		}
	}
	err := zip.Close()
	return packed.Bytes(), err
}

// unpack reads what pack has written, item by item. It stops at the bound that pack keeps: whoever can write objects must
// not be able to exhaust the operator's memory by them.
func unpack[T any](packed []byte, each func(*T) error) error {
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	text := &io.LimitedReader{R: zip, N: mostText + 1}
	lines := json.NewDecoder(text)
	for n := 0; ; n++ {
		item := new(T)
		err := lines.Decode(item)
		switch {
		case text.N <= 0, n > mostItems:
			return fmt.Errorf("it holds more than %d MiB or %d items", mostText>>20, mostItems)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := each(item); err != nil {
			return err
		}
	}
}

// bounded passes on what is written, up to a number of bytes.
type bounded struct {
	to   io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, reconcile.Stalledf(v1alpha1.ReasonPlanTooLarge,
			"what the Promotion changes is more than the %d MiB that can be recorded: promote fewer items at a time", mostText>>20)
	}
	return b.to.Write(p)
}
