package novu

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
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

func TestWithLeavesTheOriginalAlone(t *testing.T) {
	base := NewRedactor("first-value")
	more := base.With("second-value")
	const text = "first-value second-value"
	if got := base.Redact(text); got != "*** second-value" {
		t.Errorf("got %q", got)
	}
	if got := more.Redact(text); got != "*** ***" {
		t.Errorf("got %q", got)
	}
}

func TestRedactorIsSafeForConcurrentUse(_ *testing.T) {
	r := NewRedactor("first-value")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			r.Add(fmt.Sprintf("value-%d", i))
			r.With("another-value").Redact("first-value")
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
