package gate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"
	"github.com/google/cel-go/interpreter"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/library"
	"k8s.io/utils/lru"
)

const (
	// maxPrograms is how many compiled expressions are kept. A target has at most 16.
	maxPrograms = 256
	// maxRun is a belt beside the cost limit: no expression that keeps to that takes nearly as long.
	maxRun = 5 * time.Second
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

// environment declares what expressions see: the functions that Kubernetes itself offers in its own expressions.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("objects", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("promotion", cel.DynType),
		cel.Variable("environment", cel.DynType),
		cel.HomogeneousAggregateLiterals(),
		cel.EagerlyValidateDeclarations(true),
		cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true),
		cel.OptionalTypes(),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals()),
		cel.CostEstimatorOptions(checker.PresenceTestHasCost(false)),
		ext.Strings(ext.StringsVersion(2)),
		ext.Sets(),
		library.URLs(),
		library.Regex(),
		library.Lists(),
		library.Quantity(),
		library.Format(),
		library.SemverLib(library.SemverVersion(1)),
	)
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
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	if out := ast.OutputType(); !out.IsExactType(types.BoolType) && !out.IsExactType(types.DynType) {
		return nil, fmt.Errorf("it is a %s and not true or false", out)
	}
	return env.Program(ast,
		cel.EvalOptions(cel.OptOptimize, cel.OptTrackCost),
		cel.CostLimit(celconfig.PerCallLimit),
		cel.CostTracking(&library.CostEstimator{}),
		cel.CostTrackerOptions(interpreter.PresenceTestHasCost(false)),
		cel.InterruptCheckFrequency(interruptEvery),
	)
}

// evaluate asks whether the program is true of the variables.
func evaluate(program cel.Program, variables map[string]any) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), maxRun)
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
