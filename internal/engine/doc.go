// Package engine drives one Kubernetes object towards its counterpart in Novu: Workflow, Layout and Integration share
// it, each through an [External].
//
// A reconcile runs phases in order; the first one that does not go through ends it with an error whose type says what
// happens next ([Waiting], [Stalled], [Transient]). One place, finish, turns that into conditions, events, the single
// status write and the time of the next try.
package engine
