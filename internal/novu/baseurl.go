// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novu

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// DefaultBaseURL is Novu cloud, US region.
const DefaultBaseURL = "https://api.novu.co"

// ParseBaseURL checks the address of a Novu API: http or https, a host, and
// optionally a path below which the API is served. An empty string means
// [DefaultBaseURL]. Errors never repeat user information.
func ParseBaseURL(raw string) (*url.URL, error) {
	if raw = strings.TrimSpace(raw); raw == "" {
		raw = DefaultBaseURL
	}
	u, err := url.Parse(raw)
	if err != nil {
		// url.Error repeats the whole input, which may hold a password.
		return nil, errors.New("the Novu URL cannot be parsed: write it like https://api.novu.co or http://novu-api.novu.svc:3000")
	}
	if reason := baseURLFault(u, raw); reason != "" {
		return nil, fmt.Errorf("the Novu URL %s: write it like https://api.novu.co or http://novu-api.novu.svc:3000", reason)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func baseURLFault(u *url.URL, raw string) string {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "has no http:// or https:// in front"
	case u.Hostname() == "":
		return "has no host"
	case u.User != nil:
		return "contains a user name or password, which Novu does not use"
	case u.RawQuery != "" || u.ForceQuery:
		return "contains a query"
	case strings.Contains(raw, "#"): // url.Parse forgets an empty fragment
		return "contains a fragment"
	}
	return ""
}
