// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"strings"
	"testing"
)

// TestRefusedValues tries what a hurried person may write. The error has to name the place.
func TestRefusedValues(t *testing.T) {
	tests := []struct{ name, values, want string }{
		{"misspelt value", "replicaCount: 2", "additional properties 'replicaCount' not allowed"},
		{"misspelt inner value", "image: {name: x}", "'/image': additional properties 'name' not allowed"},
		{"misspelt policy", "defaults: {deletionPolicy: retain}", "/defaults/deletionPolicy"},
		{"policies as a list", "policies: [promotions]", "/policies"},
		{"gates that write", "gates: {rules: [{apiGroups: [apps], resources: [deployments], verbs: [get, patch]}]}", "/gates/rules/0/verbs/1"},
		{"gates without verbs", "gates: {rules: [{apiGroups: [apps], resources: [deployments]}]}", "/gates/rules/0"},
		{"one rule of gates", "gates: {rules: {apiGroups: [apps]}}", "/gates/rules"},
		{"no number", "replicas: two", "/replicas"},
		{"negative replicas", "replicas: -1", "/replicas"},
		{"namespaces as one string", "watchNamespaces: a,b", "/watchNamespaces"},
		{"no name of a namespace", "watchNamespaces: ['team a']", "/watchNamespaces/0"},
		{"the same namespace twice", "watchNamespaces: [a, a]", "/watchNamespaces"},
		{"switch as a string", "dryRun: 'true'", "/dryRun"},
		{"unknown log level", "logLevel: verbose", "/logLevel"},
		{"unknown log format", "logFormat: text", "/logFormat"},
		{"no worker at all", "maxConcurrentReconciles: 0", "/maxConcurrentReconciles"},
		{"digest without algorithm", "image: {digest: 0123}", "/image/digest"},
		{"tag within the repository", "image: {repository: 'x:v1'}", "/image/repository"},
		{"unknown pull policy", "image: {pullPolicy: Sometimes}", "/image/pullPolicy"},
		{"pull secrets as names", "imagePullSecrets: [pull]", "/imagePullSecrets/0"},
		{"flag without dashes", "extraArgs: [zap-devel]", "/extraArgs/0"},
		{"environment as a map", "env: {A: b}", "/env"},
		{"environment variable without a name", "env: [{value: b}]", "/env/0"},
		{"port out of range", "metrics: {port: 70000}", "/metrics/port"},
		{"the port of the probes", "metrics: {port: 8081}", "/metrics/port"},
		{"interval without unit", "metrics: {serviceMonitor: {interval: '30'}}", "/metrics/serviceMonitor/interval"},
		{"more than everyone", "podDisruptionBudget: {maxUnavailable: 101%}", "/podDisruptionBudget/maxUnavailable"},
		{"both budgets", "podDisruptionBudget: {minAvailable: 1, maxUnavailable: 1}", "/podDisruptionBudget"},
		{"limits as a string", "resources: {limits: 1Gi}", "/resources/limits"},
		{"name with capitals", "fullnameOverride: Novu", "/fullnameOverride"},
		{"annotation that is a number", "podAnnotations: {a: 1}", "/podAnnotations/a"},
		{"replicas without leader election", "{replicas: 2, leaderElection: {enabled: false}}", "leaderElection.enabled: true"},
		{"budget for one replica", "podDisruptionBudget: {enabled: true}", "replicas: 2"},
	}
	helm := NewHelm(t, "")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := helm.TryTemplate(t, release, test.values)
			if err == nil {
				t.Fatal("these values were accepted")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error does not contain %q: %v", test.want, err)
			}
		})
	}
}
