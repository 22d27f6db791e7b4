// Package controllers wires the kinds to the API server: one thin reconciler each, with its watches. What they do is in
// the internal packages.
package controllers
