// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"sync"

	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// logs are what the operator and its libraries write. Their loggers are those of the process and may be set only once, since
// what a stopped operator has left running still uses them.
var logs = sync.OnceValue(func() *output {
	o := &output{to: io.Discard}
	logger := zap.New(zap.WriteTo(o))
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)
	return o
})

// output is a writer whose destination can be changed.
type output struct {
	mu sync.Mutex
	to io.Writer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.to.Write(p)
}

func (o *output) redirect(to io.Writer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = to
}
