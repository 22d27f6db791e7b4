// Package synced holds the controllers of the kinds that the engine of internal/sync drives: Workflows, Layouts and Integrations.
package synced
