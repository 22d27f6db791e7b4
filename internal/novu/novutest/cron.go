package novutest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cronClock is a moment in the server's time zone, UTC.
type cronClock = time.Time

func (s *Server) cronClock() cronClock { return s.opts.Now().UTC() }

// cronField is the set of values that one field of a cron expression matches.
type cronField struct {
	set  [60]bool
	star bool
}

// cronSchedule has a second, minute, hour, day of month, month and day of week.
type cronSchedule struct{ fields [6]cronField }

var cronRanges = [6]struct{ from, to int }{{0, 59}, {0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}

var cronNames = [6][]string{
	4: strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec"),
	5: strings.Fields("sun mon tue wed thu fri sat"),
}

var cronWords = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
	"@daily": "0 0 * * *", "@hourly": "0 * * * *",
}

// parseCron reads five fields, or six with seconds first.
func parseCron(expression string) (*cronSchedule, error) {
	if words, ok := cronWords[expression]; ok {
		expression = words
	}
	parts := strings.Fields(expression)
	if len(parts) == 5 {
		parts = append([]string{"0"}, parts...)
	}
	if len(parts) != 6 {
		return nil, fmt.Errorf("cron expression %q has %d fields, want 5 or 6", expression, len(parts))
	}
	c := &cronSchedule{}
	for i, p := range parts {
		if err := c.fields[i].parse(i, strings.ToLower(p)); err != nil {
			return nil, err
		}
	}
	week := &c.fields[5]
	week.set[0] = week.set[0] || week.set[7] // Sunday has two numbers
	return c, nil
}

func (f *cronField) parse(index int, text string) error {
	f.star = text == "*" || text == "?"
	for _, part := range strings.Split(text, ",") {
		from, to, step, err := cronPart(index, part)
		if err != nil {
			return err
		}
		for v := from; v <= to; v += step {
			f.set[v] = true
		}
	}
	return nil
}

func cronPart(index int, part string) (from, to, step int, err error) {
	r := cronRanges[index]
	span, stepText, stepped := strings.Cut(part, "/")
	step = 1
	if stepped {
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
			return 0, 0, 0, fmt.Errorf("cron step %q is no positive number", stepText)
		}
	}
	if span == "*" || span == "?" {
		return r.from, r.to, step, nil
	}
	low, high, isSpan := strings.Cut(span, "-")
	if from, err = cronNumber(index, low); err != nil {
		return 0, 0, 0, err
	}
	to = from
	if stepped {
		to = r.to
	}
	if isSpan {
		if to, err = cronNumber(index, high); err != nil {
			return 0, 0, 0, err
		}
	}
	if from < r.from || to > r.to || from > to {
		return 0, 0, 0, fmt.Errorf("cron part %q is out of its range", part)
	}
	return from, to, step, nil
}

func cronNumber(index int, s string) (int, error) {
	for i, name := range cronNames[index] {
		if s == name {
			return i + cronRanges[index].from, nil
		}
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("cron value %q is no number", s)
	}
	return n, nil
}

// day matches when both day fields do; when both are restricted, either is enough.
func (c *cronSchedule) day(t time.Time) bool {
	month, week := &c.fields[3], &c.fields[5]
	inMonth, inWeek := month.set[t.Day()], week.set[int(t.Weekday())]
	if !month.star && !week.star {
		return inMonth || inWeek
	}
	return inMonth && inWeek
}

// next is the first time after t; ok is false when there is none within eight years.
func (c *cronSchedule) next(t time.Time) (time.Time, bool) {
	t = t.Truncate(time.Second).Add(time.Second)
	for limit := t.AddDate(8, 0, 0); t.Before(limit); {
		switch {
		case !c.fields[4].set[int(t.Month())]:
			t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		case !c.day(t):
			t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, time.UTC)
		case !c.fields[2].set[t.Hour()]:
			t = t.Truncate(time.Hour).Add(time.Hour)
		case !c.fields[1].set[t.Minute()]:
			t = t.Truncate(time.Minute).Add(time.Minute)
		case !c.fields[0].set[t.Second()]:
			t = t.Add(time.Second)
		default:
			return t, true
		}
	}
	return t, false
}
