// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connection

import "k8s.io/apimachinery/pkg/types"

// Trouble is why an Environment object has no connection, or one that does not work.
type Trouble struct {
	// Reason is a condition reason.
	Reason string
	// Message says what is wrong and what to do.
	Message string
}

// Fail notes why an Environment object could not be connected and reports whether the reason is another one than before.
// Whoever waits for the Environment repeats the message, so it stays as long as its reason does: an address or a time in
// it must not have hundreds of statuses written again.
func (p *Pool) Fail(environment types.NamespacedName, t Trouble) (changed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.troubles[environment].Reason == t.Reason {
		return false
	}
	p.troubles[environment] = t
	return true
}

// Recover notes that an Environment object is connected.
func (p *Pool) Recover(environment types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.troubles, environment)
}

// Trouble is why the Environment object has no connection; its Reason is empty if this process does not know of any.
func (p *Pool) Trouble(environment types.NamespacedName) Trouble {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.troubles[environment]
}
