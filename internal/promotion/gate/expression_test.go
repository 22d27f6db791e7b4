// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"
	"strings"
	"testing"
	"time"

	"k8s.io/utils/lru"
)

func TestCompileRefuses(t *testing.T) {
	tests := []struct{ name, expression, want string }{
		{"syntax", "objects.(", "Syntax error"},
		{"a variable that does not exist", "workflows.size() > 0", "undeclared reference to 'workflows'"},
		{"a function that does not exist", "objects.api.spec.replicas.hash() == 1", "undeclared reference to 'hash'"},
		{"a number", "1 + 1", "it is a int and not true or false"},
		{"a text", "'yes'", "it is a string and not true or false"},
		{"a list", "[true]", "it is a list(bool) and not true or false"},
		{"a text that is no time", "timestamp('yesterday') < timestamp('2026-11-19T12:00:00Z')", "invalid timestamp argument"},
		{"a pattern that is none", "'a'.matches('[')", "invalid matches argument"},
		{"format", "'%s'.format([objects.text]) == 'a'", "the function format is not offered here"},
		{"join", "['a', 'b'].join('') == 'ab'", "the function join is not offered here"},
		{"replace", "promotion.metadata.name.replace('a', 'bb') == 'bb'", "the function replace is not offered here"},
		{"a list of any length", "lists.range(1000000000).size() > 0", "undeclared reference"},
		{"too deep", strings.Repeat("(", 2000) + "true" + strings.Repeat(")", 2000), "recursion limit"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for range 2 { // the second answer is remembered
				if _, err := compile(test.expression); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want something with %q", err, test.want)
				}
			}
		})
	}
}

func TestEvaluate(t *testing.T) {
	variables := map[string]any{
		"objects": map[string]any{"api": map[string]any{
			"metadata": map[string]any{"generation": int64(4), "creationTimestamp": "2026-11-19T12:00:00Z"},
			"spec":     map[string]any{"replicas": int64(3), "weight": 0.5, "image": "registry.example.com/orders-api:1.10.2"},
			"data":     map[string]any{"memory": "1Gi", "url": "https://example.com:8080/a"},
			"list":     []any{int64(1), int64(2)},
		}},
		"promotion":   map[string]any{"metadata": map[string]any{"name": "release-7"}},
		"environment": map[string]any{"metadata": map[string]any{"name": "production"}},
	}
	tests := []struct {
		expression string
		want       bool
		err        string
	}{
		{expression: "true", want: true},
		{expression: "has(objects.api)", want: true},
		{expression: "sets.contains(objects.api.list, [1])", want: true},
		{expression: "ip('10.0.0.1').family() == 4 && cidr('10.0.0.0/8').containsIP('10.0.0.1')", want: true},
		{expression: "objects.api.list.transformList(i, v, i + v) == [1, 3]", want: true},
		{expression: "has(objects.web)"},
		{expression: "has(objects.api.status.ready)", err: "no such key: status"},
		{expression: "objects.?api.?status.?ready.orValue(0) == 0", want: true},
		{expression: "objects.api.spec.replicas == 3 && objects.api.spec.replicas >= 2.5 && objects.api.spec.weight < 1", want: true},
		{expression: "objects.web.spec.replicas == 3", err: "no such key: web"},
		{expression: "objects.api.spec.replicas", err: "it is a int and not true or false"},
		{expression: "objects.api", err: "and not true or false"},
		{expression: "promotion.metadata.name.startsWith('release-') && environment.metadata.name == 'production'", want: true},
		{expression: "timestamp(objects.api.metadata.creationTimestamp) < timestamp('2027-01-01T00:00:00Z')", want: true},
		// The functions that Kubernetes has in its own expressions.
		{expression: "semver(objects.api.spec.image.substring(objects.api.spec.image.lastIndexOf(':') + 1)).isGreaterThan(semver('1.9.3'))", want: true},
		{expression: "semver('v1.10', true).compareTo(semver('1.10.0')) == 0", want: true},
		{expression: "semver(objects.api.spec.image)", err: "it is a kubernetes.Semver and not true or false"},
		{expression: "quantity(objects.api.data.memory).isGreaterThan(quantity('900Mi'))", want: true},
		{expression: "url(objects.api.data.url).getPort() == '8080'", want: true},
		{expression: "objects.api.spec.image.find('[0-9]+[.][0-9]+') == '1.10'", want: true},
		{expression: "2 in objects.api.list && objects.api.list.sum() == 3", want: true},
		{expression: "'a,b'.split(',').size() == 2 && 'A'.lowerAscii() == 'a'", want: true},
	}
	for _, test := range tests {
		t.Run(test.expression, func(t *testing.T) {
			program, err := compile(test.expression)
			got := false
			if err == nil {
				got, err = evaluate(t.Context(), program, variables)
			}
			if got != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %t and %v, want %t and %q", got, err, test.want, test.err)
			}
		})
	}
}

// costly goes through the numbers in a list as often as there are numbers, again and again.
const costly = "objects.list.all(a, objects.list.all(b, objects.list.all(c, objects.list.all(d, a + b + c + d > 0))))"

func TestExpressionsCannotRunFree(t *testing.T) {
	var list []any
	for n := range 1000 {
		list = append(list, int64(n+1))
	}
	text := strings.Repeat("a", 100_000)
	variables := map[string]any{"objects": map[string]any{"list": list, "text": text}, "promotion": nil, "environment": nil}
	for _, expression := range []string{
		costly,
		"objects.list.exists(a, objects.list.exists(b, objects.list.exists(c, objects.text.matches('(a*)*b'))))",
		"objects.list.all(a, objects.list.all(b, (objects.text + objects.text).size() > 0))",
		"objects.list.map(a, objects.list.map(b, objects.list.map(c, objects.list))).size() == 0",
		"[dyn('a')]" + strings.Repeat(".map(a, a + a)", 60) + ".size() == 1",
		"['a']" + strings.Repeat(".map(a, a + a)", 60) + ".size() == 1",
		"[dyn([1])]" + strings.Repeat(".map(a, a + a)", 60) + ".size() == 1",
		"[[1]]" + strings.Repeat(".map(a, a + a)", 60) + ".size() == 1",
		"[dyn('a')]" + strings.Repeat(".transformList(i, a, a + a)", 60) + ".size() == 1",
		"objects.list.transformMap(i, a, objects.list.transformMap(j, b, objects.list.transformMap(k, c, objects.list))).size() == 0",
		"[dyn(b'a')]" + strings.Repeat(".map(a, a + a)", 60) + ".size() == 1",
	} {
		program, err := compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		if holds, err := evaluate(t.Context(), program, variables); err == nil || holds || !strings.Contains(err.Error(), "cost limit exceeded") {
			t.Errorf("%s: got %t and %v, want it to be stopped", expression, holds, err)
		}
	}
}

func TestCompiledExpressionsAreKept(t *testing.T) {
	known := programs
	t.Cleanup(func() { programs = known })
	programs = lru.New(2)
	for _, expression := range []string{"1 == 1", "2 == 2", "1 == 1", "3 == 3", "("} {
		_, _ = compile(expression)
	}
	if programs.Len() != 2 {
		t.Errorf("%d expressions are kept, want 2", programs.Len())
	}
	first, _ := compile("3 == 3")
	if again, _ := compile("3 == 3"); first == nil || first != again {
		t.Error("an expression is compiled twice")
	}
	_, err := compile("(")
	if _, again := compile("("); err == nil || !errors.Is(again, err) {
		t.Error("a fault is looked for twice")
	}
}

// FuzzExpression looks for expressions that make the operator fall over, or that take longer than their limit lets them.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		"has(objects.api) && objects.api.status.readyReplicas >= 2", costly, "objects.api.?spec.orValue({}).all(k, k != '')",
		"semver('1.2.3').isLessThan(semver(objects.text))", "'%s %d'.format([objects.text, 1]) == ''", "objects.list[9223372036854775807]",
		"-9223372036854775808 / -1 == 0", "quantity(objects.text).asInteger() == 1", "objects.text.replace('a', 'bb', -1).find('b+') == ''", "objects.text.split('').map(a, a + a).size() == 0",
	} {
		f.Add(seed)
	}
	variables := map[string]any{
		"objects":   map[string]any{"list": []any{int64(1), "b", nil, map[string]any{}}, "text": "1.2.3", "api": map[string]any{"spec": map[string]any{"replicas": int64(2)}}},
		"promotion": map[string]any{}, "environment": map[string]any{},
	}
	f.Fuzz(func(t *testing.T, expression string) {
		if len(expression) > 4096 {
			return // the API server takes no more
		}
		program, err := newProgram(expression)
		if err != nil {
			return
		}
		start := time.Now()
		holds, err := evaluate(t.Context(), program, variables)
		if took := time.Since(start); took > 10*maxRun {
			t.Errorf("it takes %s", took)
		}
		if holds && err != nil {
			t.Errorf("it is true and fails with %v", err)
		}
	})
}
