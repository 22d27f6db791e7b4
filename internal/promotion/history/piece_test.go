// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"bytes"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
)

func TestNamesOfObjects(t *testing.T) {
	const (
		uid   = "11111111-2222-4333-8444-555555555555"
		begin = "novu-record-aba13ea615b2756c93b1808a9e889d7d-" // what a restarted operator, and the next version, look for
	)
	for name, want := range map[string]*address{
		begin + "7-" + uid + "-record-0":                                     {number: 7, promotion: uid, document: "record"},
		begin + "7-" + uid + "-record-12":                                    {number: 7, promotion: uid, document: "record", piece: 12},
		begin + "123-" + uid + "-done-0":                                     {number: 123, promotion: uid, document: "done"},
		begin + "1-" + uid + "-s3-0":                                         {number: 1, promotion: uid, document: "s3"},
		begin + "1-flat-s3-0":                                                {number: 1, promotion: "flat", document: "s3"},
		"novu-record-" + strings.Repeat("f", 32) + "-7-" + uid + "-record-0": nil,
		begin + "0-" + uid + "-record-0":                                     nil,
		begin + "07-" + uid + "-record-0":                                    nil,
		begin + "x-" + uid + "-record-0":                                     nil,
		begin + "7-" + uid + "-record-01":                                    nil,
		begin + "7-" + uid + "-record--1":                                    nil,
		begin + "7-" + uid + "-record":                                       nil,
		begin + "7-" + uid + "-s-0":                                          nil,
		begin + "7-" + uid + "-s0-0":                                         nil,
		begin + "7-" + uid + "-s03-0":                                        nil,
		begin + "7-" + uid + "-else-0":                                       nil,
		begin + "7-record-0":                                                 nil,
		begin + "":                                                           nil,
		"web-5d8f9c":                                                         nil,
		"":                                                                   nil,
		begin + "99999999999999999999-a-s":                                   nil,
	} {
		a, ok := parseAddress(target(), name)
		switch {
		case ok != (want != nil):
			t.Errorf("%q: ok is %t: %+v", name, ok, a)
		case ok && a != *want:
			t.Errorf("%q: %+v, want %+v", name, a, *want)
		case ok && a.name(target()) != name:
			t.Errorf("%q became %q", name, a.name(target()))
		}
	}
}

func TestPiecesOfADocument(t *testing.T) {
	for size, count := range map[int]int{1: 1, pieceSize - 1: 1, pieceSize: 1, pieceSize + 1: 2, 5*pieceSize + 7: 6} {
		packed := noise(size)
		pieces := cut(promotion("a"), packed)
		if len(pieces) != count || pieces[0].Pieces != count {
			t.Fatalf("%d bytes made %d pieces, want %d", size, len(pieces), count)
		}
		joined, err := join(pieces)
		if err != nil || !bytes.Equal(joined, packed) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	mixed := cut(promotion("a"), noise(2*pieceSize))
	mixed[1] = cut(promotion("a"), noise(2*pieceSize+1))[1]
	if _, err := join(mixed); err == nil {
		t.Error("pieces of two documents were joined")
	}
}

// noise cannot be compressed, and begins otherwise for each size.
func noise(size int) []byte {
	out, state := make([]byte, size), uint32(size)+1
	for i := range out {
		state = state*1664525 + 1013904223
		out[i] = byte(state >> 24)
	}
	return out
}

func TestObjectOfAPiece(t *testing.T) {
	p := promotion("release")
	p.Spec.Rollback, p.Status.RestoresRef = BackTo(Previous), &v1alpha1.PromotionReference{Namespace: "shop", Name: "earlier"}
	piece := cut(p, noise(pieceSize))[0]
	o, err := piece.object(target(), address{number: 7, promotion: p.UID, document: recordDocument})
	must(t, err)
	if len(o.Data.Raw) > 700<<10 || len(o.OwnerReferences) > 0 || o.Revision != 7 || o.Labels[LabelTarget] != "production" || o.Labels[LabelPromotion] != "release" {
		t.Errorf("%d bytes, revision %d, labels %v", len(o.Data.Raw), o.Revision, o.Labels)
	}
	read, err := parsePiece(o)
	must(t, err)
	if !read.equal(&piece) || read.RollbackOf.Name != "earlier" {
		t.Errorf("RollbackOf %+v", read.RollbackOf)
	}
	for name, raw := range map[string]string{
		"nothing": ``, "no JSON": `{`, "a template": `{"spec":{"template":{}}}`, "no pieces": `{"promotion":"a"}`,
		"too many pieces": `{"promotion":"a","pieces":1000000000}`, "no base64": `{"promotion":"a","pieces":1,"gzip":"?"}`,
	} {
		o.Data.Raw = []byte(raw)
		if _, err := parsePiece(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRollbackOf(t *testing.T) {
	restores := v1alpha1.PromotionReference{Namespace: "shop", Name: "release-3"}
	none := v1alpha1.PromotionReference{}
	for name, test := range map[string]struct {
		rollback *v1alpha1.PromotionRollback
		restores *v1alpha1.PromotionReference
		want     v1alpha1.PromotionReference
	}{
		"no rollback":         {nil, nil, none},
		"a left-over status":  {nil, &restores, none},
		"not looked up yet":   {BackTo("a"), nil, none},
		"back to the state":   {BackTo(Previous), &restores, restores},
		"back to a Promotion": {BackTo("a"), &restores, restores},
	} {
		p := &v1alpha1.Promotion{Spec: v1alpha1.PromotionSpec{Rollback: test.rollback}, Status: v1alpha1.PromotionStatus{RestoresRef: test.restores}}
		same(t, name, rollbackOf(p).Key().String(), test.want.Key().String())
	}
}

func TestLabelValue(t *testing.T) {
	same(t, "short", LabelValue("release-42.b"), "release-42.b")
	long := strings.Repeat("a", 62)
	same(t, "just short enough", LabelValue(long+"b"), long+"b")
	if LabelValue(long+"bc") == LabelValue(long+"bd") {
		t.Error("two names have one label")
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?){0,7}`).Draw(t, "name")
		if problems := validation.IsValidLabelValue(LabelValue(name)); len(problems) > 0 {
			t.Fatalf("%s: %v", LabelValue(name), problems)
		}
	})
}
