// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package reconcile

import (
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/printable"
)

// Connected returns the connection of an Environment that may be used now.
func Connected(pool *connection.Pool, environment *v1alpha1.Environment) (*connection.Connection, error) {
	if ptr.Deref(environment.Spec.Suspend, false) {
		return nil, Outcome{
			Kind: Waiting, Reason: v1alpha1.ReasonEnvironmentSuspended, Quiet: true,
			Message: "Environment " + Key(environment) + " is suspended: set its spec.suspend to false",
		}
	}
	conn := pool.Get(client.ObjectKeyFromObject(environment))
	if conn == nil {
		return nil, Outcome{
			Kind: Waiting, Reason: v1alpha1.ReasonEnvironmentNotReady, Quiet: true,
			Message: "Environment " + Key(environment) + " is not connected to Novu" + because(pool, environment),
		}
	}
	return conn, nil
}

// because names the root cause, so that users need not follow references to it: the Environment itself may by now tell that
// it waits for the very object that waits for it.
func because(pool *connection.Pool, environment *v1alpha1.Environment) string {
	cause := pool.Trouble(client.ObjectKeyFromObject(environment))
	ready := apimeta.FindStatusCondition(environment.Status.Conditions, v1alpha1.ConditionReady)
	if cause.Reason == "" && ready != nil && ready.Status == metav1.ConditionFalse && ready.Reason != v1alpha1.ReasonInUse {
		cause = connection.Trouble{Reason: ready.Reason, Message: ready.Message}
	}
	if cause.Reason == "" {
		return ": see its conditions"
	}
	return " (" + Cause(cause.Reason, cause.Message) + ")"
}

// maxCause bounds what one object repeats of another one's message, in bytes.
const maxCause = 512

// Cause is the root cause of an object's trouble as other objects repeat it.
func Cause(reason, message string) string {
	return reason + ": " + printable.Truncate(message, maxCause)
}

// TroubleOf is what an outcome says about the connection of an Environment; its Reason is empty if conditions have nothing to
// say about the error.
func TroubleOf(err error) connection.Trouble {
	switch o := OutcomeOf(err); o.Kind {
	case Waiting, Stalled, Transient:
		return connection.Trouble{Reason: o.Reason, Message: o.Message}
	default:
		return connection.Trouble{}
	}
}
