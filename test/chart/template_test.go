// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/client-go/util/jsonpath"
)

var release = Release{Name: "novu-operator", Namespace: "novu-operator-system"}

// Places in the Deployment.
const (
	pod       = ".spec.template.spec"
	container = pod + ".containers[0]"
)

// field is what a JSONPath finds in the first object of a kind.
type field struct{ kind, path, want string }

var templateTests = []struct {
	name   string
	values string
	fields []field
	args   []string // the manager is started with these
	noArgs []string // and with none that begins like these
	absent []string // kinds
}{
	{
		name: "defaults",
		fields: []field{
			{"Deployment", ".spec.replicas", "1"},
			{"Deployment", container + ".image", "novu-operator:0.1.0"},
			{"Deployment", container + `.env[?(@.name=="GOMEMLIMIT")].valueFrom.resourceFieldRef.resource`, "limits.memory"},
			{"CustomResourceDefinition", `.metadata.annotations.helm\.sh/resource-policy`, "keep"},
			{"ServiceAccount", ".metadata.name", "novu-operator"},
			{"Service", ".spec.ports[0].port", "8080"},
		},
		args: []string{
			"--leader-elect", "--leader-election-namespace=$(POD_NAMESPACE)", "--health-probe-bind-address=:8081",
			"--metrics-bind-address=:8080", "--default-deletion-policy=Retain", "--zap-log-level=info", "--zap-encoder=json",
		},
		noArgs: []string{"--watch-namespaces", "--dry-run", "--max-concurrent-reconciles"},
		absent: []string{"ServiceMonitor", "PodDisruptionBudget", "NetworkPolicy"},
	},
	{
		name:   "what the operator does",
		values: "{dryRun: true, defaults: {deletionPolicy: Delete}, maxConcurrentReconciles: 4, logLevel: debug, logFormat: console, extraArgs: [--x=y]}",
		args: []string{
			"--dry-run", "--default-deletion-policy=Delete", "--max-concurrent-reconciles=4", "--zap-log-level=debug",
			"--zap-encoder=console", "--x=y",
		},
	},
	{
		name:   "log level as a number",
		values: "logLevel: 5",
		args:   []string{"--zap-log-level=5"},
	},
	{
		name:   "image of a registry",
		values: "image: {registry: 'registry.example.test:5000', repository: team/operator, tag: v9, pullPolicy: Always}\nimagePullSecrets: [{name: pull}]",
		fields: []field{
			{"Deployment", container + ".image", "registry.example.test:5000/team/operator:v9"},
			{"Deployment", container + ".imagePullPolicy", "Always"},
			{"Deployment", pod + ".imagePullSecrets[0].name", "pull"},
		},
	},
	{
		name:   "image by digest",
		values: "image: {tag: v9, digest: 'sha256:" + strings.Repeat("0a", 32) + "'}",
		fields: []field{{"Deployment", container + ".image", "novu-operator@sha256:" + strings.Repeat("0a", 32)}},
	},
	{
		name:   "definitions come from elsewhere",
		values: "crds: {install: false}",
		absent: []string{"CustomResourceDefinition"},
	},
	{
		name:   "definitions go with the release",
		values: "crds: {keep: false}",
		fields: []field{{"CustomResourceDefinition", `.metadata.annotations.helm\.sh/resource-policy`, ""}},
	},
	{
		name:   "annotations of definitions",
		values: "crds: {annotations: {argocd.argoproj.io/sync-options: Replace=true}}",
		fields: []field{
			{"CustomResourceDefinition", `.metadata.annotations.helm\.sh/resource-policy`, "keep"},
			{"CustomResourceDefinition", `.metadata.annotations.argocd\.argoproj\.io/sync-options`, "Replace=true"},
			{"CustomResourceDefinition", `.metadata.annotations.controller-gen\.kubebuilder\.io/version`, "v0.23.0"},
		},
	},
	{
		name:   "policies come from elsewhere",
		values: "policies: {install: false}",
		absent: []string{"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"},
	},
	{
		name:   "policies of a release with a name",
		values: "{fullnameOverride: notifier, commonLabels: {team: x}}",
		fields: []field{
			{"ValidatingAdmissionPolicy", ".metadata.name", "notifier-environments"},
			{"ValidatingAdmissionPolicy", ".metadata.labels.team", "x"},
			{"ValidatingAdmissionPolicy", `.metadata.labels.novu-operator\.dev/policy`, "environments"},
			{"ValidatingAdmissionPolicyBinding", ".spec.policyName", "notifier-environments"},
		},
	},
	{
		name:   "gates that read Deployments",
		values: "{fullnameOverride: notifier, gates: {rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]}}",
		fields: []field{
			{"ClusterRole", ".metadata.name", "notifier-gates-role"},
			{"ClusterRole", ".rules", `[{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get"]}]`},
			{"ClusterRoleBinding", ".roleRef.name", "notifier-gates-role"},
			{"ClusterRoleBinding", ".subjects[0].name", "notifier"},
		},
	},
	{
		name:   "gates whose rights come from elsewhere",
		values: "{rbac: {create: false}, gates: {rules: [{apiGroups: [apps], resources: [deployments], verbs: [get]}]}}",
		absent: []string{"ClusterRole", "ClusterRoleBinding"},
	},
	{
		name:   "some namespaces",
		values: "watchNamespaces: [team-a, team-b]",
		args:   []string{"--watch-namespaces=team-a,team-b"},
		fields: []field{{"RoleBinding", ".metadata.name", "novu-operator-leader-election-rolebinding"}},
	},
	{
		name:   "two replicas",
		values: "{replicas: 2, podDisruptionBudget: {enabled: true}}",
		fields: []field{
			{"Deployment", ".spec.replicas", "2"},
			{"PodDisruptionBudget", ".spec.maxUnavailable", "1"},
			{"PodDisruptionBudget", `.spec.selector.matchLabels.app\.kubernetes\.io/instance`, "novu-operator"},
		},
	},
	{
		name:   "budget by what must stay",
		values: "{replicas: 2, podDisruptionBudget: {enabled: true, minAvailable: 50%}}",
		fields: []field{
			{"PodDisruptionBudget", ".spec.minAvailable", "50%"},
			{"PodDisruptionBudget", ".spec.maxUnavailable", ""},
		},
	},
	{
		name:   "budget of nothing",
		values: "{replicas: 2, podDisruptionBudget: {enabled: true, maxUnavailable: 0}}",
		fields: []field{{"PodDisruptionBudget", ".spec.maxUnavailable", "0"}},
	},
	{
		name:   "without leader election",
		values: "leaderElection: {enabled: false}",
		noArgs: []string{"--leader-elect"},
		absent: []string{"Role", "RoleBinding"},
	},
	{
		name:   "without metrics",
		values: "metrics: {enabled: false, serviceMonitor: {enabled: true}}\nnetworkPolicy: {enabled: true}",
		args:   []string{"--metrics-bind-address=0"},
		fields: []field{{"NetworkPolicy", ".spec.ingress", "[]"}, {"Deployment", container + ".ports[*].name", "health"}},
		absent: []string{"Service", "ServiceMonitor"},
	},
	{
		name: "metrics for the Prometheus operator",
		values: "metrics: {port: 9100, service: {annotations: {a: b}, labels: {c: d}}, serviceMonitor: {enabled: true, " +
			"labels: {release: prometheus}, interval: 1m, scrapeTimeout: 5s, relabelings: [{action: labelmap}]}}",
		args: []string{"--metrics-bind-address=:9100"},
		fields: []field{
			{"Service", ".spec.ports[0].port", "9100"},
			{"Service", ".metadata.annotations.a", "b"},
			{"Service", ".metadata.labels.c", "d"},
			{"ServiceMonitor", ".metadata.labels.release", "prometheus"},
			{"ServiceMonitor", ".spec.endpoints[0].interval", "1m"},
			{"ServiceMonitor", ".spec.endpoints[0].scrapeTimeout", "5s"},
			{"ServiceMonitor", ".spec.endpoints[0].relabelings[0].action", "labelmap"},
			{"Deployment", container + `.ports[?(@.name=="metrics")].containerPort`, "9100"},
		},
	},
	{
		name: "network policy",
		values: "networkPolicy: {enabled: true, metricsFrom: [{namespaceSelector: {}}], " +
			"egress: [{ports: [{port: 443, protocol: TCP}]}]}",
		fields: []field{
			{"NetworkPolicy", ".spec.policyTypes", `["Ingress","Egress"]`},
			{"NetworkPolicy", ".spec.ingress[0].from", `[{"namespaceSelector":{}}]`},
			{"NetworkPolicy", ".spec.egress[0].ports[0].port", "443"},
		},
	},
	{
		name:   "network policy that leaves the way out open",
		values: "networkPolicy: {enabled: true}",
		fields: []field{
			{"NetworkPolicy", ".spec.policyTypes", `["Ingress"]`},
			{"NetworkPolicy", ".spec.ingress[0].ports[0].port", "metrics"},
			{"NetworkPolicy", ".spec.egress", ""},
		},
	},
	{
		name:   "an account of its own",
		values: "{serviceAccount: {create: false, name: mine}, rbac: {aggregateToUserRoles: false}}",
		fields: []field{
			{"Deployment", pod + ".serviceAccountName", "mine"},
			{"ClusterRoleBinding", ".subjects[0].name", "mine"},
			{"ClusterRole", ".metadata.name", "novu-operator-manager-role"},
		},
		absent: []string{"ServiceAccount"},
	},
	{
		name:   "rights come from elsewhere",
		values: "{rbac: {create: false}, serviceAccount: {name: mine, annotations: {a: b}}}",
		fields: []field{{"ServiceAccount", ".metadata.annotations.a", "b"}},
		absent: []string{"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"},
	},
	{
		name: "where and how Pods run",
		values: "{nodeSelector: {disk: ssd}, tolerations: [{key: t, operator: Exists}], priorityClassName: high, " +
			"affinity: {nodeAffinity: {}}, podLabels: {l: m}, podAnnotations: {o: p}, deploymentAnnotations: {p: q}, " +
			"commonLabels: {team: x}, env: [{name: HTTPS_PROXY, value: 'http://proxy.example.test'}], " +
			"terminationGracePeriodSeconds: 0, topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, " +
			"whenUnsatisfiable: ScheduleAnyway}]}",
		fields: []field{
			{"Deployment", pod + ".nodeSelector.disk", "ssd"},
			{"Deployment", pod + ".tolerations[0].key", "t"},
			{"Deployment", pod + ".priorityClassName", "high"},
			{"Deployment", pod + ".affinity.nodeAffinity", "{}"},
			{"Deployment", pod + ".terminationGracePeriodSeconds", "0"},
			{"Deployment", pod + ".topologySpreadConstraints[0].topologyKey", "zone"},
			{"Deployment", pod + `.topologySpreadConstraints[0].labelSelector.matchLabels.app\.kubernetes\.io/name`, "novu-operator"},
			{"Deployment", ".spec.template.metadata.labels.l", "m"},
			{"Deployment", ".spec.template.metadata.labels.team", "x"},
			{"Deployment", ".spec.template.metadata.annotations.o", "p"},
			{"Deployment", ".metadata.annotations.p", "q"},
			{"Deployment", container + `.env[?(@.name=="HTTPS_PROXY")].value`, "http://proxy.example.test"},
			{"ClusterRole", ".metadata.labels.team", "x"},
		},
	},
	{
		name:   "a spread with a selector of its own",
		values: "topologySpreadConstraints: [{topologyKey: zone, labelSelector: {matchLabels: {app.kubernetes.io/name: mine}}}]",
		fields: []field{
			{"Deployment", pod + `.topologySpreadConstraints[0].labelSelector.matchLabels.app\.kubernetes\.io/name`, "mine"},
		},
	},
	{
		name:   "without a memory limit",
		values: "resources: {limits: {memory: null}}",
		fields: []field{{"Deployment", container + `.env[?(@.name=="GOMEMLIMIT")].name`, ""}},
	},
	{
		name:   "another name",
		values: "fullnameOverride: notifier",
		fields: []field{
			{"Deployment", ".metadata.name", "notifier"},
			{"ClusterRole", ".metadata.name", "notifier-manager-role"},
		},
	},
}

func TestTemplate(t *testing.T) {
	helm := NewHelm(t, "")
	for _, test := range templateTests {
		t.Run(test.name, func(t *testing.T) {
			objects := helm.Template(t, release, test.values)
			for _, f := range test.fields {
				if got := value(t, objects, f.kind, f.path); got != f.want {
					t.Errorf("%s %s = %q, want %q", f.kind, f.path, got, f.want)
				}
			}
			for _, kind := range test.absent {
				if found := objects.Of(kind); len(found) > 0 {
					t.Errorf("rendered all the same: %v", found.Names())
				}
			}
			checkArgs(t, objects, test.args, test.noArgs)
		})
	}
}

func checkArgs(t *testing.T, objects Objects, want, unwanted []string) {
	t.Helper()
	var deployment appsv1.Deployment
	objects.Into(t, "Deployment", objects.Of("Deployment")[0].GetName(), &deployment)
	got := deployment.Spec.Template.Spec.Containers[0].Args
	for _, arg := range want {
		if !slices.Contains(got, arg) {
			t.Errorf("the manager is started without %s: %v", arg, got)
		}
	}
	for _, prefix := range unwanted {
		if slices.ContainsFunc(got, func(arg string) bool { return strings.HasPrefix(arg, prefix) }) {
			t.Errorf("the manager is started with %s: %v", prefix, got)
		}
	}
}

// value is what a JSONPath finds in the first object of a kind, or nothing.
func value(t *testing.T, objects Objects, kind, path string) string {
	t.Helper()
	found := objects.Of(kind)
	if len(found) == 0 {
		t.Fatalf("no %s was rendered, only %v", kind, objects.Names())
	}
	p := jsonpath.New(kind).AllowMissingKeys(true)
	if err := p.Parse("{" + path + "}"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := p.Execute(&out, found[0].Object); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestNamesFit uses the longest name that helm allows for a release.
func TestNamesFit(t *testing.T) {
	long := Release{Name: strings.Repeat("r", 53), Namespace: strings.Repeat("n", 63)}
	objects := NewHelm(t, "").Template(t, long, "{watchNamespaces: [team], replicas: 2, podDisruptionBudget: {enabled: true}}")
	for _, o := range objects {
		if len(o.GetName()) > 63 {
			t.Errorf("%s %s has %d characters, more than some kinds allow", o.GetKind(), o.GetName(), len(o.GetName()))
		}
	}
}

func TestLint(t *testing.T) {
	helm := NewHelm(t, "")
	for _, test := range templateTests {
		t.Run(test.name, func(t *testing.T) { helm.Lint(t, test.values) })
	}
}
