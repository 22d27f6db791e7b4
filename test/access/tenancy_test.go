// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// everyVerb is what an administrator of a namespace holds on Environments, and the operator's own verb.
var everyVerb = []string{"promote", "rollback", "approve", "resume", "operate"}

// tenancy is a tenant's namespace, that of the Environment production that is promoted into from there, and another one.
type tenancy struct{ tenant, target, other *world }

// people of a tenancy, and where they hold what. Plain RBAC lets them all write every object in all three namespaces.
const (
	nobody     = "nobody-in-particular"
	tenantRoot = "root-of-the-tenant"  // a RoleBinding to cluster-admin where the tenant is
	otherRoot  = "root-of-the-other"   // the same elsewhere
	stranger   = "stranger"            // every verb, in the wrong namespaces, and on another name in the right one
	keeper     = "keeper"              // the four verbs of people, where the target is
	deputy     = "deputy"              // operate, where the target is
	targetRoot = "root-of-the-target"  // a RoleBinding to cluster-admin where the target is
	root       = "root-of-the-cluster" // a ClusterRoleBinding to cluster-admin
)

var everybody = []string{nobody, tenantRoot, otherRoot, stranger, keeper, deputy, targetRoot, operator, root}

func newTenancy(t *testing.T) *tenancy {
	t.Helper()
	n := &tenancy{newWorld(t), newWorld(t), newWorld(t)}
	verbs := func(names []string, on ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{"novu-operator.dev"}, Verbs: names, Resources: []string{"environments"}, ResourceNames: on}
	}
	n.tenant.bindClusterAdmin(tenantRoot)
	n.other.bindClusterAdmin(otherRoot)
	n.target.bindClusterAdmin(targetRoot)
	n.tenant.grant(stranger, rbacv1.UserKind, verbs(everyVerb))
	n.other.grant(stranger, rbacv1.UserKind, verbs(everyVerb))
	n.target.grant(stranger, rbacv1.UserKind, verbs(everyVerb, "staging"))
	n.target.grant(keeper, rbacv1.UserKind, verbs(everyVerb[:4], "production"))
	n.target.grant(deputy, rbacv1.UserKind, verbs(everyVerb[4:]))
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: root}},
	}
	n.target.must(n.target.Create(t.Context(), binding))
	for world, user := range map[*world]string{n.tenant: tenantRoot, n.other: otherRoot, n.target: deputy} {
		world.until(func() error { return world.allows(user, "operate") })
	}
	for _, user := range []string{targetRoot, root} {
		n.target.until(func() error { return n.target.allows(user, "operate") })
	}
	n.tenant.until(func() error { return n.tenant.allows(stranger, "operate") })
	n.target.until(func() error { return n.target.allows(keeper, "promote") })
	return n
}

// bindClusterAdmin binds somebody to cluster-admin in the namespace.
func (w *world) bindClusterAdmin(user string) {
	w.Helper()
	w.must(w.Create(w.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, GenerateName: "test-"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}))
}

// act is something that somebody tries. Who may not is refused by a policy.
type act struct {
	name string
	may  []string
	try  func(w *world, user string) error
}

// TestTenancy tries everything that the policies are about, as everybody: what counts is where the target is, and for status, which
// leads to every target, the whole cluster. What one holds where the Promotion is, or elsewhere, does not count.
func TestTenancy(t *testing.T) {
	n := newTenancy(t)
	for _, a := range slices.Concat(n.promotions(), n.environments(), n.kept(), n.statuses()) {
		for _, user := range everybody {
			t.Run(a.name+" "+user, func(t *testing.T) {
				want := "ValidatingAdmissionPolicy"
				if slices.Contains(a.may, user) {
					want = ""
				}
				expect(t, a.try(n.tenant, user), want)
			})
		}
	}
}

// promotions in the tenant's namespace, into the target.
func (n *tenancy) promotions() []act {
	into := `spec: {targetRef: {name: production, namespace: ` + n.target.namespace + `}%s}`
	create := func(metadata, spec string) func(*world, string) error {
		return func(w *world, user string) error {
			object := w.object(fmt.Sprintf(`{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion, metadata: {name: new%s}, `+into+`}`, metadata, spec))
			return w.as(user).Create(w.Context(), object, client.DryRunAll)
		}
	}
	active := n.tenant.make(fmt.Sprintf(`{apiVersion: novu-operator.dev/v1alpha1, kind: Promotion,
  metadata: {name: active, annotations: {novu-operator.dev/ended: other}}, `+into+`}`, ""))
	change := func(fields string) func(*world, string) error {
		return func(w *world, user string) error {
			return w.try(active, attempt{user: user, way: mergePatch, change: strings.ReplaceAll(fields, "USER", user)}, client.DryRunAll)
		}
	}
	people := []string{keeper, targetRoot, root}
	operators := []string{deputy, targetRoot, operator, root}
	both := append([]string{keeper}, operators...)
	return []act{
		{"promote", both, create("", "")},
		{"roll back", both, create("", ", rollback: {to: Previous}")},
		{"promote with an owner", both, create(", ownerReferences: ["+fmt.Sprintf(dangling, "")+"]", "")},
		{"plan", everybody, create("", ", dryRun: true")},
		{"set a label of the operator", operators, create(", labels: {novu-operator.dev/automatic-state: a}", ", dryRun: true")},
		{"own by an Environment", operators, create(", ownerReferences: [{apiVersion: novu-operator.dev/v1alpha1, kind: Environment, name: production, uid: u, controller: true}]", ", dryRun: true")},
		{"approve", people, change(`{spec: {approvals: [{user: USER, planHash: ` + h1 + `}]}}`)},
		{"abort", both, change(`{spec: {abort: true}}`)},
		{"forget an end", operators, change(`{metadata: {annotations: {novu-operator.dev/ended: USER}}}`)},
		{"have it collected", both, change(`{metadata: {ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: gone, uid: USER}]}}`)},
		{"delete what is under way", both, func(w *world, user string) error {
			return w.as(user).Delete(w.Context(), active.DeepCopy(), client.DryRunAll)
		}},
	}
}

// environments are attempts at the target, which is frozen.
func (n *tenancy) environments() []act {
	target := n.target.make(fmt.Sprintf(environmentFmt, ", finalizers: [novu-operator.dev/finalizer]", frozen, hold))
	change := func(fields string) func(*world, string) error {
		return func(_ *world, user string) error {
			return n.target.try(target, attempt{user: user, way: mergePatch, change: strings.ReplaceAll(fields, "USER", user)}, client.DryRunAll)
		}
	}
	people := []string{keeper, targetRoot, root}
	return []act{
		{"thaw", people, change(`{spec: {promotionPolicy: {freeze: null}}}`)},
		{"resume", append([]string{deputy, operator}, people...), change(`{metadata: {annotations: {novu-operator.dev/resume: USER}}}`)},
		{"be no target", people, change(`{spec: {promotionPolicy: null}}`)},
		{"have it collected", people, change(`{metadata: {ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: gone, uid: USER}]}}`)},
		{"take the finalizer off", []string{deputy, targetRoot, operator, root}, change(`{metadata: {finalizers: [example.com/x]}}`)},
		{"delete what is frozen", people, func(_ *world, user string) error {
			return n.target.as(user).Delete(n.target.Context(), target.DeepCopy(), client.DryRunAll)
		}},
		{"change a rule", everybody, change(`{spec: {promotionPolicy: {soak: 1h}}}`)},
	}
}

// kept is what the operator keeps beside the target.
func (n *tenancy) kept() (acts []act) {
	operators := []string{deputy, targetRoot, operator, root}
	for what, name := range map[string]string{
		"record": "novu-record-" + digits + "-1-a-record-0", "pins": pins, "guard": "novu-guard-" + digits + "-1",
	} {
		kept := n.target.make(`{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: ` + name + `}, revision: 1, data: {a: b}}`)
		acts = append(acts, act{"forge a " + what, operators, func(_ *world, user string) error {
			forged := kept.DeepCopy()
			forged.SetName(name + "1")
			forged.SetResourceVersion("")
			return n.target.as(user).Create(n.target.Context(), forged, client.DryRunAll)
		}}, act{"delete a " + what, operators, func(_ *world, user string) error {
			return n.target.as(user).Delete(n.target.Context(), kept.DeepCopy(), client.DryRunAll)
		}}, act{"label a " + what, operators, func(_ *world, user string) error {
			return n.target.try(kept, attempt{user: user, way: mergePatch, change: `{metadata: {labels: {a: b}}}`}, client.DryRunAll)
		}})
	}
	return acts
}

// statuses of what leads to the target, in the tenant's namespace, and of the target itself.
func (n *tenancy) statuses() (acts []act) {
	const patch = `{status: {conditions: [{type: Ready, status: "True", reason: Forged, message: "", lastTransitionTime: "2026-11-22T10:00:00Z"}]}}`
	for _, manifest := range []string{
		fmt.Sprintf(workflow, ""), fmt.Sprintf(layout, ""), fmt.Sprintf(integration, ""), fmt.Sprintf(rehearsal, ""), fmt.Sprintf(target, ""),
	} {
		for where, w := range map[string]*world{"the tenant's": n.tenant, "the target's": n.target} {
			object := w.make(manifest)
			acts = append(acts, act{"forge status of a " + object.GetKind() + " in " + where, []string{operator, root}, func(_ *world, user string) error {
				return w.try(object, attempt{user: user, way: mergePatch, change: patch, status: true}, client.DryRunAll)
			}})
		}
	}
	return acts
}
