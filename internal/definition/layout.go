// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// Layout makes the request that describes the object. body is what its bodyFrom
// names; a body in the object itself comes first. The error is an *InvalidError.
func Layout(l *v1alpha1.Layout, body string) (*novu.LayoutRequest, error) {
	body = orDefault(l.Spec.Body, body)
	if body == "" {
		return nil, invalid("spec.body", "the layout is empty: set body, or bodyFrom to a ConfigMap key that holds one")
	}
	return &novu.LayoutRequest{
		LayoutID:             l.EffectiveID(),
		Name:                 l.Spec.Name,
		IsTranslationEnabled: isTrue(l.Spec.TranslationEnabled),
		Email:                &novu.LayoutEmail{Body: body, EditorType: orDefault(editorTypes.novu(l.Spec.EditorType), editorType(body))},
	}, nil
}

// LayoutFrom makes the request that another environment must be sent to hold the
// same layout.
func LayoutFrom(have *novu.Layout) *novu.LayoutRequest {
	r := &novu.LayoutRequest{
		LayoutID: have.LayoutID, Name: have.Name, IsTranslationEnabled: have.IsTranslationEnabled,
	}
	if email := have.Email(); email != nil {
		copied := *email
		r.Email = &copied
	}
	return r
}

// CompareLayout lists in what the layout in Novu (from) differs from the wanted one
// (to). It needs the layout itself: list items carry no content.
func CompareLayout(want *novu.LayoutRequest, have *novu.Layout) []v1alpha1.Difference {
	return CompareLayoutRequests(want, LayoutFrom(have))
}

// CompareLayoutRequests is CompareLayout of what Novu held at some time, as it was recorded.
func CompareLayoutRequests(want, have *novu.LayoutRequest) []v1alpha1.Difference {
	var d differences
	d.compare("name", have.Name, want.Name)
	if !want.IsTranslationEnabled { // a community server answers false forever
		d.compare("translationEnabled", have.IsTranslationEnabled, want.IsTranslationEnabled)
	}
	switch held := have.Email; {
	case want.Email == nil:
	case held == nil:
		d.add("body", absent{}, emailTree(want.Email))
	default:
		d.compare("", inManifest(emailType, emailTree(held)), inManifest(emailType, emailTree(want.Email)))
	}
	return d
}

// LayoutFingerprint is a digest of everything about the layout in Novu that a
// definition can say.
func LayoutFingerprint(have *novu.Layout) string { return Revision(LayoutFrom(have)) }

// layoutTree is what a request says; its identifier is the same everywhere.
func layoutTree(r *novu.LayoutRequest) map[string]any {
	return map[string]any{
		"name": r.Name, "isTranslationEnabled": r.IsTranslationEnabled, "email": emailTree(r.Email),
	}
}

// emailTree is a layout's content, absent if an answer did not carry it.
func emailTree(e *novu.LayoutEmail) any {
	if e == nil {
		return absent{}
	}
	return map[string]any{"body": e.Body, "editorType": e.EditorType}
}
