// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"math"
	"net/netip"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
)

// sharedAddresses are those that carriers share out (RFC 6598).
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")

// checkHost refuses a mail server that Novu must not reach. As in Novu, names are not resolved before anything is sent.
func (c integrationCall) checkHost(provider string, credentials object) error {
	if !c.traits().guardedHosts || provider != "nodemailer" || credentials == nil {
		return nil
	}
	host := strings.TrimSpace(text(credentials["host"]))
	switch addr, err := netip.ParseAddr(host); {
	case host == "":
		return badRequest("SMTP host is required.")
	case strings.ContainsAny(host, " \t\n/\\#?@&=:;%"):
		return badRequest("SMTP host contains invalid characters.")
	case strings.EqualFold(host, "localhost"), strings.EqualFold(host, "metadata.google.internal"):
		return badRequest("Requests to \"" + strings.ToLower(host) + "\" are not allowed.")
	case err == nil && isPrivate(addr):
		return badRequest("Requests to private or reserved IP addresses are not allowed (resolved: " + host + ").")
	}
	if port, ok := javascript.Number(credentials["port"]); !ok || port != math.Trunc(port) || port < 1 || port > math.MaxUint16 {
		return badRequest("SMTP port must be an integer between 1 and 65535.")
	}
	return nil
}

func isPrivate(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || sharedAddresses.Contains(a)
}
