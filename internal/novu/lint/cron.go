// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cronField is what one field of a cron expression matches, in ascending order. What is named twice is there twice,
// for whether a field is restricted is told from how much it has.
type cronField struct {
	numbers []int
	last    []string // with an L: the last day of the month, or the last such weekday
}

// cronSchedule has a second, minute, hour, day of month, month and day of week.
type cronSchedule struct {
	fields [6]cronField
	nth    int // which of the weekdays of a month, 0 for each
}

const (
	cronDays  = 3
	cronMonth = 4
	cronWeek  = 5
)

var (
	cronRanges   = [6]struct{ from, to int }{{0, 59}, {0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}}
	cronDefaults = [6]string{"0", "*", "*", "*", "*", "*"}
	cronForms    = [6]*regexp.Regexp{plainCron, plainCron, plainCron, regexp.MustCompile(`^[?,*\dL/-]+$`), plainCron,
		regexp.MustCompile(`^[?,*\dL#/-]+$`)}
	plainCron   = regexp.MustCompile(`^[,*\d/-]+$`)
	cronName    = regexp.MustCompile(`(?i)[a-z]{3}`)
	daysOfMonth = [13]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
)

var cronNames = [6][]string{
	cronMonth: strings.Fields("- jan feb mar apr may jun jul aug sep oct nov dec"),
	cronWeek:  strings.Fields("sun mon tue wed thu fri sat"),
}

var cronWords = map[string]string{
	"@yearly": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@hourly": "0 * * * *",
}

// parseCron reads up to six fields. Fields that are missing are missing at the front.
func parseCron(expression string) (*cronSchedule, error) {
	parts := strings.Fields(cmp.Or(cronWords[expression], expression))
	if len(parts) > len(cronRanges) {
		return nil, fmt.Errorf("cron expression %q has more than six fields", expression)
	}
	c := &cronSchedule{}
	for i := range c.fields {
		value := cronDefaults[i]
		if at := i - len(cronRanges) + len(parts); at >= 0 {
			value = parts[at]
		}
		if i == cronWeek {
			var err error
			if value, err = c.takeNth(value); err != nil {
				return nil, err
			}
		}
		if err := c.fields[i].parse(i, value); err != nil {
			return nil, err
		}
	}
	err := c.dropImpossibleDays()
	return c, err
}

// takeNth cuts "#2" off "5#2", the second Friday.
func (c *cronSchedule) takeNth(value string) (string, error) {
	parts := strings.Split(value, "#")
	if len(parts) == 1 {
		return value, nil
	}
	n := cronNumber(parts[len(parts)-1])
	if len(parts) > 2 || strings.ContainsAny(value, ",/-") || math.IsNaN(n) || n < 1 || n > 5 {
		return "", fmt.Errorf("cron day of week %q has an unknown occurrence", value)
	}
	c.nth = int(n)
	return parts[0], nil
}

// dropImpossibleDays leaves out days that the only month of a schedule does not have.
func (c *cronSchedule) dropImpossibleDays() error {
	months, days := c.fields[cronMonth].numbers, &c.fields[cronDays]
	if len(months) != 1 {
		return nil
	}
	longest := daysOfMonth[months[0]]
	if len(days.numbers) > 0 && days.numbers[0] > longest {
		return fmt.Errorf("cron day %d is in no month %d", days.numbers[0], months[0])
	}
	days.numbers = slices.DeleteFunc(days.numbers, func(d int) bool { return d > longest })
	days.last = slices.DeleteFunc(days.last, func(l string) bool { return l != "L" })
	return nil
}

func (f *cronField) parse(index int, value string) error {
	r, err := cronRanges[index], error(nil)
	if names := cronNames[index]; names != nil {
		value = cronName.ReplaceAllStringFunc(value, func(name string) string {
			at := slices.Index(names, strings.ToLower(name))
			if at < 0 {
				err = fmt.Errorf("cron name %q is unknown", name)
			}
			return strconv.Itoa(at)
		})
	}
	if err != nil || !cronForms[index].MatchString(value) {
		return fmt.Errorf("cron field %q has an unknown character: %w", value, err)
	}
	all := strconv.Itoa(r.from) + "-" + strconv.Itoa(r.to)
	if strings.Contains(value, "*") {
		value = strings.ReplaceAll(value, "*", all)
	} else {
		value = strings.ReplaceAll(value, "?", all)
	}
	for part := range strings.SplitSeq(value, ",") {
		if err := f.part(index, part); err != nil {
			return err
		}
	}
	slices.Sort(f.numbers)
	return nil
}

// part takes 5, 1-5, 5/2 or 1-5/2.
func (f *cronField) part(index int, part string) error {
	r := cronRanges[index]
	span, step, stepped := strings.Cut(part, "/")
	if part == "" || strings.Contains(step, "/") {
		return fmt.Errorf("cron part %q is no number or range", part)
	}
	if stepped && !math.IsNaN(cronNumber(span)) {
		span += "-" + strconv.Itoa(r.to)
	}
	low, high, isSpan := strings.Cut(span, "-")
	if !isSpan || low == "" {
		return f.single(index, span)
	}
	high, _, _ = strings.Cut(high, "-")
	from, to, every := cronNumber(low), cronNumber(high), 1.0
	if stepped {
		every = cronNumber(step)
	}
	// Written so that no comparison with a NaN holds.
	if !(from >= float64(r.from) && to <= float64(r.to) && from <= to && every > 0) {
		return fmt.Errorf("cron part %q is out of its range", part)
	}
	if index == cronWeek && int(to)%7 == 0 {
		f.numbers = append(f.numbers, 0) // Sunday has two numbers
	}
	for v := int(from); v <= int(to); v += int(every) {
		if index != cronWeek || v > 0 || int(to)%7 != 0 {
			f.numbers = append(f.numbers, v)
		}
	}
	return nil
}

func (f *cronField) single(index int, value string) error {
	if strings.Contains(value, "L") {
		f.last = append(f.last, value)
		return nil
	}
	r, n := cronRanges[index], cronNumber(value)
	if !(n >= float64(r.from) && n <= float64(r.to)) {
		return fmt.Errorf("cron value %q is out of its range", value)
	}
	if index == cronWeek {
		n = math.Mod(n, 7)
	}
	f.numbers = append(f.numbers, int(n))
	return nil
}

// cronNumber is a number as JavaScript reads it: nothing is zero.
func cronNumber(s string) float64 {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return math.NaN()
	}
	return float64(n)
}

func (f *cronField) size() int { return len(f.numbers) + len(f.last) }

func (f *cronField) has(n int) bool { return slices.Contains(f.numbers, n) }

// day matches when both day fields do; when both are restricted, either is enough.
func (c *cronSchedule) day(t time.Time) (bool, error) {
	month, week := &c.fields[cronDays], &c.fields[cronWeek]
	inMonth := month.has(t.Day()) || len(month.last) > 0 && t.AddDate(0, 0, 1).Day() == 1
	inWeek := week.has(int(t.Weekday()))
	for _, l := range week.last {
		if l[0] < '0' || l[0] > '9' {
			return false, fmt.Errorf("cron day of week %q has no weekday", l)
		}
		lastWeek := t.AddDate(0, 0, 7).Month() != t.Month()
		inWeek = inWeek || lastWeek && int(l[0]-'0')%7 == int(t.Weekday())
	}
	anyDay := month.size() >= daysOfMonth[t.Month()]
	anyWeekday := week.size() == 8
	switch {
	case !inMonth && (!inWeek || anyWeekday), anyDay && !anyWeekday && !inWeek:
		return false, nil
	}
	return c.nth == 0 || (t.Day()+6)/7 == c.nth, nil
}

// next is the first time after t, if it is found within as many steps as cron-parser takes.
func (c *cronSchedule) next(t time.Time) (time.Time, error) {
	t = t.Truncate(time.Second).Add(time.Second)
	for range 10000 {
		day, err := c.day(t)
		switch {
		case err != nil:
			return t, err
		case !day:
			t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, time.UTC)
		case !c.fields[cronMonth].has(int(t.Month())):
			t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
		case !c.fields[2].has(t.Hour()):
			t = t.Truncate(time.Hour).Add(time.Hour)
		case !c.fields[1].has(t.Minute()):
			t = t.Truncate(time.Minute).Add(time.Minute)
		case !c.fields[0].has(t.Second()):
			t = t.Add(time.Second)
		default:
			return t, nil
		}
	}
	return t, fmt.Errorf("no time matches the cron expression")
}
