// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// echo answers, or fails, with the secret wherever a server could put it.
func echo(mode, status int, secret, around string) answerFunc {
	quoted, _ := json.Marshal(around + secret + around)
	body := []string{
		fmt.Sprintf(`{"message":%s,"errorId":%s,"errors":{%s:{"messages":[%s]}}}`, quoted, quoted, quoted, quoted),
		fmt.Sprintf(`{"message":["x",%s],"ctx":{"errors":[{"path":[%s],"message":%s}]}}`, quoted, quoted, quoted),
		around + secret + around,
		"Basic " + base64.StdEncoding.EncodeToString([]byte(secret)),
		fmt.Sprintf(`{"data":{"_id":%s,"workflowId":{%s:1}}}`, quoted, quoted),
		fmt.Sprintf(`{"data":{"_id":"1","apiKeys":[%s`, quoted[:len(quoted)-2]),
		secret[:len(secret)/2],
		strings.Repeat(around, 40) + secret,
	}
	headers := []string{
		"X-Request-Id: " + secret, "Content-Type: text/" + url.QueryEscape(secret), "Location: https://" + url.PathEscape(secret) + "/" + url.PathEscape(secret),
		"Retry-After: " + secret, "RateLimit-Policy: " + secret,
	}
	return func(r *http.Request) (*http.Response, error) {
		if mode %= len(body) + 1; mode < len(body) {
			return response(status, strings.NewReader(body[mode]), headers...)(r)
		}
		return nil, &url.Error{Op: "Put", URL: secret, Err: fmt.Errorf("proxy said %q %s", secret, secret)}
	}
}

// No error that a caller can print shows the key or a credential, whatever a
// server, a proxy or the network puts into the answer.
func FuzzErrorsNeverLeak(f *testing.F) {
	for mode := range 9 {
		for _, status := range []int{200, 302, 401, 404, 422, 429, 500} {
			f.Add(mode, status, "a", "between")
		}
	}
	f.Add(0, 422, "<&>\"\\", "\n\x00")
	f.Fuzz(func(t *testing.T, mode, status int, tail, around string) {
		if mode < 0 || status < 100 || status > 599 || strings.ContainsFunc(tail, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Skip()
		}
		// Unlike anything in this package's own texts.
		key, credential := "zq7Key~"+tail, "zq7Cred~"+tail
		for _, secret := range []string{key, credential} {
			c, err := New(Config{SecretKey: key, Transport: newScripted(t, echo(mode, status, secret, around))})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.CreateIntegration(t.Context(), &IntegrationRequest{Identifier: "i", Credentials: map[string]any{"password": credential, "n": map[string]any{"v": []any{credential}}}})
			for e := err; e != nil; e = errors.Unwrap(e) {
				if text := fmt.Sprintf("%v %+v %#v", e, e, e.Error()); strings.Contains(text, "zq7Key~") || strings.Contains(text, "zq7Cred~") {
					t.Fatalf("leaked: %s", text)
				}
			}
		}
	})
}
