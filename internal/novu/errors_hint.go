// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"syscall"
)

// transportHint is the user's next step after a call without an answer.
func transportHint(err error) string {
	var unknownCA x509.UnknownAuthorityError
	var wrongHost x509.HostnameError
	var invalid x509.CertificateInvalidError
	var dns *net.DNSError
	switch {
	case errors.As(err, &unknownCA):
		return "add the certificate authority to the environment's CA bundle"
	case errors.As(err, &wrongHost):
		return "use a host name in the URL that the certificate is made for"
	case errors.As(err, &invalid):
		return "renew the server's certificate"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the server speaks plain HTTP there: use http:// in the URL"
	case errors.As(err, &dns):
		return "check the host in the URL"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "check the port in the URL, and that Novu runs"
	case errors.Is(err, context.DeadlineExceeded):
		return "check that the network lets the operator reach Novu, and that Novu is not overloaded"
	}
	return ""
}
