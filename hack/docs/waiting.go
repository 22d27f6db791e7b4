// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"

	"novu-operator.dev/internal/promotion"
)

const waitingTarget = "docs/reference/waiting.md"

// waiting is the table of what Promotions wait for, and for how long, as the operator goes by it.
func waiting() string {
	var page strings.Builder
	page.WriteString(`# What a Promotion waits for

Generated from ` + "`internal/promotion/fate.go`" + `; do not edit.

A Promotion that has not begun waits for some things, and ends as Failed for others: one that waits forever would be carried out when users
no longer expect it. A rollback happens now or never. What has ended is never carried out, whatever changes later; create a new
Promotion. A limit is counted from the creation of the Promotion, or from when it lost the plan that it had.

| reason of Ready | a promotion | a rollback | because |
|---|---|---|---|
`)
	for _, f := range promotion.Fates {
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", f.Reason, patience(f.Promotion), patience(f.Rollback), f.Why)
	}
	fmt.Fprintf(&page, `
For any other reason, which is an answer of Novu's, a promotion waits and a rollback ends after %s. While a rollback that has its
plan waits for approvals, an outage of Novu does not end it.

Promotions that the operator creates by itself, for `+"`spec.promotionPolicy.automatic`"+`, wait for all of this: a newer one takes their place.
Once a Promotion has begun, it goes on until it is done or `+"`spec.promotionPolicy.timeout`"+` of the target is over; it ends at once when the
target is no promotion target any more, or belongs to another Novu environment.
`, duration(promotion.Outage))
	return page.String()
}

func patience(p promotion.Patience) string {
	switch p {
	case promotion.Ends:
		return "ends"
	case promotion.Waits:
		return "waits"
	case promotion.NotHeld:
		return "is not held"
	}
	return "waits " + duration(p)
}

func duration(p promotion.Patience) string {
	if d := time.Duration(p); d < time.Hour {
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	} else if d > time.Hour {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return "1 hour"
}
