// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import "fmt"

// The store listens on sockets in the control plane's folder, which only its owner
// can enter. Their names are relative because a socket's path is limited to about
// a hundred bytes and programs run with the folder as working directory.
const (
	storeSocket  = "etcd.sock"
	storeAddress = "unix://" + storeSocket
	issuer       = "https://kubernetes.default.svc.cluster.local"
	// managerConfig is the kubeconfig of kube-controller-manager.
	managerConfig = "controller-manager.kubeconfig"
)

func storeFlags() []string {
	return []string{
		"--name=novu-operator",
		"--data-dir=etcd",
		"--listen-client-urls=" + storeAddress,
		"--listen-peer-urls=unix://etcd-peer.sock",
		"--advertise-client-urls=http://127.0.0.1:0", // it is not used, but it has to be host:port
		"--unsafe-no-fsync",                          // what it keeps is thrown away anyway
		"--log-level=warn",
	}
}

// serverFlags configures an API server like that of a real cluster as far as
// users can tell. Without a controller manager there are no ServiceAccounts to
// run pods as, so then the admission plugin that insists on them is off.
func serverFlags(port int, options Options) []string {
	flags := []string{
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--etcd-servers=" + storeAddress,
		"--authorization-mode=RBAC",
		"--client-ca-file=" + caFile,
		"--tls-cert-file=" + servingCert,
		"--tls-private-key-file=" + servingKey,
		"--service-account-issuer=" + issuer,
		"--service-account-key-file=" + accountPub,
		"--service-account-signing-key-file=" + accountKey,
		"--service-cluster-ip-range=10.0.0.0/24",
		"--endpoint-reconciler-type=none", // a loopback address is no valid endpoint
		"--allow-privileged=true",
		"--shutdown-delay-duration=0s",
	}
	if !options.ControllerManager {
		flags = append(flags, "--disable-admission-plugins=ServiceAccount")
	}
	if options.Spare {
		flags = append(flags, "--enable-priority-and-fairness=false", "--token-auth-file="+tokensFile,
			// The many clients of a process share a connection, each with a dozen watches: more than the 250 by default.
			"--http2-max-streams-per-connection=10000")
	}
	return flags
}

func managerFlags() []string {
	return []string{
		"--kubeconfig=" + managerConfig,
		"--secure-port=0",
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--root-ca-file=" + caFile,
		"--service-account-private-key-file=" + accountKey,
		"--kube-api-qps=200",
		"--kube-api-burst=400",
	}
}
