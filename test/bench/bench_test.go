// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"text/tabwriter"

	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// figure is the name of something measured, as limits.yaml has it.
type figure string

// benchmark measures some figures.
type benchmark struct {
	name    string
	figures []figure
	run     func(*report)
}

// benchmarks in the order in which they run: the quick ones first.
var benchmarks = slices.Concat(microBenchmarks, callBenchmarks, requestBenchmarks, hungBenchmarks, limitBenchmarks, scaleBenchmarks)

// BenchmarkOperator runs every benchmark once and prints the table. -bench Operator/NAME runs one of them.
func BenchmarkOperator(b *testing.B) {
	limits, err := readLimits(limitsFile)
	if err != nil {
		b.Fatal(err)
	}
	measured := map[figure]measurement{}
	for _, bench := range benchmarks {
		b.Run(bench.name, func(b *testing.B) {
			if _, done := measured[bench.figures[0]]; done {
				return // it was quicker than what Go takes for a measurement: once is enough
			}
			r := &report{B: b, measured: measured}
			bench.run(r)
			r.complete(bench.figures)
		})
	}
	if len(measured) > 0 {
		printTable(os.Stdout, limits, measured)
	}
}

// measurement of one figure.
type measurement struct {
	value float64
	// against names what value is held against, and reference is its value: the bound that a limit of Novu's sets, or what
	// the peer needs. Empty: the limit itself.
	against   string
	reference float64
	// skipped says why there is no value.
	skipped string
}

// report collects what one benchmark measures.
type report struct {
	*testing.B
	measured map[figure]measurement
}

// Figure reports a value that is held against its limit.
func (r *report) Figure(f figure, value float64) { r.measured[f] = measurement{value: value} }

// Against reports a value beside a bound or a peer.
func (r *report) Against(f figure, value float64, name string, reference float64) {
	r.measured[f] = measurement{value: value, against: name, reference: reference}
}

// LeaveOut reports why a figure could not be measured.
func (r *report) LeaveOut(f figure, why string) { r.measured[f] = measurement{skipped: why} }

// Progress shows what is going on, for benchmarks that take long.
func (r *report) Progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "  %s: %s\n", r.Name(), fmt.Sprintf(format, args...))
}

func (r *report) complete(figures []figure) {
	for _, f := range figures {
		if _, ok := r.measured[f]; !ok && !r.Failed() {
			r.Errorf("it does not report %s", f)
		}
	}
}

// Must ends the benchmark if there is an error.
func (r *report) Must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// row of the table.
type row struct{ what, value, limit, against, ratio, usual, verdict string }

func rowOf(l limit, m measurement) row {
	what := fmt.Sprintf("%s [%s]", l.What, l.Unit)
	if m.skipped != "" {
		return row{what: what, verdict: "skipped: " + m.skipped}
	}
	out := row{what: what, value: number(m.value), limit: number(l.most(m)), against: "limit", ratio: "–", usual: number(l.Mean), verdict: "ok"}
	if m.against != "" {
		out.against = m.against + " " + number(m.reference)
	}
	if l.Goal != nil && l.Goal.Ratio != nil {
		out.usual = "×" + out.usual
	}
	if ratio, defined := l.ratio(m); defined {
		out.ratio = fmt.Sprintf("%.2f", ratio)
	}
	if l.over(m) {
		out.verdict = "OVER"
	}
	return out
}

// number shows as many digits as matter.
func number(v float64) string {
	switch a := math.Abs(v); {
	case v == math.Trunc(v) || a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func printTable(w io.Writer, limits map[figure]limit, measured map[figure]measurement) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nFIGURE\tVALUE\tLIMIT\tAGAINST\tRATIO\tUSUALLY\t")
	over := 0
	for _, b := range benchmarks {
		for _, f := range b.figures {
			m, ok := measured[f]
			if !ok {
				continue
			}
			r := rowOf(limits[f], m)
			if r.verdict == "OVER" {
				over++
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.what, r.value, r.limit, r.against, r.ratio, r.usual, r.verdict)
		}
	}
	fmt.Fprintf(table, "\nbench: %d figures, %d over their limit\n", len(measured), over)
	_ = table.Flush()
}

// percentile by the nearest rank.
func percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}
