// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import "fmt"

// MakeExternal makes a workflow code-first, as if an application had brought it by bridge sync, or ordinary again. It
// panics when there is no such workflow.
func (s *State) MakeExternal(env, workflowID string, external bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.mustFind(env)
	w := e.workflows.find(workflowID)
	if w == nil {
		panic(fmt.Sprintf("novutest: no workflow %q in %q", workflowID, env))
	}
	next := *w
	next.origin = originCloud
	if external {
		next.origin = originExternal
	}
	e.workflows.put(&next)
}

// AddAgent makes an agent, which workflows of the environment may name. It has nothing but its identifier.
func (s *State) AddAgent(env, identifier string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustFind(env).agents[identifier] = true
}
