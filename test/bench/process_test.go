// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"novu-operator.dev/test/harness"
)

// process is the operator as it is installed: a program of its own, of which nothing is seen but its metrics and what the
// system says of it.
type process struct {
	r       *report
	command *exec.Cmd
	metrics string // URL
	done    chan error
}

// buildOperator compiles the program.
func buildOperator(r *report) (path string) {
	path = filepath.Join(r.TempDir(), "manager")
	build := exec.CommandContext(r.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	build.Dir = harness.Root(r)
	if out, err := build.CombinedOutput(); err != nil {
		r.Fatalf("build the operator: %v\n%s", err, out)
	}
	return path
}

// startOperator starts the program and waits until it serves.
func startOperator(r *report, path, kubeconfig string) *process {
	address := harness.FreeAddress(r)
	p := &process{r: r, metrics: "http://" + address + "/metrics", done: make(chan error, 1)}
	p.command = exec.CommandContext(r.Context(), path, "-metrics-bind-address", address, "-health-probe-bind-address", "0")
	p.command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	if os.Getenv("LOG") != "" {
		p.command.Stderr = os.Stderr
	}
	r.Must(p.command.Start())
	go func() { p.done <- p.command.Wait() }()
	r.Cleanup(p.stop)
	p.await("its metrics are served", time.Minute, func() error { _, err := p.scrape(); return err })
	return p
}

// stop ends the program as Kubernetes does. It may be called more than once.
func (p *process) stop() {
	if p.command.ProcessState != nil || p.done == nil {
		return
	}
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.done:
		if err != nil {
			p.r.Errorf("the operator ended with %v", err)
		}
	case <-time.After(time.Minute):
		_ = p.command.Process.Kill()
		p.r.Error("the operator does not end")
	}
	p.done = nil
}

// scrapeInterval is long enough for the metrics to cost the program next to nothing.
const scrapeInterval = 500 * time.Millisecond

// await waits until check finds all well; it fails at once if the program ends.
func (p *process) await(what string, patience time.Duration, check func() error) {
	p.r.Helper()
	for deadline := time.Now().Add(patience); ; {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			p.r.Fatalf("%s: %v", what, err)
		}
		select {
		case ended := <-p.done:
			p.done = nil
			p.r.Fatalf("the operator ended (%v) while it was waited for that %s; LOG=1 shows why", ended, what)
		case <-time.After(scrapeInterval):
		}
	}
}

// sample are the program's metrics at one moment.
type sample map[string]*dto.MetricFamily

func (p *process) scrape() (sample, error) {
	ctx, cancel := context.WithTimeout(p.r.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.metrics, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(response.Body)
}

// mustScrape ends the benchmark if the program does not answer.
func (p *process) mustScrape() sample {
	p.r.Helper()
	s, err := p.scrape()
	p.r.Must(err)
	return s
}

// sum of a counter or gauge over all series with one of the label's values; all series without a label.
func (s sample) sum(name, label string, values ...string) (sum float64) {
	family := s[name]
	for _, m := range family.GetMetric() {
		if label == "" || hasLabel(m, label, values) {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sum
}

func hasLabel(m *dto.Metric, label string, values []string) bool {
	for _, pair := range m.GetLabel() {
		for _, value := range values {
			if pair.GetName() == label && pair.GetValue() == value {
				return true
			}
		}
	}
	return false
}

// kubeWrites are all requests to the API server that are no reads.
func (s sample) kubeWrites() float64 {
	return s.sum("rest_client_requests_total", "method", "POST", "PUT", "PATCH", "DELETE")
}

// cpu is the processor time of the program.
func (s sample) cpu() time.Duration {
	return time.Duration(s.sum("process_cpu_seconds_total", "") * float64(time.Second))
}

// busy says what of the program is still going on.
func (s sample) busy() float64 {
	return s.sum("workqueue_depth", "") + s.sum("controller_runtime_active_workers", "")
}

// settle waits until the program has nothing to do and has done nothing for a while. It returns since when.
func (p *process) settle() (since time.Time) {
	p.r.Helper()
	last := -1.0
	p.await("the operator comes to rest", 10*time.Minute, func() error {
		s, err := p.scrape()
		if err != nil {
			return err
		}
		done := s.sum("controller_runtime_reconcile_total", "")
		if done != last || s.busy() > 0 {
			last, since = done, time.Now()
		}
		if quiet := time.Since(since); quiet < 2*calm {
			return fmt.Errorf("it was busy %s ago", quiet)
		}
		return nil
	})
	return since
}

// memory is the resident memory of the program in MiB, now and at most so far.
func (p *process) memory() (now, peak float64) {
	p.r.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	p.r.Must(err)
	values := readStatus(string(raw))
	return values["VmRSS"] / 1024, values["VmHWM"] / 1024
}

// readStatus reads the sizes of /proc/PID/status, in KiB.
func readStatus(text string) map[string]float64 {
	values := map[string]float64{}
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(line, ":")
		number, unit, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if value, err := strconv.ParseFloat(number, 64); err == nil && unit == "kB" {
			values[name] = value
		}
	}
	return values
}

func TestReadStatus(t *testing.T) {
	values := readStatus("Name:\tmanager\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\nThreads:\t12\n")
	if len(values) != 2 || values["VmRSS"] != 102400 || values["VmHWM"] != 204800 {
		t.Errorf("read %v", values)
	}
}

func TestSampleSums(t *testing.T) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(`# TYPE rest_client_requests_total counter
rest_client_requests_total{code="200",method="GET"} 100
rest_client_requests_total{code="200",method="PATCH"} 7
rest_client_requests_total{code="201",method="POST"} 3
# TYPE workqueue_depth gauge
workqueue_depth{name="workflow"} 2
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 1.5
`))
	if err != nil {
		t.Fatal(err)
	}
	s := sample(families)
	if s.kubeWrites() != 10 || s.busy() != 2 || s.cpu() != 1500*time.Millisecond || s.sum("absent", "") != 0 {
		t.Errorf("%v writes, %v busy, %v of CPU", s.kubeWrites(), s.busy(), s.cpu())
	}
}
