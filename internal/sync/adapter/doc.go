// Package adapter says, for each kind that the engine drives, what its counterpart in Novu is and how it is read and
// written.
package adapter
