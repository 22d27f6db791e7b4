// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestRedact(t *testing.T) {
	const secret = `p"a<s>s/w+o r=d&é`
	quoted := must(json.Marshal(secret))(t)
	for _, tc := range []struct{ name, text, want string }{
		{"plain", "key " + secret + " was refused", "key *** was refused"},
		{"twice", secret + secret, "***"},
		{"JSON", "body " + string(quoted), `body "***"`},
		{"Go syntax", fmt.Sprintf("header %q", secret), `header "***"`},
		{"query", "?key=" + url.QueryEscape(secret) + "&x", "?key=***&x"},
		{"path", "/" + url.PathEscape(secret) + "/x", "/***/x"},
		{"lower-case escapes", strings.ToLower(url.QueryEscape(secret)), "***"},
		{"base64", "Basic " + base64.StdEncoding.EncodeToString([]byte(secret)) + ".", "Basic ***."},
		{"URL base64", base64.URLEncoding.EncodeToString([]byte(secret)), "***"},
		{"cut off", "key " + secret[:7], "key ***"},
		{"nothing", "all is well", "all is well"},
		{"empty", "", ""},
	} {
		if got := NewRedactor(secret).Redact(tc.text); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// Inside a longer encoded text the value's first and last characters depend on its
// neighbours; what lies between must go.
func TestRedactInsideBase64(t *testing.T) {
	const secret = "SG.very-secret-value"
	r := NewRedactor(secret)
	for _, prefix := range []string{"", "a", "ab", "abc", "user:"} {
		for _, suffix := range []string{"", "x", "xy", ":pass"} {
			encoded := base64.StdEncoding.EncodeToString([]byte(prefix + secret + suffix))
			got := r.Redact("Basic " + encoded)
			if !strings.Contains(got, mask) || len(got) > len("Basic ")+len(mask)+len(prefix+suffix)*4/3+8 {
				t.Errorf("%q %q: %s of %s", prefix, suffix, got, encoded)
			}
		}
	}
}

func TestRedactOverlappingValues(t *testing.T) {
	r := NewRedactor("xxabcd", "abcdEFGH", "EFGH-longer-still")
	if got := r.Redact("<xxabcdEFGH-longer-still>"); got != "<***>" {
		t.Errorf("got %q", got)
	}
}

// What a mask leaves behind may be a value again, even one with stars.
func TestRedactUntilNothingIsLeft(t *testing.T) {
	r := NewRedactor("a***", "***b", "secret")
	if got := r.Redact("asecretb"); got != "***" {
		t.Errorf("got %q", got)
	}
}

func TestShortValuesAreNotSecrets(t *testing.T) {
	if got := NewRedactor("a", "no", "25", "").Redact("no answer, port 25"); got != "no answer, port 25" {
		t.Errorf("got %q", got)
	}
}

// A replaced key or credential may still be quoted; what is kept is bounded, and the latest count.
func TestRedactorRemembers(t *testing.T) {
	r := NewRedactor("first-value")
	r.Redact("build the index")
	r.Add("second-value")
	if got := r.Redact("first-value second-value"); got != "*** ***" {
		t.Errorf("got %q", got)
	}
	for i := range 100 {
		r.Add("first-value", strings.Repeat(fmt.Sprintf("%04d", i), maxRemembered/200))
	}
	if got := r.Redact("first-value second-value"); got != "*** second-value" {
		t.Errorf("got %q", got)
	}
	if large := strings.Repeat("large-value-", maxRemembered); NewRedactor(large, "other-value").Redact("other-value"+large[5:20]) != mask {
		t.Error("a value larger than the bound is not hidden")
	}
}

func TestRedactorIsSafeForConcurrentUse(_ *testing.T) {
	r := NewRedactor("first-value")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			r.Add(fmt.Sprintf("value-%d", i))
			r.Redact("first-value")
			r.Redact(strings.Repeat("first-value ", 10))
		})
	}
	all.Wait()
}

func FuzzRedact(f *testing.F) {
	f.Add("secret-value", "other", "before ", " after")
	f.Add("***a", "a***", "a", "***a")
	f.Add("redacted", "[redacted]", "", "")
	f.Add("aaaa", "aaaaa", "aa", "aaa")
	f.Add("p\"\\<&\n", "é\xff\x00", "\x80", "%")
	f.Fuzz(func(t *testing.T, one, two, before, after string) {
		r := NewRedactor(one, two)
		for _, value := range []string{one, two} {
			if len(value) < minSecret {
				continue
			}
			quoted := must(json.Marshal(value))(t)
			for _, form := range []string{value, url.QueryEscape(value), url.PathEscape(value), string(quoted), base64.StdEncoding.EncodeToString([]byte(value))} {
				got := r.Redact(before + form + after)
				for _, secret := range []string{one, two, url.QueryEscape(value), strings.Trim(string(quoted), `"`)} {
					if len(secret) >= minSecret && strings.Contains(got, secret) {
						t.Fatalf("%q is still in %q", secret, got)
					}
				}
			}
		}
	})
}

// encodings are the forms in which a value, or a part of one, may stand in an error.
var encodings = map[string]func(string) string{
	"plain":             func(s string) string { return s },
	"JSON":              func(s string) string { return jsonInner(s, false) },
	"JSON for HTML":     func(s string) string { return jsonInner(s, true) },
	"JSON in JSON":      func(s string) string { return jsonInner(jsonInner(s, true), true) },
	"JSON, all escaped": func(s string) string { return everyByte(s, `\u%04x`) },
	"JSON, upper case":  func(s string) string { return everyByte(s, `\u%04X`) },
	"slashes escaped":   func(s string) string { return strings.ReplaceAll(jsonInner(s, false), "/", `\/`) },
	"Go":                func(s string) string { return strings.Trim(fmt.Sprintf("%q", s), `"`) },
	"Go, ASCII":         func(s string) string { return strings.Trim(fmt.Sprintf("%+q", s), `"`) },
	"query":             url.QueryEscape,
	"path":              url.PathEscape,
	"URL, lower case":   func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
	"URL, all escaped":  func(s string) string { return everyByte(s, "%%%02x") },
	"URL twice":         func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"URL in JSON":       func(s string) string { return jsonInner(url.QueryEscape(s), true) },
	"HTML":              html.EscapeString,
	"base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, raw":       func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"URL base64":        func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"URL base64, raw":   func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 after one":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("u" + s)) },
	"base64 after two":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("u:" + s + "!")) },
	"base64 in lines":   func(s string) string { return lines(base64.StdEncoding.EncodeToString([]byte(s)), 7) },
	"base64 in a URL":   func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s))) },
	"hex":               func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hex, upper case":   func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"lower case":        strings.ToLower,
	"upper case":        strings.ToUpper,
}

func everyByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func lines(s string, width int) string {
	var parts []string
	for chunk := range slices.Chunk([]byte(s), width) {
		parts = append(parts, string(chunk))
	}
	return strings.Join(parts, "\n")
}

// Every prefix, suffix and inner part of eight bytes or more goes, wherever a text shows it, in whatever encoding: of
// the 34 characters of a key, no window of eight may be read off what is left.
func TestRedactParts(t *testing.T) {
	for _, secret := range []string{"sk_live_4f9a1c7be2d84b06a5d39e17c0", `SG.a"b<c>/d\e+f g=h&i%41j;kLMNOP`} {
		r := NewRedactor("another-value-altogether", secret)
		for name, encode := range encodings {
			for from := range len(secret) - window + 1 {
				for to := from + window; to <= len(secret); to++ {
					text := "the provider said: {" + encode(secret[from:to]) + "} is not valid"
					checkHidden(t, name, r.Redact(text), secret[from:to], encode)
				}
			}
		}
	}
}

// checkHidden allows what surrounds the part in the encoding, and the few characters at its edges that depend on
// neighbours.
func checkHidden(t *testing.T, name, got, part string, encode func(string) string) {
	t.Helper()
	rest, ok := strings.CutPrefix(got, "the provider said: {")
	rest, ok2 := strings.CutSuffix(rest, "} is not valid")
	if !ok || !ok2 || !strings.Contains(rest, mask) || len(rest) > len(mask)+8 {
		t.Errorf("%s of %q: %q of %q", name, part, got, encode(part))
	}
}

// Ordinary words stay, also those that a value happens to share a few letters with.
func TestRedactLeavesWords(t *testing.T) {
	r := NewRedactor("smtp.example.test", "product-key-1", "0123456789abcdef0123456789abcdef")
	for _, text := range []string{
		`update integration "smtp-main": Novu answered 422: production is not a valid channel, see example 1`,
		"workflow 65f0c0ffee0000000000dead cannot be found", "50% of %zz & \\q &unknown; \\u12",
	} {
		if got := r.Redact(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestRedactLeavesTheSchemeOfAddresses(t *testing.T) {
	r := NewRedactor("https://hooks.acme.test/services/T0/B0")
	if got, want := r.Redact(`Get "https://novu.example.org/v1": EOF`), `Get "https://novu.example.org/v1": EOF`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := r.Redact(`Post "https://hooks.acme.test/services/T0/B0": EOF`); strings.Contains(got, "services") {
		t.Errorf("the credential is shown: %q", got)
	}
}

// The work on a text grows neither with the number of values nor faster than the text: the views of it are bounded, and
// one look-up at each byte of a view decides.
func TestRedactIsLinear(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("a", 1<<16), strings.Repeat("%25", 1<<14), strings.Repeat(`\\`, 1<<15), strings.Repeat("&amp;", 1<<13),
		strings.Repeat(`%5Cu0025 &#x5c;`, 1<<12),
	} {
		bytes := 0
		all := views(text)
		for _, v := range all {
			bytes += len(v.text)
		}
		if len(all) > maxViews || bytes > maxViews*len(text) {
			t.Errorf("%.20q: %d views, %d bytes", text, len(all), bytes)
		}
	}
}

func BenchmarkRedact(b *testing.B) {
	var values []string
	for i := range 1000 {
		values = append(values, fmt.Sprintf("value-%d-%x", i, sha256.Sum256([]byte{byte(i), byte(i >> 8)})))
	}
	r := NewRedactor(values...)
	text := strings.Repeat(`{"message":"a long \"error\" of %2F"} `, 1<<11)
	r.Redact(text)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r.Redact(text)
	}
}

func FuzzRedactParts(f *testing.F) {
	f.Add("sk_live_4f9a1c7be2d84b06a5d39e17c0", uint16(3), uint16(20), "before ", " after")
	f.Add("p\"a<s>s/w+o r=d&%41;\\u0041", uint16(0), uint16(9), "\\", "%")
	f.Fuzz(func(t *testing.T, secret string, from, size uint16, before, after string) {
		start := int(from) % (len(secret) + 1)
		part := secret[start:min(len(secret), start+int(size))]
		if len(part) < window || strings.Contains(secret, "*") {
			return
		}
		r := NewRedactor(secret)
		for name, encode := range encodings {
			if got := r.Redact(before + encode(part) + after); strings.Contains(got, part) {
				t.Fatalf("%s: %q is still in %q", name, part, got)
			}
		}
	})
}
