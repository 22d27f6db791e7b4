// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"encoding/hex"
	"math/big"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	base62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	slugTail     = 16 // characters of an object id in base 62
)

var base62Radix = big.NewInt(int64(len(base62Digits)))

// encodeBase62 writes an object id in base 62, as slugs carry it.
func encodeBase62(id string) string {
	b, err := hex.DecodeString(id)
	if err != nil {
		return ""
	}
	n, digit := new(big.Int).SetBytes(b), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, base62Radix, digit)
		out = append(out, base62Digits[digit.Int64()])
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return strings.Repeat("0", leadingZeros(b)) + string(out)
}

// decodeBase62 is the reverse; ok is false when a character is not a base 62 digit.
func decodeBase62(s string) (hexDigits string, ok bool) {
	n, zeros, leading := new(big.Int), 0, true
	for i := range len(s) {
		d := strings.IndexByte(base62Digits, s[i])
		if d < 0 {
			return "", false
		}
		if leading = leading && d == 0; leading {
			zeros++
		}
		n.Mul(n, base62Radix).Add(n, big.NewInt(int64(d)))
	}
	return hex.EncodeToString(append(make([]byte, zeros), n.Bytes()...)), true
}

func leadingZeros(b []byte) int {
	n := 0
	for n < len(b) && b[n] == 0 {
		n++
	}
	return n
}

// parseSlugID resolves a path value the way Novu does, trap included: the last 16 characters of anything that
// long are read as base 62, so an identifier that ends in 16 letters and digits becomes an object id that nobody
// has, and is not found.
func parseSlugID(v string) string {
	if len(v) < slugTail || isObjectID(v) {
		return v
	}
	decoded, ok := decodeBase62(v[len(v)-slugTail:])
	if ok && (isObjectID(decoded) || len(decoded) < slugTail) {
		return decoded
	}
	return v
}

// buildSlug is the slug of a thing: its name, the kind's prefix ("wf_", "st_", "lt_", "env_") and its id.
func buildSlug(name, prefix, id string) string {
	return slugify(name) + "_" + prefix + encodeBase62(id)
}

// latin are letters that do not decompose into a base letter and a mark, or that Novu spells in a way of its own, and
// signs that it spells or leaves out. Of other scripts Novu spells some, too; here they are left out.
var latin = strings.NewReplacer(
	"&", " and ", "ß", "ss", "ẞ", "SS", "ä", "ae", "Ä", "Ae", "ö", "oe", "Ö", "Oe", "ü", "ue", "Ü", "Ue",
	"æ", "ae", "Æ", "AE", "ĳ", "ij", "Ĳ", "IJ", "ø", "o", "Ø", "O", "å", "a", "Å", "A", "đ", "d", "Đ", "D",
	"ð", "d", "Ð", "D", "þ", "th", "Þ", "TH", "ł", "l", "Ł", "L", "ħ", "h", "Ħ", "H", "ı", "i",
	"€", "E", "¢", "c", "¥", "Y", "₹", "R", "₺", "L", "₽", "P", "₩", "W",
	"^", "", "`", "", "´", "", "¨", "", "¯", "", "·", "", "¸", "",
)

var camel = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`([A-Z]{2,})(\d+)`), "$1 $2"},
	{regexp.MustCompile(`([a-z\d]+)([A-Z]{2,})`), "$1 $2"},
	{regexp.MustCompile(`([a-z\d])([A-Z])`), "$1 $2"},
	{regexp.MustCompile(`([A-Z]+)([A-Z][a-rt-z\d]+)`), "$1 $2"},
}

var (
	notSlug     = regexp.MustCompile(`[^a-z\d]+`)
	contraction = regexp.MustCompile(`([a-z\d]+)-([ts])(-|$)`)
)

// slugify turns a name into lower-case words joined by dashes: "Foo barBaz's" becomes "foo-bar-bazs".
func slugify(name string) string {
	s := latin.Replace(norm.NFC.String(name))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
	for _, c := range camel {
		s = c.re.ReplaceAllString(s, c.to)
	}
	s = notSlug.ReplaceAllString(strings.ToLower(s), "-")
	s = contraction.ReplaceAllString(s, "$1$2$3")
	return strings.Trim(s, "-")
}
