// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"strings"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
)

const (
	// byteOrderMark is what some editors put in front of UTF-8 text. It is never part of a value.
	byteOrderMark = "\ufeff"
	lineBreaks    = "\r\n"
	blanks        = lineBreaks + " \t\v\f"
)

// SecretValue returns the value that a Secret's bytes mean. Files and `echo` end a key with a line break that no provider
// accepts, so a value of one line is taken without what is blank after it and without blank lines before it. A value of
// several lines, such as PEM or JSON, stays as it is: there, line breaks may be part of a signature.
func SecretValue(data []byte) string {
	text := WithoutMark(string(data))
	line := strings.TrimLeft(strings.TrimRight(text, blanks), lineBreaks)
	if strings.ContainsAny(line, lineBreaks) {
		return text
	}
	return line
}

// WithoutMark returns a file's text without the byte order mark of its encoding.
func WithoutMark(text string) string { return strings.TrimPrefix(text, byteOrderMark) }

// SecretKey returns the value of one key of a Secret. The error is a *ReferenceError.
func SecretKey(secret *corev1.Secret, key string) (string, error) {
	value, err := secretText(secret, key)
	if err == nil && value == "" {
		err = &ReferenceError{Kind: kindSecret, Namespace: secret.Namespace, Name: secret.Name, Key: key, Problem: KeyMissing}
	}
	return value, err
}

// secretText is the value of a key that may be empty.
func secretText(secret *corev1.Secret, key string) (string, error) {
	data := secret.Data[key]
	if !utf8.Valid(data) {
		return "", &ReferenceError{Kind: kindSecret, Namespace: secret.Namespace, Name: secret.Name, Key: key, Problem: NotText}
	}
	return SecretValue(data), nil
}

// ConfigMapKey returns the text of one key of a ConfigMap, which is exactly the file's but for a byte order mark. The error is
// a *ReferenceError.
func ConfigMapKey(configMap *corev1.ConfigMap, key string) (string, error) {
	if value, ok := configMap.Data[key]; ok {
		return WithoutMark(value), nil
	}
	value, ok := configMap.BinaryData[key]
	problem := KeyMissing
	if ok {
		if utf8.Valid(value) {
			return WithoutMark(string(value)), nil
		}
		problem = NotText
	}
	return "", &ReferenceError{Kind: kindConfigMap, Namespace: configMap.Namespace, Name: configMap.Name, Key: key, Problem: problem}
}
