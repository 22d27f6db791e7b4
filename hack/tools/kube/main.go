// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command kube is etcd, kube-apiserver, kube-controller-manager, kube-scheduler
// and kubectl in one binary: the name it is called by, usually a symbolic link,
// picks the program. One binary compiles and links in two thirds of the time
// that five take, because they share nearly all of their packages.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	_ "time/tzdata" // CronJobs name time zones

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// programs maps the names this binary answers to onto what runs under them.
var programs = map[string]func(args []string){
	"etcd":                    etcdmain.Main,
	"kube-apiserver":          server(apiserver.NewAPIServerCommand),
	"kube-controller-manager": server(controllers.NewControllerManagerCommand),
	"kube-scheduler":          server(func() *cobra.Command { return scheduler.NewSchedulerCommand() }),
	"kubectl":                 runKubectl,
}

func main() {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	run, ok := programs[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "kube: %q is not a program of mine; call me through a link named one of %s\n",
			name, strings.Join(names(), ", "))
		os.Exit(2)
	}
	run(os.Args)
}

// server runs one of Kubernetes' daemons until it stops and exits with its code.
func server(command func() *cobra.Command) func([]string) {
	return func([]string) { os.Exit(cli.Run(command())) }
}

// runKubectl reads the verbosity before the command exists, because plugins and
// kuberc files are handled, and logged about, while it is being constructed.
func runKubectl(args []string) {
	if _, err := logs.GlogSetter(kubectl.GetLogVerbosity(args)); err != nil {
		util.CheckErr(err)
	}
	util.CheckErr(cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()))
}

func names() []string {
	found := make([]string, 0, len(programs))
	for name := range programs {
		found = append(found, name)
	}
	slices.Sort(found)
	return found
}
