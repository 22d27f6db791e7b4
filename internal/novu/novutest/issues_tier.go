package novutest

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	day = 24 * time.Hour
	// maxDefer is the longest delay of any tier.
	maxDefer = 180 * day
)

// freeLimits are the free tier's longest delay, digest window and throttle window.
var freeLimits = map[string]time.Duration{"delay": day, "digest": day, "throttle": time.Hour}

// tierIssues refuses what the tier does not include. Values of a wrong type make the whole request fail, in any type
// of step, and so does a cron expression that nobody can read.
func tierIssues(q issueQuestion, values object) (object, error) {
	if err := commandError("TierRestrictionsValidateCommand", tierViolations(values)); err != nil {
		return nil, err
	}
	limit, limited := freeLimits[q.kind]
	if !limited {
		return nil, nil
	}
	if q.paid {
		limit = maxDefer
	}
	if cron := text(values["cron"]); cron != "" && q.kind != "throttle" {
		return cronIssues(cron, limit, q.now())
	}
	unit := text(values["unit"])
	if values["type"] == "dynamic" && q.kind != "throttle" {
		return nil, nil
	}
	amount, ok := toNumber(values["amount"])
	length := time.Duration(amount * float64(unitLength[unit]))
	if !ok || length < day || length <= limit {
		return nil, nil
	}
	issue := tooLong(limit)
	return object{"controls": object{"amount": issue, "unit": issue}}, nil
}

var unitLength = map[string]time.Duration{
	"seconds": time.Second, "minutes": time.Minute, "hours": time.Hour, "days": day, "weeks": 7 * day, "months": 30 * day,
}

func tooLong(limit time.Duration) []any {
	return []any{object{"issueType": "TIER_LIMIT_EXCEEDED", "message": "The maximum delay allowed is " +
		strconv.Itoa(int(limit/day)) + " days. Please contact our support team to discuss extending this limit for your use case."}}
}

func tierViolations(values object) []violation {
	o := object{}
	for _, n := range []string{"unit", "cron", "type", "dynamicKey"} {
		if v, ok := values[n]; ok {
			o[n] = v
		}
	}
	if v, ok := values["amount"]; ok {
		o["amount"] = v
		if f, isNumeric := toNumber(v); isNumeric && !isFalsy(v) {
			o["amount"] = f
		} else if !isFalsy(v) {
			o["amount"] = nan{}
		}
	}
	optional := func(name string, r rule) field { return field{name: name, optional: true, rules: []rule{r}} }
	return check(nil, o, []field{
		optional("amount", isNumber), optional("unit", isString), optional("cron", isString), optional("type", isString),
		optional("dynamicKey", isString),
	})
}

// nan is a number that is none; in JSON it is null.
type nan struct{}

// MarshalJSON writes null, as JavaScript does.
func (nan) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// toNumber is JavaScript's Number() for JSON values.
func toNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f, err == nil && !math.IsNaN(f)
	}
	return 0, false
}

// cronIssues looks at the gaps between the next fifty times, as far as two years ahead.
func cronIssues(expression string, limit time.Duration, now cronClock) (object, error) {
	schedule, err := parseCron(expression)
	if err != nil {
		return nil, internalError()
	}
	first, ok := schedule.next(now)
	for i, last := 0, first; ok && i < 50; i++ {
		var at cronClock
		if at, ok = schedule.next(last); !ok || at.After(first.AddDate(2, 0, 0)) {
			break
		}
		if at.Sub(last) > limit {
			return object{"controls": object{"cron": tooLong(limit)}}, nil
		}
		last = at
	}
	return nil, nil
}
