// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
	"k8s.io/apimachinery/pkg/util/version"
	celenv "k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
	"k8s.io/utils/lru"
)

const (
	// maxPrograms is how many compiled expressions are kept. A target has at most 16.
	maxPrograms = 256
	// maxCost is a tenth of what Kubernetes lets a rule of its own cost. It stands for about 10 ms, and bounds what an
	// expression can put together in memory to some megabytes.
	maxCost = 100_000
	// maxRun is a belt beside the cost limit: no expression that keeps to that takes nearly as long.
	maxRun = 2 * time.Second
	// interruptEvery is how many turns of a loop are made between two looks at the clock.
	interruptEvery = 100
)

// compiled is what became of an expression.
type compiled struct {
	program cel.Program
	err     error
}

// programs holds what was compiled, errors included, by expression.
var programs = lru.New(maxPrograms)

// multiplying are functions whose result may be as large as the product of their arguments, which nothing can stop once
// they are called. A user who may write an Environment must not be able to have the operator run out of memory.
var multiplying = map[string]bool{"format": true, "join": true, "replace": true}

// functions is the Kubernetes whose functions expressions have (docs/adr/0011). The next one has lists.range, which makes a list
// of any length in one call, before its cost counts.
var functions = version.MajorMinor(1, 33)

// environment declares what expressions see: functions that Kubernetes offers in expressions of its own.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	set, err := celenv.MustBaseEnvSet(functions).Extend(celenv.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions: []cel.EnvOption{
			cel.Variable("objects", cel.MapType(cel.StringType, cel.DynType)),
			cel.Variable("promotion", cel.DynType),
			cel.Variable("environment", cel.DynType),
		},
	})
	if err != nil {
		return nil, err
	}
	return set.NewExpressionsEnv(), nil
})

// compile reads an expression, once.
func compile(expression string) (cel.Program, error) {
	if known, ok := programs.Get(expression); ok {
		have := known.(compiled)
		return have.program, have.err
	}
	program, err := newProgram(expression)
	programs.Add(expression, compiled{program, err})
	return program, err
}

func newProgram(expression string) (cel.Program, error) {
	env, err := environment()
	if err != nil {
		return nil, err
	}
	checked, issues := env.Compile(expression)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	if out := checked.OutputType(); !out.IsExactType(types.BoolType) && !out.IsExactType(types.DynType) {
		return nil, fmt.Errorf("it is a %s and not true or false", out)
	}
	if name := uses(checked, multiplying); name != "" {
		return nil, fmt.Errorf("the function %s is not offered here", name)
	}
	return env.Program(checked,
		cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost),
		cel.CostLimit(maxCost),
		cel.CostTracking(&costs{}),
		cel.CostTrackerOptions(interpreter.PresenceTestHasCost(false)),
		cel.InterruptCheckFrequency(interruptEvery),
	)
}

// uses names one of the functions if the expression calls any.
func uses(checked *cel.Ast, functions map[string]bool) (name string) {
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.CallKind && functions[e.AsCall().FunctionName()] {
			name = e.AsCall().FunctionName()
		}
	}))
	return name
}

// costs knows what calls cost.
type costs struct{ library.CostEstimator }

// CallCost counts what an addition puts together. Without it one of values whose type is not known before, which values of
// objects are, would cost as little as that of two numbers.
func (c *costs) CallCost(function, overload string, args []ref.Val, result ref.Val) *uint64 {
	sizer, ok := result.(traits.Sizer)
	if function != operators.Add || !ok {
		return c.CostEstimator.CallCost(function, overload, args, result)
	}
	size, _ := sizer.Size().(types.Int)
	cost := 1 + uint64(max(0, size)) //nolint:gosec // is not negative
	if result.Type() != types.ListType {
		cost = 1 + cost/10 // as the libraries count text
	}
	return &cost
}

// evaluate asks whether the program is true of the variables.
func evaluate(ctx context.Context, program cel.Program, variables map[string]any) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, maxRun)
	defer cancel()
	out, _, err := program.ContextEval(ctx, variables)
	if err != nil {
		return false, err
	}
	value, ok := out.Value().(bool)
	if !ok {
		return false, errors.New("it is a " + out.Type().TypeName() + " and not true or false")
	}
	return value, nil
}
