package reconcile

import "strings"

const (
	// byteOrderMark is what some editors put in front of UTF-8 text. It is never part of a value.
	byteOrderMark = "\ufeff"
	lineBreaks    = "\r\n"
	blanks        = lineBreaks + " \t\v\f"
)

// SecretValue is the value that a Secret's bytes mean. Files and `echo` end a key with a line break that no provider
// accepts, so a value of one line is taken without what is blank after it and without blank lines before it. A value of
// several lines, such as PEM or JSON, stays as it is: there, line breaks may be part of a signature.
func SecretValue(data []byte) string {
	text := withoutMark(string(data))
	line := strings.TrimLeft(strings.TrimRight(text, blanks), lineBreaks)
	if strings.ContainsAny(line, lineBreaks) {
		return text
	}
	return line
}

// withoutMark is a file's text without the byte order mark of its encoding.
func withoutMark(text string) string { return strings.TrimPrefix(text, byteOrderMark) }

// CertificateText is a bundle of PEM certificates without what keeps the first of them from being found.
func CertificateText(bundle string) string { return withoutMark(bundle) }

// SecretText is SecretValue of one key, or says why there is none.
func SecretText(data []byte, namespace, name, key string) (string, error) {
	if err := notText("Secret", namespace, name, key, data); err != nil {
		return "", err
	}
	return SecretValue(data), nil
}
