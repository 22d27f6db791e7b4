// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/internal/connection"
	"novu-operator.dev/internal/definition"
	"novu-operator.dev/internal/requeue"
	"novu-operator.dev/internal/sync"
)

// reassess has the Workflows that Novu complains about written once more when layouts or integrations of the environment
// have come, gone or changed since the last poll: what they complained about may be among them. Other causes, such as a
// plan or a variable, no list shows; those are found out at full comparisons.
func (p *poller) reassess(s *scope) {
	s.caused = p.awake.caused(client.ObjectKeyFromObject(s.environment), causesOf(s.conn))
	if !s.caused {
		return
	}
	for _, c := range s.children {
		if c.kind.Resource == connection.Workflows && sync.ComplainedAbout(c.Object) {
			p.Reassessments.Mark(client.ObjectKeyFromObject(c.Object))
			c.kind.Waker.Wake(requeue.PriorityLow, client.ObjectKeyFromObject(c.Object))
		}
	}
}

// causesOf tells one state of what workflows depend on from another. The times of integrations move whenever a neighbour
// is written.
func causesOf(conn *connection.Connection) string {
	var causes []string
	for id, entry := range conn.All(connection.Layouts) {
		causes = append(causes, fmt.Sprint("layout ", id, entry.ID, entry.UpdatedAt))
	}
	for id, entry := range conn.All(connection.Integrations) {
		causes = append(causes, fmt.Sprint("integration ", id, entry.ID, entry.Integration.Active, entry.Integration.Primary))
	}
	slices.Sort(causes)
	return definition.Revision(causes)
}

// caused notes what workflows depend on and reports whether it is known to have changed.
func (a *awakened) caused(key types.NamespacedName, now string) (changed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, known := a.causes[key]
	if a.causes == nil {
		a.causes = map[types.NamespacedName]string{}
	}
	a.causes[key] = now
	return known && before != now
}
