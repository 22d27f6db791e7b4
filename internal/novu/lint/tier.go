// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"math"
	"strconv"
	"time"

	"novu-operator.dev/internal/novu/javascript"
)

const (
	day = 24 * time.Hour
	// maxDefer is the longest delay of any tier.
	maxDefer = 180 * day
)

// freeLimits are the free tier's longest delay, digest window and throttle window.
var freeLimits = map[string]time.Duration{"delay": day, "digest": day, "throttle": time.Hour}

// tierIssues finds what the tier does not include. Values of a wrong type make the whole request fail, in any type of step, and
// so does a cron expression that Novu cannot read.
func (r Rules) tierIssues(kind string, values object) []Issue {
	if refused := tierRefusals(values); len(refused) > 0 {
		return refused
	}
	limit, limited := freeLimits[kind]
	if !limited {
		return nil
	}
	if r.Paid {
		limit = maxDefer
	}
	cron := javascript.Text(values["cron"])
	switch {
	case kind == "throttle" && cron != "", kind != "throttle" && cron == "" && values["type"] == "dynamic":
		return nil
	case cron != "":
		return cronIssues(cron, limit, r.now())
	}
	unit, known := unitSeconds[javascript.Text(values["unit"])]
	amount, isNumeric := javascript.Number(values["amount"])
	// In seconds, as an amount may be too large for a time.Duration.
	if seconds := amount * unit; !known || !isNumeric || seconds < day.Seconds() || seconds <= limit.Seconds() {
		return nil
	}
	return []Issue{tooLong("amount", limit), tooLong("unit", limit)}
}

var unitSeconds = map[string]float64{
	"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 7 * 86400, "months": 30 * 86400,
}

func tooLong(field string, limit time.Duration) Issue {
	return Issue{Field: field, Check: Tier, Severity: Error, Type: TierLimitExceeded, Message: "The maximum delay allowed is " +
		strconv.Itoa(int(limit/day)) + " days. Please contact our support team to discuss extending this limit for your use case."}
}

func tierRefusals(values object) []Issue {
	var out []Issue
	refuse := func(field, message string, v any) {
		out = append(out, Issue{Field: field, Check: Tier, Severity: Refusal, Message: field + message, Value: v})
	}
	if v := values["amount"]; v != nil {
		f, isNumeric := javascript.Number(v)
		_, isNumber := v.(float64)
		switch {
		case javascript.Falsy(v):
			if !isNumber {
				refuse("amount", notANumber, v)
			}
		case !isNumeric:
			refuse("amount", notANumber, nan{})
		case math.IsInf(f, 0):
			refuse("amount", notANumber, f)
		}
	}
	for _, name := range []string{"unit", "cron", "type", "dynamicKey"} {
		if _, ok := values[name].(string); !ok && values[name] != nil {
			refuse(name, " must be a string", values[name])
		}
	}
	return out
}

const notANumber = " must be a number conforming to the specified constraints"

// nan is a number that is none; in JSON it is null.
type nan struct{}

// MarshalJSON writes null, as JavaScript does.
func (nan) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// cronIssues looks at the gaps between the next fifty times, as far as two years ahead.
func cronIssues(expression string, limit time.Duration, now time.Time) []Issue {
	schedule, err := parseCron(expression)
	if err != nil {
		return unreadableCron(err)
	}
	first, err := schedule.next(now)
	for i, last := 0, first; err == nil && i < 50; i++ {
		var at time.Time
		at, err = schedule.next(last)
		switch {
		case err != nil:
		case at.After(first.AddDate(2, 0, 0)):
			return nil
		case at.Sub(last) > limit:
			return []Issue{tooLong("cron", limit)}
		}
		last = at
	}
	if err != nil {
		return unreadableCron(err)
	}
	return nil
}

func unreadableCron(err error) []Issue {
	return []Issue{{Field: "cron", Check: Cron, Severity: Refusal, Message: err.Error()}}
}
