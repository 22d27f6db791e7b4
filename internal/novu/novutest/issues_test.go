package novutest

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"
	"time"
)

// The cases in testdata/issues.jsonl and testdata/requests.jsonl hold what Novu 3.15's own checks say to each input.

// readCases decodes a file of one JSON value per line.
func readCases[T any](t *testing.T, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatalf("%s: %v: %s", file, err, lines.Bytes())
		}
		out = append(out, one)
	}
	if err := lines.Err(); err != nil || len(out) == 0 {
		t.Fatalf("%s: %d cases, %v", file, len(out), err)
	}
	return out
}

type issueCase struct {
	Name, Type, Origin string

	Values        json.RawMessage
	PayloadSchema json.RawMessage
	Issues        any
	Status        int // of the whole request, where the values make it fail
}

// knownToAll are the steps before the one that is checked.
var knownToAll = []knownStep{{"d", "digest", nil}, {"i", "in_app", nil}, {"w", "delay", nil}, {"h", "http_request", nil}}

func (c *issueCase) question(t *testing.T) issueQuestion {
	t.Helper()
	values, err := parseJSON(c.Values)
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if len(c.PayloadSchema) > 0 {
		if schema, err = parseJSON(c.PayloadSchema); err != nil {
			t.Fatal(err)
		}
	}
	o, _ := values.(object)
	return issueQuestion{kind: c.Type, schemaKind: c.Type, origin: orDefault(c.Origin, originCloud), values: o,
		variables: stepVariables(schema, knownToAll), now: func() cronClock { return time.Now().UTC() }}
}

func TestIssues(t *testing.T) {
	for _, c := range readCases[issueCase](t, "testdata/issues.jsonl") {
		t.Run(c.Name, func(t *testing.T) {
			got, err := stepIssues(c.question(t))
			if err != nil || c.Status != 0 {
				var failure *apiError
				if !errors.As(err, &failure) || failure.status != c.Status {
					t.Fatalf("error %v, want status %d", err, c.Status)
				}
				return
			}
			if !reflect.DeepEqual(plain(got), c.Issues) {
				t.Errorf("%s\n got %s\nwant %s", c.Values, mustJSON(got), mustJSON(c.Issues))
			}
		})
	}
}

// TestPaidTier: what is too long for the free tier is not for the paid one, up to half a year.
func TestPaidTier(t *testing.T) {
	tests := []struct {
		name, kind string
		values     object
		free, paid bool // has issues
	}{
		{"a day", "delay", object{"type": "regular", "amount": 1.0, "unit": "days"}, false, false},
		{"two days", "delay", object{"type": "regular", "amount": 2.0, "unit": "days"}, true, false},
		{"seven months", "delay", object{"type": "regular", "amount": 7.0, "unit": "months"}, true, true},
		{"digest of a week", "digest", object{"amount": 1.0, "unit": "weeks"}, true, false},
		{"digest on the first", "digest", object{"cron": "0 0 1 * *"}, true, false},
		{"digest at New Year", "digest", object{"cron": "0 0 1 1 *"}, true, true},
		{"throttle of two hours", "throttle", object{"amount": 2.0, "unit": "hours"}, false, false}, // below a day nobody looks
		{"throttle of a day", "throttle", object{"amount": 1.0, "unit": "days"}, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, paid := range []bool{false, true} {
				q := issueQuestion{kind: tt.kind, schemaKind: tt.kind, origin: originCloud, values: tt.values, paid: paid,
					variables: stepVariables(nil, nil), now: func() cronClock { return time.Now().UTC() }}
				got, err := tierIssues(q, tt.values)
				want := (tt.free && !paid) || (tt.paid && paid)
				if err != nil || (len(got) > 0) != want {
					t.Errorf("paid %v: %v, %v, want issues %v", paid, got, err, want)
				}
			}
		})
	}
}
