// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/internal/sync"
)

// Soon gathers the objects that let go of an Environment together, which may itself wait for the last of them.
const Soon = time.Second

// EnvironmentKey is the Environment that an object refers to.
func EnvironmentKey(o client.Object) types.NamespacedName {
	return o.(sync.Object).Policies().EnvironmentRef.In(o.GetNamespace())
}
