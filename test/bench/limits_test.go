// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	_ "embed"
	"fmt"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"
)

//go:embed limits.yaml
var limitsFile []byte

// limit is what limits.yaml says of one figure. Of all figures less is better.
type limit struct {
	Figure figure `json:"figure"`
	What   string `json:"what"`
	Unit   string `json:"unit"`
	// Goal that the design sets, if it sets one.
	Goal *goal `json:"goal,omitempty"`
	// Mean of several runs; of the ratio if Goal is one. Without a goal it is the limit, with Tolerance.
	Mean float64 `json:"mean"`
	// Tolerance is the part of Mean by which a run may be worse without anything being wrong.
	Tolerance float64 `json:"tolerance"`
	// How it is measured.
	How string `json:"how"`
}

type goal struct {
	// Most is the highest value.
	Most *float64 `json:"most,omitempty"`
	// Ratio is how many times what the figure is held against the value may be.
	Ratio *float64 `json:"ratio,omitempty"`
}

func readLimits(raw []byte) (map[figure]limit, error) {
	var file struct {
		Figures []limit `json:"figures"`
	}
	if err := yaml.UnmarshalStrict(raw, &file); err != nil {
		return nil, err
	}
	limits := map[figure]limit{}
	for _, l := range file.Figures {
		if _, twice := limits[l.Figure]; twice {
			return nil, fmt.Errorf("%s is there twice", l.Figure)
		}
		limits[l.Figure] = l
	}
	return limits, nil
}

// most is the highest value that is not over the limit.
func (l limit) most(m measurement) float64 {
	switch {
	case l.Goal == nil:
		return l.Mean * (1 + l.Tolerance)
	case l.Goal.Ratio != nil:
		return *l.Goal.Ratio * m.reference
	}
	return *l.Goal.Most
}

// ratio to the bound or the peer, else to the limit.
func (l limit) ratio(m measurement) (ratio float64, defined bool) {
	against := m.reference
	if m.against == "" {
		against = l.most(m)
	}
	return m.value / against, against > 0
}

func (l limit) over(m measurement) bool { return m.value > l.most(m) }

func TestEveryFigureHasALimit(t *testing.T) {
	limits, err := readLimits(limitsFile)
	if err != nil {
		t.Fatal(err)
	}
	printed := map[figure]bool{}
	for _, b := range benchmarks {
		for _, f := range b.figures {
			if _, ok := limits[f]; !ok {
				t.Errorf("%s prints %s, of which limits.yaml says nothing", b.name, f)
			}
			if printed[f] {
				t.Errorf("%s is printed twice", f)
			}
			printed[f] = true
		}
	}
	for f := range limits {
		if !printed[f] {
			t.Errorf("limits.yaml has %s, which no benchmark prints", f)
		}
	}
}

func TestLimitsAreComplete(t *testing.T) {
	limits, err := readLimits(limitsFile)
	if err != nil {
		t.Fatal(err)
	}
	for f, l := range limits {
		if l.What == "" || l.Unit == "" || l.How == "" {
			t.Errorf("%s: what, unit and how must be said", f)
		}
		if l.Goal != nil && (l.Goal.Most == nil) == (l.Goal.Ratio == nil) {
			t.Errorf("%s: a goal is either most or ratio", f)
		}
		if l.Goal == nil && (l.Mean <= 0 || l.Tolerance <= 0) {
			t.Errorf("%s: without a goal, mean and tolerance are the limit", f)
		}
	}
}

// A time says nothing without what the same machine took for the same work in the same run.
func TestTimesAreHeldAgainstTheSameRun(t *testing.T) {
	limits, err := readLimits(limitsFile)
	if err != nil {
		t.Fatal(err)
	}
	for f, l := range limits {
		isTime := slices.Contains([]string{"µs", "ms", "s"}, l.Unit)
		if isTime && (l.Goal == nil || l.Goal.Ratio == nil) {
			t.Errorf("%s is a time in %s: it needs a ratio", f, l.Unit)
		}
	}
}

func TestReadLimitsRefuses(t *testing.T) {
	for name, raw := range map[string]string{
		"an unknown field": "figures: [{figure: a, maximum: 3}]",
		"a figure twice":   "figures: [{figure: a}, {figure: a}]",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readLimits([]byte(raw)); err == nil {
				t.Error("it is accepted")
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	most := func(v float64) *goal { return &goal{Most: &v} }
	ratio := func(v float64) *goal { return &goal{Ratio: &v} }
	tests := map[string]struct {
		limit limit
		m     measurement
		want  string
	}{
		"within a highest value":                 {limit{Goal: most(100)}, measurement{value: 50}, "ok 0.50"},
		"at a highest value":                     {limit{Goal: most(3)}, measurement{value: 3}, "ok 1.00"},
		"over a highest value":                   {limit{Goal: most(100)}, measurement{value: 150}, "OVER 1.50"},
		"nothing where nothing is allowed":       {limit{Goal: most(0)}, measurement{value: 0}, "ok –"},
		"something where nothing is allowed":     {limit{Goal: most(0)}, measurement{value: 1}, "OVER –"},
		"within a ratio to a bound":              {limit{Goal: ratio(1.1)}, measurement{value: 4.9, against: "bound", reference: 4.5}, "ok 1.09"},
		"over a ratio to a bound":                {limit{Goal: ratio(1.1)}, measurement{value: 5, against: "bound", reference: 4.5}, "OVER 1.11"},
		"a highest value beside a peer":          {limit{Goal: most(3)}, measurement{value: 3, against: "recipe", reference: 100}, "ok 0.03"},
		"no goal, within the tolerance":          {limit{Mean: 10, Tolerance: .5}, measurement{value: 12}, "ok 0.80"},
		"no goal, over the tolerance":            {limit{Mean: 10, Tolerance: .5}, measurement{value: 18}, "OVER 1.20"},
		"no goal, and the mean is beside a peer": {limit{Mean: 20, Tolerance: .1}, measurement{value: 20, against: "recipe", reference: 100}, "ok 0.20"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			row := rowOf(test.limit, test.m)
			if got := row.verdict + " " + row.ratio; got != test.want {
				t.Errorf("it says %q, want %q", got, test.want)
			}
		})
	}
}

func TestTableShowsWhatWasLeftOut(t *testing.T) {
	one := 1.0
	limits := map[figure]limit{"a": {Figure: "a", What: "calls", Unit: "calls", Goal: &goal{Most: &one}}}
	row := rowOf(limits["a"], measurement{skipped: "there is no node"})
	if row.verdict != "skipped: there is no node" || row.value != "" {
		t.Errorf("a figure that was left out is shown as %+v", row)
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for _, test := range []struct {
		values []float64
		p      float64
		want   float64
	}{
		{hundred, 50, 50}, {hundred, 99, 99}, {hundred, 100, 100}, {[]float64{7}, 99, 7}, {nil, 50, 0},
	} {
		before := slices.Clone(test.values)
		if got := percentile(test.values, test.p); got != test.want {
			t.Errorf("p%v of %d values is %v, want %v", test.p, len(test.values), got, test.want)
		}
		if !slices.Equal(before, test.values) {
			t.Error("the values were put in another order")
		}
	}
}
