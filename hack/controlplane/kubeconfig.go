// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// adminConfig is the name of the cluster administrator's kubeconfig.
const adminConfig = "kubeconfig"

// tokensFile is the name of the file of tokens that the API server knows.
const tokensFile = "tokens.csv"

// writeKubeconfig puts a self-contained kubeconfig into dir and returns its path.
func writeKubeconfig(dir, name, address string, ca []byte, user *clientcmdapi.AuthInfo) (string, error) {
	config := clientcmdapi.NewConfig()
	config.Clusters["novu-operator"] = &clientcmdapi.Cluster{Server: address, CertificateAuthorityData: ca}
	config.AuthInfos["user"] = user
	config.Contexts["novu-operator"] = &clientcmdapi.Context{Cluster: "novu-operator", AuthInfo: "user"}
	config.CurrentContext = "novu-operator"
	path := filepath.Join(dir, name)
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return "", fmt.Errorf("write kubeconfig: %w", err)
	}
	return path, nil
}

// readKubeconfig returns a configuration without client-side throttling, like the
// one that the operator runs with.
func readKubeconfig(path string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config.QPS = -1
	return config, nil
}

// withCertificate is a user whom the API server knows by a certificate.
func withCertificate(credentials pair) *clientcmdapi.AuthInfo {
	return &clientcmdapi.AuthInfo{ClientCertificateData: credentials.cert, ClientKeyData: credentials.key}
}

// withToken writes the file of tokens with one for an administrator. It costs the
// API server less than a certificate, which it verifies at every request.
func withToken(dir string) (*clientcmdapi.AuthInfo, error) {
	token := rand.Text()
	line := fmt.Sprintf("%s,novu-operator-admin,admin,system:masters\n", token)
	return &clientcmdapi.AuthInfo{Token: token}, os.WriteFile(filepath.Join(dir, tokensFile), []byte(line), 0o600)
}
