// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/hack/controlplane"
	"novu-operator.dev/hack/controlplane/controlplanetest"
	"novu-operator.dev/test/harness"
)

// crdFolder holds the generated CRDs, seen from this package.
var crdFolder = filepath.Join("..", "..", "config", "crd", "bases")

// One API server serves every test of this package; each test has a namespace of its own.
var (
	config *rest.Config
	// strict is a client that has the API server refuse unknown and duplicate fields, as kubectl does.
	strict client.Client
	// raw sends and receives bytes, for what a decoded object does not show.
	raw rest.Interface
)

func TestMain(m *testing.M) {
	harness.WaitTogether()
	code, err := runWithAPIServer(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runWithAPIServer(m *testing.M) (code int, err error) {
	shared, stop, err := controlplanetest.Shared(controlplane.Options{Progress: os.Stderr}, crdFolder)
	if err != nil {
		return 1, err
	}
	defer func() {
		if stopped := stop(); err == nil {
			err = stopped
		}
	}()
	config = rest.CopyConfig(shared)
	config.QPS = -1 // the tests are the only client
	unchecked, err := client.New(config, client.Options{Scheme: newScheme()})
	if err != nil {
		return 1, err
	}
	if raw, err = newRawClient(config); err != nil {
		return 1, err
	}
	strict = client.WithFieldValidation(unchecked, metav1.FieldValidationStrict)
	code = m.Run()
	if onlySome := flag.Lookup("test.run").Value.String() + flag.Lookup("test.skip").Value.String(); code != 0 || onlySome != "" {
		return code, nil
	}
	return code, checkEveryRuleWasSeen()
}

// checkEveryRuleWasSeen keeps a rule from being added, or from becoming one that nothing breaks, without a test.
func checkEveryRuleWasSeen() error {
	crds, err := readCRDs()
	if err != nil {
		return err
	}
	if unseen := unseenRules(crds); len(unseen) > 0 {
		return fmt.Errorf("no test has seen the API server say:\n%s", strings.Join(unseen, "\n"))
	}
	return nil
}

func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(apiextensionsv1.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	return scheme
}

func newRawClient(config *rest.Config) (rest.Interface, error) {
	config = rest.CopyConfig(config)
	config.GroupVersion = &v1alpha1.GroupVersion
	config.APIPath = "/apis"
	config.NegotiatedSerializer = clientgoscheme.Codecs.WithoutConversion()
	return rest.RESTClientFor(config)
}

// newNamespace returns the name of a new namespace. It stays until the API server stops.
func newNamespace(t *testing.T) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "case-"}}
	if err := strict.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	return namespace.Name
}

func keyOf(object client.Object) client.ObjectKey { return client.ObjectKeyFromObject(object) }
