// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"fmt"
	"testing"
)

// Every field that names another object refuses names that no object can have. A user who writes the environment's
// name in Novu, or a workflowID, learns so at once and not from a reference that never resolves.
func TestReferenceRules(t *testing.T) {
	t.Parallel()
	badNames := []string{"Development", "my_env", "-a", "a b", `"a/b"`}
	goodNames := []string{"development", "dev.eu-1", `"0"`}
	const anObject = "write metadata.name of the object: lower case letters, digits, '-' and '.'"
	const anEnvironment = "write metadata.name of an Environment object (lower case letters, digits, '-' and '.'), not the name that the environment has in Novu"
	const aConfigMap = "write metadata.name of the ConfigMap: lower case letters, digits, '-' and '.'"
	for _, field := range []struct{ manifest, at, format, want string }{
		{environmentManifest, "spec.promotionPolicy", `{sourceRef: {name: %s}}`, anEnvironment},
		{environmentManifest, "spec.secretKeyRef", `{name: %s}`, "write metadata.name of the Secret: lower case letters, digits, '-' and '.'"},
		{environmentManifest, "spec.caBundleRef", `{name: %s, key: ca.crt}`, aConfigMap},
		{promotionManifest, "spec.targetRef", `{name: %s}`, anEnvironment},
		{promotionManifest, "spec.items", `[{kind: Workflow, name: %s}]`, "write metadata.name of the Workflow or Layout object (lower case letters, digits, '-' and '.'), not its workflowID or layoutID"},
		{workflowManifest, "spec.environmentRef", `{name: %s}`, anEnvironment},
		{layoutManifest, "spec.environmentRef", `{name: %s}`, anEnvironment},
		{integrationManifest, "spec.environmentRef", `{name: %s}`, anEnvironment},
		{integrationManifest, "spec.credentialsFrom", `[{secretRef: {name: %s}}]`, anObject},
		{integrationManifest, "spec.credentialsFrom", `[{credential: apiKey, secretKeyRef: {name: %s, key: apiKey}}]`, "write metadata.name of the Secret: lower case letters, digits, '-' and '.'"},
		{stepManifest("Email"), "spec.steps[0].email", `{subject: a, layout: {type: Ref, ref: {name: %s}}}`, anObject},
		{stepManifest("SMS"), "spec.steps[0].sms", `{bodyFrom: {configMapKeyRef: {name: %s, key: body}}}`, aConfigMap},
		{layoutManifest, "spec", `{body: null, bodyFrom: {configMapKeyRef: {name: %s, key: body}}}`, aConfigMap},
	} {
		checkRules(t, []rule{{
			name: parse(t, field.manifest).GetKind() + " " + field.at, manifest: field.manifest, at: field.at,
			refused: formatAll(field.format, badNames), accepted: formatAll(field.format, goodNames), want: field.want,
			createOnly: true, // most of them are immutable
		}})
	}
}

func TestKeyRules(t *testing.T) {
	t.Parallel()
	for _, field := range []struct{ manifest, at, format string }{
		{environmentManifest, "spec.secretKeyRef", `{key: %s}`},
		{environmentManifest, "spec.caBundleRef", `{name: ca, key: %s}`},
		{integrationManifest, "spec.credentialsFrom", `[{credential: apiKey, secretKeyRef: {name: novu, key: %s}}]`},
		{layoutManifest, "spec", `{body: null, bodyFrom: {configMapKeyRef: {name: texts, key: %s}}}`},
		{stepManifest("Email"), "spec.steps[0].email", `{subject: hi, bodyFrom: {configMapKeyRef: {name: texts, key: %s}}}`},
	} {
		checkRules(t, []rule{{
			name: parse(t, field.manifest).GetKind() + " " + field.at, manifest: field.manifest, at: field.at,
			refused:  formatAll(field.format, []string{"a b", "a/b", "ä", `"{{a}}"`}),
			accepted: formatAll(field.format, []string{"secret_key", "SECRET-KEY.1", "mail.html"}),
			want:     "write a key of the data: letters, digits, '-', '_' and '.'",
		}})
	}
}

func TestNamespaceRules(t *testing.T) {
	t.Parallel()
	badNames := []string{"Team-A", "team.a", "a_b", long(64)}
	for _, field := range []struct{ manifest, at, format string }{
		{environmentManifest, "spec.promotionPolicy", `{sourceRef: {name: development, namespace: %s}}`},
		{promotionManifest, "spec.targetRef", `{namespace: %s}`},
		{promotionManifest, "spec.items", `[{kind: Layout, name: base, namespace: %s}]`},
		{workflowManifest, "spec.environmentRef", `{namespace: %s}`},
		{layoutManifest, "spec.environmentRef", `{namespace: %s}`},
		{integrationManifest, "spec.environmentRef", `{namespace: %s}`},
	} {
		kind := parse(t, field.manifest).GetKind()
		checkRules(t, []rule{{
			name: kind + " " + field.at, manifest: field.manifest, at: field.at,
			refused: formatAll(field.format, badNames[:3]), accepted: formatAll(field.format, []string{"team-a", long(63)}),
			want: "write the name of a namespace: lower case letters, digits and '-'", createOnly: true,
		}, {
			name: kind + " " + field.at + " length", manifest: field.manifest, at: field.at,
			refused: formatAll(field.format, badNames[3:]), accepted: formatAll(field.format, []string{long(63)}),
			want: "may not be more than 63 bytes", createOnly: true,
		}})
	}
}

// checkSelector tries the rules of a label selector that is at path, in a value of the given format. Rules about the
// syntax of labels would cost more than the API server allows, because the selector's lists have no bounds.
func checkSelector(t *testing.T, manifest, path, format string) {
	t.Helper()
	checkRules(t, []rule{{
		name: "selector operator", manifest: manifest, at: path, createOnly: true,
		refused: formatAll(format, []string{
			`{matchExpressions: [{key: team, operator: Equals}]}`, `{matchExpressions: [{key: team, operator: in}]}`,
		}),
		accepted: formatAll(format, []string{
			`{matchExpressions: [{key: team, operator: Exists}]}`, `{matchExpressions: [{key: team, operator: DoesNotExist}]}`,
		}),
		want: "operator is In, NotIn, Exists or DoesNotExist",
	}, {
		name: "selector values", manifest: manifest, at: path, createOnly: true,
		refused: formatAll(format, []string{
			`{matchExpressions: [{key: team, operator: In}]}`, `{matchExpressions: [{key: team, operator: NotIn, values: []}]}`,
			`{matchExpressions: [{key: team, operator: Exists, values: [a]}]}`,
		}),
		accepted: formatAll(format, []string{
			`{matchExpressions: [{key: team, operator: In, values: [a]}]}`, `{matchExpressions: [{key: team, operator: Exists, values: []}]}`,
		}),
		want: "operators In and NotIn need values; Exists and DoesNotExist take none",
	}})
}

func formatAll(format string, values []string) []string {
	formatted := make([]string, len(values))
	for i, value := range values {
		formatted[i] = fmt.Sprintf(format, value)
	}
	return formatted
}
