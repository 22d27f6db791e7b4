// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// patience is how long a program may take to become ready. It is generous: a
// machine that compiles at the same time is slow, and a program that dies is
// noticed at once anyway.
const patience = 2 * time.Minute

// launch starts the programs one after the other, each when what it needs is there.
func (c *ControlPlane) launch(ctx context.Context, options Options) error {
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	if err := errors.Join(c.record(), ca.writeKeys(c.Dir)); err != nil {
		return err
	}
	if err := c.startStore(ctx, options); err != nil {
		return err
	}
	if err := c.startServer(ctx, ca, options); err != nil {
		return err
	}
	if options.ControllerManager {
		if err := c.startControllers(ctx, options); err != nil {
			return err
		}
	}
	c.ready = true
	return c.record()
}

func (c *ControlPlane) startStore(ctx context.Context, options Options) error {
	if err := c.spawn(etcd, storeFlags(), options); err != nil {
		return err
	}
	return c.await(ctx, etcd, func(context.Context) error {
		_, err := os.Stat(filepath.Join(c.Dir, storeSocket))
		return err
	})
}

// startServer picks a free port. Another process may take it before the API server
// does, which the server reports and dies of; then the next port is tried.
func (c *ControlPlane) startServer(ctx context.Context, ca *authority, options Options) error {
	const attempts = 3
	for attempt := 1; ; attempt++ {
		port, err := freePort()
		if err != nil {
			return err
		}
		if err := c.authorize(ca, fmt.Sprintf("https://127.0.0.1:%d", port), options); err != nil {
			return err
		}
		if err := c.spawn(apiServer, serverFlags(port, options), options); err != nil {
			return err
		}
		err = c.awaitURL(ctx, apiServer, "/readyz")
		if err == nil || attempt == attempts || !strings.Contains(err.Error(), "address already in use") {
			return err
		}
		c.processes = c.processes[:len(c.processes)-1]
	}
}

// authorize writes the administrator's kubeconfig and the controller manager's.
func (c *ControlPlane) authorize(ca *authority, address string, options Options) error {
	admin, err := c.administrator(ca, options)
	if err != nil {
		return err
	}
	if c.Kubeconfig, err = writeKubeconfig(c.Dir, adminConfig, address, ca.pem, admin); err != nil {
		return err
	}
	if c.Config, err = readKubeconfig(c.Kubeconfig); err != nil {
		return err
	}
	manager, err := ca.client("system:kube-controller-manager")
	if err != nil {
		return err
	}
	_, err = writeKubeconfig(c.Dir, managerConfig, address, ca.pem, withCertificate(manager))
	return err
}

func (c *ControlPlane) administrator(ca *authority, options Options) (*clientcmdapi.AuthInfo, error) {
	if options.Spare {
		return withToken(c.Dir)
	}
	admin, err := ca.client("novu-operator-admin", "system:masters")
	return withCertificate(admin), err
}

// startControllers waits for the default ServiceAccount because pods cannot be
// created before it exists.
func (c *ControlPlane) startControllers(ctx context.Context, options Options) error {
	if err := c.spawn(controllerManager, managerFlags(), options); err != nil {
		return err
	}
	return c.awaitURL(ctx, controllerManager, "/api/v1/namespaces/default/serviceaccounts/default")
}

// spawn starts a program and records it at once, so that it can be stopped
// whatever happens next.
func (c *ControlPlane) spawn(name string, flags []string, options Options) error {
	var env []string
	if options.Spare && os.Getenv("GOGC") == "" {
		env = []string{"GOGC=400"}
	}
	started, err := spawn(c.Dir, filepath.Join(c.Assets, name), name, flags, options.Detach, env...)
	if err != nil {
		return err
	}
	c.processes = append(c.processes, started)
	return c.record()
}

// awaitURL waits until the API server answers a GET of path with success.
func (c *ControlPlane) awaitURL(ctx context.Context, name, path string) error {
	client, err := rest.HTTPClientFor(c.Config)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	return c.await(ctx, name, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Config.Host+path, http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("GET %s: %s", path, response.Status)
		}
		return nil
	})
}

// await asks until the answer is nil, a program has died, or patience ends.
func (c *ControlPlane) await(ctx context.Context, name string, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		if died := c.died(); died != nil {
			return died
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready (%w): %w; the end of its log:\n%s", name, ctx.Err(), err, tail(c.Dir, name))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// freePort returns a loopback port that no process listens on at this moment.
func freePort() (int, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
