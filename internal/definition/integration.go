// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"regexp"
	"slices"
	"strings"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// Integration makes the request that describes the object. secrets are the values
// that credentialsFrom names, by credential. Without credentials or configurations
// in the object, those in Novu are left alone; rules are always sent, as Novu's conditions. The error
// is an *InvalidError that shows no credential.
func Integration(i *v1alpha1.Integration, secrets map[string]string) (*novu.IntegrationRequest, error) {
	merged, err := credentials(i, secrets)
	if err != nil {
		return nil, err
	}
	configurations, err := objectJSON("spec.configurations", i.Spec.Configurations)
	if err != nil {
		return nil, err
	}
	r := &novu.IntegrationRequest{
		ProviderID:  i.Spec.ProviderID,
		Channel:     channels.novu(i.Spec.Channel),
		Name:        i.EffectiveName(),
		Identifier:  i.EffectiveID(),
		Active:      i.EffectiveActive(),
		Credentials: merged,
		Conditions:  conditions(i.Spec.Rules),
	}
	if configurations != nil {
		r.Configurations, _ = tree(configurations).(map[string]any)
	}
	return r, nil
}

// Expectation is what is wanted of an integration beyond its request.
type Expectation struct {
	// Primary is spec.primary; nil leaves the choice to Novu.
	Primary *bool
	// CredentialsWritten reports whether the last write carried exactly these credentials:
	// their [CredentialsHash] is the one in status.
	CredentialsWritten bool
	// Answered reports whether what Novu holds is its answer to the write of exactly this request.
	Answered bool
	// Unread reports whether another writer may have changed credentials that Novu does not show.
	Unread bool
}

// secretMark stands for a secret value in a difference.
const secretMark = "(secret)"

// NotShown stands in a difference for what Novu holds and does not show: it may be what is wanted.
const NotShown = "(not shown)"

// secretName tells configurations that hold a secret, such as inboundWebhookSigningKey.
var secretName = regexp.MustCompile(`(?i)key|secret|token|password`)

// CompareIntegration lists in what the integration in Novu (from) differs from the
// wanted one (to). Of credentials only names are shown. They are compared by value
// where Novu shows them, else by what was last written.
func CompareIntegration(want *novu.IntegrationRequest, have *novu.Integration, e Expectation) []v1alpha1.Difference {
	var d differences
	d.compare("providerID", have.ProviderID, want.ProviderID)
	d.compare("channel", string(channels.ours(have.Channel)), string(channels.ours(want.Channel)))
	d.compare("name", have.Name, want.Name)
	d.compare("identifier", have.Identifier, want.Identifier)
	d.compare("active", have.Active, want.Active)
	if e.Primary != nil {
		d.compare("primary", have.Primary, *e.Primary)
	}
	d.compare("rules", ruleTree(have.Conditions), ruleTree(want.Conditions))
	d.configurations(tree(have.Configurations), want.Configurations)
	d.credentials(want.Credentials, have.Credentials, e)
	return d
}

// configurations compares what the user set: Novu keeps values of its own there.
// Some of them are secrets.
func (d *differences) configurations(have any, want map[string]any) {
	held, _ := have.(map[string]any)
	for _, key := range sortedKeys(want) {
		path, from, to := member("configurations", key), lookup(held, key), treeOf(want[key])
		switch {
		case !secretName.MatchString(key):
			d.compare(path, from, to)
		case !same(from, to):
			*d = append(*d, v1alpha1.Difference{Path: path, From: secretMark, To: secretMark})
		}
	}
}

// credentials compares name by name where Novu shows values. A name that Novu does
// not hold although it was written is one that it does not know and drops.
func (d *differences) credentials(want map[string]any, have novu.Fingerprints, e Expectation) {
	if want == nil {
		return
	}
	if len(have) == 0 {
		d.unread(e)
		return
	}
	written := e.CredentialsWritten
	for _, name := range sortedKeys(want) {
		held, shown := have[name]
		match, _ := novu.Fingerprints{name: held}.Match(map[string]any{name: want[name]})
		switch {
		case !shown && !written:
			d.secret(name, "", secretMark)
		case shown && !match:
			d.secret(name, secretMark, secretMark)
		}
	}
	for _, name := range sortedKeys(have) {
		if _, ok := want[name]; !ok {
			d.secret(name, secretMark, "")
		}
	}
}

// DiffersInCredentials reports whether credentials are among the differences. They are no part of
// [IntegrationFingerprint], so that it does not tell.
func DiffersInCredentials(list []v1alpha1.Difference) bool {
	return slices.ContainsFunc(list, func(d v1alpha1.Difference) bool { return strings.HasPrefix(d.Path, "credentials") })
}

// unread judges credentials that Novu does not show by what is known of them.
func (d *differences) unread(e Expectation) {
	switch {
	case e.Answered:
	case !e.CredentialsWritten:
		*d = append(*d, v1alpha1.Difference{Path: "credentials", From: secretMark, To: secretMark})
	case e.Unread:
		*d = append(*d, v1alpha1.Difference{Path: "credentials", From: NotShown, To: secretMark})
	}
}

func (d *differences) secret(name, from, to string) {
	*d = append(*d, v1alpha1.Difference{Path: member("credentials", name), From: from, To: to})
}

// IntegrationFingerprint is a digest of what Novu holds of the integration, but
// credentials, which Novu may not show, and priority, which every write changes.
func IntegrationFingerprint(have *novu.Integration) string {
	return digest(map[string]any{
		"providerId": have.ProviderID, "channel": have.Channel, "name": have.Name, "identifier": have.Identifier,
		"active": have.Active, "primary": have.Primary,
		"conditions": conditionTree(have.Conditions), "configurations": orNull(tree(have.Configurations)),
	})
}

// IntegrationRevision is a digest of the object's definition. Of the credentials
// that come from Secrets it knows the names in the object only.
func IntegrationRevision(i *v1alpha1.Integration) string {
	return digest(map[string]any{
		"providerId": i.Spec.ProviderID, "channel": i.Spec.Channel, "name": i.EffectiveName(),
		"identifier": i.EffectiveID(), "active": i.EffectiveActive(), "primary": i.Spec.Primary,
		"rules": i.Spec.Rules, "configurations": i.Spec.Configurations,
		"credentials": i.Spec.Credentials, "credentialsFrom": i.Spec.CredentialsFrom,
	})
}

// integrationTree is what a request says, but credentials: a hash that people can
// read would let them try values.
func integrationTree(r *novu.IntegrationRequest) map[string]any {
	return map[string]any{
		"providerId": r.ProviderID, "channel": r.Channel, "name": r.Name, "identifier": r.Identifier,
		"active": r.Active, "conditions": conditionTree(r.Conditions), "configurations": r.Configurations,
	}
}

// orNull makes a missing value null.
func orNull(t any) any {
	if t == any(absent{}) {
		return nil
	}
	return t
}
