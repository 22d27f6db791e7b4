package novutest

import (
	"regexp"
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
	cron := text(values["cron"])
	switch {
	case q.kind == "throttle" && cron != "", q.kind != "throttle" && cron == "" && values["type"] == "dynamic":
		return nil, nil
	case cron != "":
		return cronIssues(cron, limit, q.now())
	}
	unit, known := unitSeconds[text(values["unit"])]
	amount, isNumeric := toNumber(values["amount"])
	// In seconds, as an amount may be too large for a time.Duration.
	if seconds := amount * unit; !known || !isNumeric || seconds < day.Seconds() || seconds <= limit.Seconds() {
		return nil, nil
	}
	issue := tooLong(limit)
	return object{"controls": object{"amount": issue, "unit": issue}}, nil
}

var unitSeconds = map[string]float64{
	"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 7 * 86400, "months": 30 * 86400,
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

var decimal = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

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
		return textToNumber(strings.TrimSpace(v))
	case []any:
		return textToNumber(strings.TrimSpace(javaScriptText(v)))
	}
	return 0, false
}

func textToNumber(s string) (float64, bool) {
	switch {
	case s == "":
		return 0, true
	case decimal.MatchString(s):
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil
	case len(s) > 2 && s[0] == '0' && strings.ContainsRune("xXoObB", rune(s[1])):
		n, err := strconv.ParseUint(s, 0, 64)
		return float64(n), err == nil && !strings.Contains(s, "_") // which Go's literals may hold
	}
	return 0, false
}

// cronIssues looks at the gaps between the next fifty times, as far as two years ahead.
func cronIssues(expression string, limit time.Duration, now cronClock) (object, error) {
	schedule, err := parseCron(expression)
	if err != nil {
		return nil, internalError()
	}
	first, err := schedule.next(now)
	for i, last := 0, first; err == nil && i < 50; i++ {
		var at cronClock
		at, err = schedule.next(last)
		switch {
		case err != nil:
		case at.After(first.AddDate(2, 0, 0)):
			return nil, nil
		case at.Sub(last) > limit:
			return object{"controls": object{"cron": tooLong(limit)}}, nil
		}
		last = at
	}
	if err != nil {
		return nil, internalError()
	}
	return nil, nil
}
