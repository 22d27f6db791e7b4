// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/controllers"
	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/test/chart"
	"novu-operator.dev/test/harness"
)

const (
	patience = 3 * time.Minute
	// operator is who the operator is, as config/default installs it.
	operator = "system:serviceaccount:novu-operator-system:novu-operator"
	// clerk may write every object and holds none of the verbs.
	clerk = "clerk"
)

// verbs and who holds them on the Environment production of a world.
var verbs = map[string]string{
	"promoter": "promote", "returner": "rollback", "approver": "approve", "first": "approve", "resumer": "resume",
}

func TestMain(m *testing.M) {
	harness.Alone(controlplane.Options{}) // the policies judge what every user of a cluster does
	harness.Main(m)
}

// world is a namespace in which everybody may write everything as far as RBAC is concerned.
type world struct {
	*testing.T
	client.Client // of an administrator

	config    *rest.Config
	namespace string
}

// installation is done once; without it no test means anything.
var installation struct {
	once sync.Once
	done bool
}

// newWorld makes a namespace on an API server that has what config/default installs.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, Client: harness.Client(t), config: harness.API(t)}
	installation.once.Do(w.install)
	if !installation.done {
		t.Fatal("the policies are not installed; an earlier test says why")
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "access-"}}
	w.must(w.Create(t.Context(), ns))
	w.namespace = ns.Name
	w.grant("system:authenticated", rbacv1.GroupKind, rbacv1.PolicyRule{
		APIGroups: []string{"novu-operator.dev"}, Verbs: []string{"create", "get", "list", "update", "patch", "delete", "deletecollection"},
		Resources: []string{"*"},
	}, rbacv1.PolicyRule{
		APIGroups: []string{"apps"}, Verbs: []string{"create", "get", "list", "update", "patch", "delete", "deletecollection"},
		Resources: []string{"controllerrevisions"},
	})
	for user, verb := range verbs {
		w.grant(user, rbacv1.UserKind, rbacv1.PolicyRule{
			APIGroups: []string{"novu-operator.dev"}, Verbs: []string{verb}, Resources: []string{"environments"}, ResourceNames: []string{"production"},
		})
		w.until(func() error { return w.allows(user, verb) })
	}
	w.until(func() error { return w.allows(clerk, "create") })
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// install creates what config/default has besides the definitions and the Deployment, and waits until the policies work.
func (w *world) install() {
	w.Helper()
	objects := chart.Kustomize(w, "config/default")
	for _, kind := range []string{
		"Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
	} {
		found := objects.Of(kind)
		if len(found) == 0 {
			w.Fatalf("config/default has no %s", kind)
		}
		for i := range found {
			w.must(w.Create(w.Context(), &found[i]))
		}
	}
	w.namespace = metav1.NamespaceDefault
	w.grant(clerk, rbacv1.UserKind, rbacv1.PolicyRule{
		APIGroups: []string{"novu-operator.dev", "apps"}, Verbs: []string{"create", "patch", "get"}, Resources: []string{"*"},
	})
	w.until(func() error { return w.allows(clerk, "create") })
	w.make(production)
	for _, policy := range []string{"environments", "owners", "promotions", "revisions", "status"} {
		w.until(func() error { return refusedBy(w.probe(policy), policy) })
	}
	installation.done = true
}

// probe tries, in the namespace default, what a policy refuses.
func (w *world) probe(policy string) error {
	probing := &world{T: w.T, Client: w.Client, config: w.config, namespace: metav1.NamespaceDefault}
	c, ctx := probing.as(clerk), context.Background() // cleanups probe, too
	switch policy {
	case "promotions":
		return c.Create(ctx, probing.object(promotionTo), client.DryRunAll)
	case "owners":
		return c.Create(ctx, probing.object(fmt.Sprintf(workflow, ", ownerReferences: ["+fmt.Sprintf(dangling, "")+"]")), client.DryRunAll)
	case "environments":
		return c.Create(ctx, probing.object(resumed), client.DryRunAll)
	case "revisions":
		return c.Create(ctx, probing.object(revision), client.DryRunAll)
	}
	fields := client.RawPatch(types.MergePatchType, []byte(`{"status":{"environmentID":"forged"}}`))
	return c.Status().Patch(ctx, probing.object(production), fields, client.DryRunAll)
}

func refusedBy(err error, policy string) error {
	if err == nil || !strings.Contains(err.Error(), "ValidatingAdmissionPolicy 'novu-operator-"+policy+"'") {
		return fmt.Errorf("the policy %s does not work yet: %w", policy, err)
	}
	return nil
}

// as is a client of somebody whom the API server knows by this name.
func (w *world) as(user string) client.Client {
	w.Helper()
	config := rest.CopyConfig(w.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:authenticated"}}
	c, err := client.New(config, client.Options{Scheme: controllers.NewScheme()})
	w.must(err)
	return c
}

// grant gives somebody rights in the namespace.
func (w *world) grant(name, kind string, rules ...rbacv1.PolicyRule) {
	w.Helper()
	meta := metav1.ObjectMeta{Namespace: w.namespace, GenerateName: "test-"}
	role := &rbacv1.Role{ObjectMeta: meta, Rules: rules}
	w.must(w.Create(w.Context(), role))
	w.must(w.Create(w.Context(), &rbacv1.RoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}},
	}))
}

// allows waits for nothing: the API server learns of new roles a moment after they are written.
func (w *world) allows(user, verb string) error {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user, Groups: []string{"system:authenticated"},
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: w.namespace, Verb: verb, Group: "novu-operator.dev", Resource: "environments", Name: "production",
		},
	}}
	if err := w.Create(w.Context(), review); err != nil || review.Status.Allowed {
		return err
	}
	return fmt.Errorf("%s may not %s yet", user, verb)
}

func (w *world) until(check func() error) {
	w.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err = check(); err == nil {
			return
		}
	}
	w.Fatal(err)
}

// object reads a manifest into the namespace.
func (w *world) object(manifest string) *unstructured.Unstructured {
	w.Helper()
	u := &unstructured.Unstructured{}
	w.must(yaml.Unmarshal([]byte(manifest), &u.Object))
	u.SetNamespace(w.namespace)
	return u
}

// make creates an object, with its status, as an administrator.
func (w *world) make(manifest string) *unstructured.Unstructured {
	w.Helper()
	u := w.object(manifest)
	status, has := u.Object["status"]
	w.must(w.Create(w.Context(), u))
	if has {
		u.Object["status"] = status
		w.must(w.Status().Update(w.Context(), u))
	}
	return u
}

// expect holds the outcome of an attempt against what is wanted, "" for success. Policies answer 403, definitions 422.
func expect(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && err == nil:
		t.Errorf("it passed, want a refusal with %q", want)
	case want != "" && (!apierrors.IsForbidden(err) && !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), want)):
		t.Errorf("refused for another reason than %q: %v", want, err)
	}
}
