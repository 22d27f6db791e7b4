// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"

	"novu-operator.dev/internal/printable"
	"novu-operator.dev/internal/reconcile"
)

// withPrintableNotes returns a recorder whose notes show nothing that a terminal would carry out or hide, whoever wrote it.
func withPrintableNotes(recorder events.EventRecorder) events.EventRecorder {
	return printableEvents{recorder}
}

type printableEvents struct{ events.EventRecorder }

func (r printableEvents) Eventf(regarding, related runtime.Object, kind, reason, action, note string, args ...any) {
	r.EventRecorder.Eventf(regarding, related, kind, reason, action, "%s", reconcile.Bounded(printable.Text(fmt.Sprintf(note, args...))))
}
