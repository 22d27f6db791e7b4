package controlplane

import (
	"fmt"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// adminConfig is the name of the cluster administrator's kubeconfig.
const adminConfig = "kubeconfig"

// writeKubeconfig puts a self-contained kubeconfig into dir and returns its path.
func writeKubeconfig(dir, name, user, address string, ca []byte, credentials pair) (string, error) {
	config := clientcmdapi.NewConfig()
	config.Clusters["novu-operator"] = &clientcmdapi.Cluster{Server: address, CertificateAuthorityData: ca}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{
		ClientCertificateData: credentials.cert,
		ClientKeyData:         credentials.key,
	}
	config.Contexts["novu-operator"] = &clientcmdapi.Context{Cluster: "novu-operator", AuthInfo: user}
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
