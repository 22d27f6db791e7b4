// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package twoservers

import (
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/docs"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// world is a stage with the Development of one Novu, and the Production of another that is behind TLS, below a path and
// limits requests.
type world struct {
	*harness.Stage

	there *novutest.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	w := &world{
		Stage: harness.NewStage(t, novutest.Options{}),
		there: novutest.Start(t, novutest.Options{BasePath: "/novu", RateLimits: true, RateLimitPerSecond: 20}),
	}
	proxy := httptest.NewTLSServer(w.there)
	t.Cleanup(proxy.Close)
	harness.StartManager(t, harness.ManagerOptions{Namespaces: []string{w.Namespace}})
	w.Secret("novu-development", map[string]string{"secretKey": w.Novu.Environment("Development").SecretKey})
	w.Secret("novu-production", map[string]string{"secretKey": w.there.Environment("Production").SecretKey})
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})
	w.ConfigMap("novu-production-ca", map[string]string{"ca.crt": string(certificate)})
	w.page(proxy.URL + "/novu")
	w.Ready(&v1alpha1.Environment{}, "development", "production")
	return w
}

// page applies the manifests of the how-to page.
func (w *world) page(productionURL string) {
	w.Helper()
	content, err := os.ReadFile(filepath.Join(harness.Root(w), "docs", "how-to", "two-installations.md"))
	w.Must(err)
	addresses := strings.NewReplacer("https://novu.dev.example.com", w.Novu.URL, "https://novu.example.com/api", productionURL)
	applied := 0
	for _, block := range docs.Blocks(content) {
		if use, err := block.Use(); err != nil || use != docs.UseManifest {
			continue
		}
		w.YAML(addresses.Replace(block.Text))
		applied++
	}
	if applied != 3 {
		w.Fatalf("the page has %d blocks of manifests", applied)
	}
}

// promotion waits until a Promotion is in a phase.
func (w *world) promotion(name string, phase v1alpha1.PromotionPhase) *v1alpha1.Promotion {
	w.Helper()
	p := &v1alpha1.Promotion{}
	w.Eventually(fmt.Sprintf("Promotion %s is %s", name, phase), func() error {
		if err := w.Get(w.Context(), w.Key(name), p); err != nil {
			return err
		}
		if p.Status.Phase != phase {
			return fmt.Errorf("it is %s: %+v", p.Status.Phase, p.Status.Conditions)
		}
		return nil
	})
	return p
}

// awaits waits until a Promotion waits for a reason.
func (w *world) awaits(name, reason string) *v1alpha1.Promotion {
	w.Helper()
	p := &v1alpha1.Promotion{}
	w.NotReady(p, name, reason)
	return p
}

// approve approves the plan of a Promotion that waits for that.
func (w *world) approve(name string) {
	w.Helper()
	p := w.awaits(name, v1alpha1.ReasonApprovalsMissing)
	before := p.DeepCopy()
	p.Spec.Approvals = append(p.Spec.Approvals, v1alpha1.PromotionApproval{User: "alice", PlanHash: p.Status.Plan.Hash})
	w.Must(w.Patch(w.Context(), p, client.MergeFrom(before)))
}

// promote applies a Promotion to production. extra is YAML of further fields of spec, in one line.
func (w *world) promote(name, extra string) {
	w.Helper()
	w.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Promotion
metadata: {name: %s}
spec: {targetRef: {name: production}, %s}
`, name, extra))
}

// subject changes the subject of the one e-mail in Development and waits until Novu has it.
func (w *world) subject(text string) {
	w.Helper()
	patch := fmt.Sprintf(`[{"op":"replace","path":"/spec/steps/0/email/subject","value":%q}]`, text)
	object := &v1alpha1.Workflow{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: "order-shipped"}}
	w.Must(w.Patch(w.Context(), object, client.RawPatch("application/json-patch+json", []byte(patch))))
	w.Ready(&v1alpha1.Workflow{}, "order-shipped")
}

// held is the workflow in Production.
func (w *world) held() novutest.WorkflowState {
	w.Helper()
	all := w.there.Workflows("Production")
	at := slices.IndexFunc(all, func(w novutest.WorkflowState) bool { return w.WorkflowID == "order-shipped" })
	if at < 0 {
		w.Fatal("Production does not hold the workflow")
	}
	return all[at]
}

// condition of an object; the zero value if it has none.
func condition(o client.Object, kind string) metav1.Condition {
	if c := apimeta.FindStatusCondition(harness.Conditions(o), kind); c != nil {
		return *c
	}
	return metav1.Condition{}
}
