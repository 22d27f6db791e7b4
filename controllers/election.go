// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"net/http"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/leaderelection"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"novu-operator.dev/internal/lease"
)

// renewDeadline is controller-runtime's own default.
const renewDeadline = 10 * time.Second

// elect makes the lease that base asks for, so that writes can be asked about. Without leader election it is nil.
func elect(config *rest.Config, base *manager.Options) (*lease.Lock, error) {
	if !base.LeaderElection {
		return nil, nil
	}
	if base.RenewDeadline == nil {
		base.RenewDeadline = new(renewDeadline)
	}
	lock, err := lease.New(config, leaderelection.Options{
		LeaderElectionID: base.LeaderElectionID, LeaderElectionNamespace: base.LeaderElectionNamespace,
		RenewDeadline: *base.RenewDeadline,
	})
	base.LeaderElectionResourceLockInterface = lock
	return lock, err
}

// fence lets no write pass that the guard refuses.
type fence struct {
	next  http.RoundTripper
	guard func() error
}

func (f *fence) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		if err := f.guard(); err != nil {
			if r.Body != nil {
				_ = r.Body.Close() // as every RoundTripper must
			}
			return nil, err
		}
	}
	return f.next.RoundTrip(r)
}
