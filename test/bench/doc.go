// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package bench measures the operator: how many calls it makes, how long they take, and how much memory it needs, each
// beside the limit that Novu or the design sets, or beside what the recipe of Novu's documentation needs for the same. A time
// is held against what the same work takes by hand, without the operator, in the same run.
//
// "make bench" prints one table. Its figures and their limits are in limits.yaml. A figure over its limit is shown as
// OVER and fails nothing.
//
// Environment variables: BENCH_WORKFLOWS is the number of workflows for the benchmarks at scale (10000); LOG=1 shows the
// operator's log.
package bench
