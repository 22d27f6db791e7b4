// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/novu"
	"novu-operator.dev/internal/reconcile"
)

// resolve reads the key and the certificates.
func (c *connector) resolve(ctx context.Context, s *scope) (err error) {
	if s.settings, err = c.settings(ctx, s.environment); err != nil {
		if s.settings.SecretKey == "" {
			c.disconnect(ctx, s)
		}
		return err
	}
	c.visits.use(client.ObjectKeyFromObject(s.environment), s.settings)
	return c.check(s)
}

// settings are what the Environment says about its connection. If it is not the key that is missing, they have the key.
func (c *connector) settings(ctx context.Context, e *v1alpha1.Environment) (settings connection.Settings, err error) {
	key, err := reconcile.ReadSecretKey(ctx, c.Live, e.Namespace, e.Spec.SecretKeyRef.Name, e.EffectiveSecretKey())
	if err != nil {
		return settings, err
	}
	settings = connection.Settings{BaseURL: e.Spec.APIURL, SecretKey: key}
	bundle := e.Spec.CABundle
	if e.Spec.CABundleRef != nil {
		bundle, err = reconcile.ReadConfigMapKey(ctx, c.Live, e.Namespace, *e.Spec.CABundleRef)
	}
	settings.CABundle = []byte(bundle)
	return settings, err
}

// disconnect drops the connection of a key that is gone, unless the whole namespace goes and objects are still to be
// deleted through it: then the key does no harm any more.
func (c *connector) disconnect(ctx context.Context, s *scope) {
	if _, terminating := reconcile.Terminating(ctx, c.Live, s.environment.Namespace); len(s.needy()) == 0 || !terminating {
		c.Pool.Drop(client.ObjectKeyFromObject(s.environment))
	}
}

// check refuses settings that no request could be made with.
func (c *connector) check(s *scope) error {
	config, reason := novu.Config{BaseURL: s.settings.BaseURL, SecretKey: s.settings.SecretKey}, v1alpha1.ReasonInvalidSpec
	_, err := novu.New(config)
	if err == nil {
		config.CABundle, reason = s.settings.CABundle, v1alpha1.ReasonInvalidCABundle
		_, err = novu.New(config)
	}
	if err == nil {
		return nil
	}
	c.Pool.Drop(client.ObjectKeyFromObject(s.environment))
	return reconcile.Stalledf(reason, "cannot connect to Novu: %s", err)
}

// connect finds out which Novu environment the key belongs to, and goes no further if it is not the one that is meant.
func (c *connector) connect(ctx context.Context, s *scope) (err error) {
	s.settings.Accept = func(remote novu.Environment) error { return c.identity(s, remote) }
	s.conn, err = c.Pool.Connect(ctx, client.ObjectKeyFromObject(s.environment), s.settings)
	return err
}

// identify refuses a connection that was made before spec named another environment, and records which it is.
func (c *connector) identify(_ context.Context, s *scope) error {
	remote := s.conn.Environment()
	if err := c.identity(s, remote); err != nil {
		c.Pool.Drop(client.ObjectKeyFromObject(s.environment))
		return err
	}
	status := &s.environment.Status
	status.EnvironmentID = remote.ID
	status.EnvironmentName = remote.Name
	status.EnvironmentType = remote.Type
	status.ApplicationIdentifier = remote.Identifier
	status.OrganizationID = remote.OrganizationID
	return nil
}

func (c *connector) identity(s *scope, remote novu.Environment) error {
	spec, secret := &s.environment.Spec, s.environment.Spec.SecretKeyRef.Name
	belongs := fmt.Sprintf("the key in Secret %s/%s belongs to the Novu environment %q (%s)",
		s.environment.Namespace, secret, remote.Name, remote.ID)
	known := s.environment.Status.EnvironmentID
	switch {
	case spec.EnvironmentID != "" && spec.EnvironmentID != remote.ID:
		return reconcile.Blockedf(v1alpha1.ReasonWrongEnvironment,
			"%s, not to the one that spec.environmentID names (%s): correct the Secret or spec", belongs, spec.EnvironmentID)
	case spec.EnvironmentName != "" && spec.EnvironmentName != remote.Name:
		return reconcile.Blockedf(v1alpha1.ReasonWrongEnvironment,
			"%s, not to %q as spec.environmentName says: correct the Secret or spec", belongs, spec.EnvironmentName)
	case known != "" && known != remote.ID && spec.EnvironmentID != remote.ID:
		return reconcile.Blockedf(v1alpha1.ReasonEnvironmentChanged,
			"%s; before, it belonged to %s. Nothing is written: correct the Secret or, if the change is intended, set spec.environmentID to %s", belongs, known, remote.ID)
	}
	return nil
}
