// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package apivalidation

import (
	"testing"

	"novu-operator.dev/api/v1alpha1"
)

// Delay and digest measure time in the same way.
func TestAmountRules(t *testing.T) {
	t.Parallel()
	for stepType, limit := range map[v1alpha1.StepType]string{
		v1alpha1.StepTypeDelay:  "Novu waits at most 180 days: use a smaller amount",
		v1alpha1.StepTypeDigest: "Novu digests at most 180 days: use a smaller amount",
	} {
		at := "spec.steps[0]." + blockName(stepType)
		checkRules(t, []rule{{
			name: string(stepType) + " limit", manifest: stepManifest(stepType), at: at,
			refused: []string{
				"{amount: 181, unit: Days}", "{amount: 15552000, unit: Minutes}", "{amount: 259201, unit: Minutes}",
				"{amount: 4321, unit: Hours}", "{amount: 26, unit: Weeks}", "{amount: 7, unit: Months}", "{amount: 15552000, unit: Months}",
			},
			accepted: []string{
				"{amount: 180, unit: Days}", "{amount: 15552000, unit: Seconds}", "{amount: 259200, unit: Minutes}",
				"{amount: 4320, unit: Hours}", "{amount: 25, unit: Weeks}", "{amount: 6, unit: Months}", "{amount: 1, unit: Seconds}",
			},
			want: limit,
		}, {
			name: string(stepType) + " amount too small", manifest: stepManifest(stepType), at: at,
			refused:  []string{"{amount: 0, unit: Days}", "{amount: -1, unit: Days}"},
			accepted: []string{"{amount: 1, unit: Days}"},
			want:     ".amount in body should be greater than or equal to 1",
		}, {
			name: string(stepType) + " amount too large", manifest: stepManifest(stepType), at: at,
			refused:  []string{"{amount: 15552001, unit: Seconds}", "{amount: 15552001, unit: Months}"},
			accepted: []string{"{amount: 15552000, unit: Seconds}"},
			want:     limit,
		}, {
			name: string(stepType) + " amount is a whole number", manifest: stepManifest(stepType), at: at,
			refused:  []string{`{amount: "1", unit: Days}`, "{amount: 1.5, unit: Days}", "{amount: 1.0e+30, unit: Days}"},
			accepted: []string{"{amount: 1, unit: Days}", "{amount: 1.0, unit: Days}"},
			want:     ".amount in body must be of type int",
		}, {
			name: string(stepType) + " unit", manifest: stepManifest(stepType), at: at,
			refused:  []string{"{amount: 1, unit: day}", "{amount: 1, unit: Fortnights}", "{amount: 1, unit: days}"},
			accepted: []string{"{amount: 1, unit: Days}"},
			want:     `supported values: "Seconds", "Minutes", "Hours", "Days", "Weeks", "Months"`,
		}, {
			name: string(stepType) + " amount without unit", manifest: stepManifest(stepType), at: at,
			refused:  []string{"{amount: 1}", "{unit: Days}"},
			accepted: []string{"{amount: 1, unit: Days}"},
			want:     "amount and unit belong together",
		}, {
			name: string(stepType) + " cron", manifest: stepManifest(stepType), at: at,
			refused:  []string{"{cron: every morning}", `{cron: "* * * *"}`, `{cron: "0 9 * * 1-5 2026 1"}`, "{cron: 9am}", `{cron: "0 9 * * $"}`},
			accepted: []string{`{cron: "0 9 * * 1-5"}`, `{cron: "* * * * *"}`, `{cron: "*/5 0 9 * * MON,WED"}`, `{cron: "@daily"}`, `{cron: "{{payload.cron}}"}`, `{cron: "0 8 L * 5#1"}`},
			want:     "cron needs five fields: minute, hour, day of month, month, day of week; for example '0 9 * * 1-5'",
		}})
	}
}

func TestDelayRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "exactly one way to wait", manifest: stepManifest("Delay"), at: "spec.steps[0].delay",
		refused: []string{
			"{}", "{extendToSchedule: true}", `{amount: 1, unit: Hours, cron: "0 9 * * *"}`, "{amount: 1, unit: Hours, dynamicKey: payload.at}",
			`{cron: "0 9 * * *", dynamicKey: payload.at}`,
		},
		accepted: []string{"{amount: 1, unit: Hours}", `{cron: "0 9 * * *"}`, "{dynamicKey: payload.at, extendToSchedule: true}"},
		want:     "a delay needs exactly one of amount with unit, cron, or dynamicKey",
	}})
}

func TestDigestRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "exactly one way to collect", manifest: stepManifest("Digest"), at: "spec.steps[0].digest",
		refused:  []string{"{}", "{digestKey: payload.id}", `{amount: 1, unit: Hours, cron: "0 9 * * *"}`},
		accepted: []string{"{amount: 1, unit: Hours, digestKey: payload.id}", `{cron: "0 9 * * *", digestKey: payload.id}`},
		want:     "a digest needs either amount with unit, or cron",
	}, {
		name: "look back with cron", manifest: stepManifest("Digest"), at: "spec.steps[0].digest",
		refused:  []string{`{cron: "0 9 * * *", lookBackWindow: {amount: 1, unit: Hours}}`},
		accepted: []string{"{amount: 1, unit: Hours, lookBackWindow: {amount: 1, unit: Hours}}"},
		want:     "lookBackWindow goes with amount and unit, not with cron",
	}, {
		name: "look back unit", manifest: stepManifest("Digest"), at: "spec.steps[0].digest",
		refused:  []string{"{amount: 1, unit: Hours, lookBackWindow: {amount: 1}}"},
		accepted: []string{"{amount: 1, unit: Hours, lookBackWindow: {amount: 1, unit: Hours}}"},
		want:     "lookBackWindow.unit: Required value",
	}, {
		name: "look back amount", manifest: stepManifest("Digest"), at: "spec.steps[0].digest",
		refused:  []string{"{amount: 1, unit: Hours, lookBackWindow: {amount: 0, unit: Hours}}"},
		accepted: []string{"{amount: 1, unit: Hours, lookBackWindow: {amount: 1, unit: Hours}}"},
		want:     "lookBackWindow.amount in body should be greater than or equal to 1",
	}})
}

func TestThrottleRules(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "units", manifest: stepManifest("Throttle"), at: "spec.steps[0].throttle",
		refused:  []string{"{amount: 1, unit: Seconds}", "{amount: 1, unit: Weeks}", "{amount: 1, unit: Months}"},
		accepted: []string{"{amount: 1, unit: Minutes}", "{amount: 1, unit: Hours}", "{amount: 1, unit: Days}"},
		want:     `supported values: "Minutes", "Hours", "Days"`,
	}, {
		name: "exactly one window", manifest: stepManifest("Throttle"), at: "spec.steps[0].throttle",
		refused:  []string{"{}", "{threshold: 2}", "{amount: 1, unit: Hours, dynamicKey: payload.window}"},
		accepted: []string{"{amount: 1, unit: Hours, threshold: 2, throttleKey: payload.id}", "{dynamicKey: payload.window}"},
		want:     "a throttle needs either amount with unit, or dynamicKey",
	}, {
		name: "amount without unit", manifest: stepManifest("Throttle"), at: "spec.steps[0].throttle",
		refused: []string{"{amount: 1}", "{unit: Hours}"}, accepted: []string{"{amount: 1, unit: Hours}"},
		want: "amount and unit belong together, for example amount: 1 and unit: Hours",
	}, {
		name: "amount", manifest: stepManifest("Throttle"), at: "spec.steps[0].throttle",
		refused: []string{"{amount: 0, unit: Hours}", "{amount: -1, unit: Hours}"}, accepted: []string{"{amount: 1, unit: Hours}"},
		want: "throttle.amount in body should be greater than or equal to 1",
	}, {
		name: "threshold", manifest: stepManifest("Throttle"), at: "spec.steps[0].throttle",
		refused: []string{"{amount: 1, unit: Hours, threshold: 0}"}, accepted: []string{"{amount: 1, unit: Hours, threshold: 1}"},
		want: "throttle.threshold in body should be greater than or equal to 1",
	}})
}

func TestHTTPRequestRules(t *testing.T) {
	t.Parallel()
	const at = "spec.steps[0].httpRequest"
	manifest := stepManifest("HTTPRequest")
	checkRules(t, []rule{{
		name: "timeout", manifest: manifest, at: at,
		refused: []string{
			`{method: GET, url: "https://a.test", timeout: 99ms}`, `{method: GET, url: "https://a.test", timeout: 0s}`, `{method: GET, url: "https://a.test", timeout: -1s}`,
			`{method: GET, url: "https://a.test", timeout: 30001ms}`, `{method: GET, url: "https://a.test", timeout: 1m}`, `{method: GET, url: "https://a.test", timeout: soon}`,
		},
		accepted: []string{`{method: GET, url: "https://a.test", timeout: 100ms}`, `{method: GET, url: "https://a.test", timeout: 30s}`, `{method: GET, url: "https://a.test", timeout: 1.5s}`},
		want:     "timeout must be between 100ms and 30s, for example 5s",
	}, {
		name: "url", manifest: manifest, at: at,
		refused:  []string{"{method: GET, url: a.test}", `{method: GET, url: "ftp://a.test"}`, `{method: GET, url: "https://"}`, `{method: GET, url: "https:///a"}`, "{method: GET, url: /a}"},
		accepted: []string{`{method: GET, url: "https://a.test/{{payload.id}}"}`, `{method: GET, url: "{{payload.url}}"}`, `{method: GET, url: "http://{{payload.host}}/a"}`},
		want:     "url must be absolute, beginning with https:// or http://, or begin with a variable such as {{payload.url}}",
	}, {
		name: "length of the url", manifest: manifest, at: at,
		refused:  []string{`{method: GET, url: "https://a.test/` + long(2048-14) + `"}`},
		accepted: []string{`{method: GET, url: "https://a.test/` + long(2048-15) + `"}`},
		want:     "url: Too long: may not be more than 2048 bytes",
	}, {
		name: "method", manifest: manifest, at: at,
		refused:  []string{`{method: get, url: "https://a.test"}`, `{method: TRACE, url: "https://a.test"}`},
		accepted: []string{`{method: GET, url: "https://a.test"}`, `{method: OPTIONS, url: "https://a.test"}`},
		want:     `supported values: "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"`,
	}, {
		name: "headers", manifest: manifest, at: at,
		refused:  []string{`{method: GET, url: "https://a.test", headers: ` + list(51, "{key: h%d, value: a}") + `}`},
		accepted: []string{`{method: GET, url: "https://a.test", headers: ` + list(50, "{key: h%d, value: a}") + `}`},
		want:     "headers: Too many: 51: must have at most 50 items",
	}, {
		name: "body", manifest: manifest, at: at,
		refused:  []string{`{method: GET, url: "https://a.test", body: ` + list(101, "{key: h%d, value: a}") + `}`},
		accepted: []string{`{method: GET, url: "https://a.test", body: ` + list(100, "{key: h%d, value: a}") + `}`},
		want:     "body: Too many: 101: must have at most 100 items",
	}, {
		name: "empty value", manifest: manifest, at: at,
		refused:  []string{`{method: GET, url: "https://a.test", body: [{key: a, value: ""}]}`},
		accepted: []string{`{method: GET, url: "https://a.test", body: [{key: a, value: b}]}`},
		want:     "body[0].value in body should be at least 1 chars long",
	}})
}
