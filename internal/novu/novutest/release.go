// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"novu-operator.dev/internal/novu/lint"
)

// Release is a release of Novu.
type Release = lint.Release

// The releases that a server can play. Each is held to recordings of a real one.
const (
	Release315 = lint.Release315
	Release319 = lint.Release319
)

// Releases returns the releases that a server can play, oldest first.
func Releases() []Release { return []Release{Release315, Release319} }

// traits are what differs between releases. The code asks what a release does, and never which one it is.
type traits struct {
	release Release
	version string   // as the health check tells it
	headers []string // request headers that browsers may send
	forms   forms    // what requests are checked for

	channels     []string // of preferences
	fillChannels bool     // preferences may name some channels only; the others are filled in

	overrides    bool // steps have provider overrides
	agents       bool // a workflow may name an agent
	namedActor   bool // previews have an actor
	storedOrigin bool // an update keeps the origin that is stored, whatever the request says

	scopedKeys         bool // an API key reaches nothing of other environments, but syncs to them and changes their settings
	scopedEnvironments bool // nor their settings
	hideCredentials    bool // API keys never see credentials of integrations, but for the encrypted ones after a deletion
	listedHashes       bool // the list of keys shows their hashes
	secondKeys         bool // there is a route to make a second key

	kinds        bool // integrations have a kind and a parent
	checkedIDs   bool // an id of an integration that is none is a 422; without the check, Novu fails on it
	guardedHosts bool // mail servers with private addresses are refused

	mergedVariables bool // the value of an environment replaces no other, and the mask of a secret is no value
	variableMade    int  // status of a created variable
}

// releases is the table of what differs.
var releases = map[Release]traits{
	Release315: {
		release: Release315, version: "3.15.0", headers: browserHeaders,
		forms: vocabulary{
			stepTypes: []string{"in_app", "email", "sms", "chat", "push", "digest", "trigger", "delay", "throttle", "custom", "http_request"},
			created:   []string{"in_app", "email", "sms", "push", "chat", "delay", "digest", "throttle", "custom", "http_request"},
			// The update request forgot throttle, so throttle steps pass with less checking.
			updated:   []string{"in_app", "email", "sms", "push", "chat", "delay", "digest", "custom", "http_request"},
			channels:  []string{"in_app", "email", "sms", "chat", "push"},
			published: []string{"workflow", "step", "localization_group", "layout"},
			origin:    true,
		}.forms(),
		channels:     []string{"email", "sms", "in_app", "push", "chat"},
		variableMade: http.StatusCreated,
	},
	Release319: {
		release: Release319, version: "3.19.0", headers: append(slices.Clone(browserHeaders), "Novu-Analytics-Source"),
		forms: vocabulary{
			stepTypes: []string{"in_app", "email", "sms", "chat", "push", "tool", "digest", "trigger", "delay", "throttle", "custom", "http_request"},
			created:   []string{"in_app", "email", "sms", "push", "chat", "tool", "delay", "digest", "throttle", "custom", "http_request"},
			updated:   []string{"in_app", "email", "sms", "push", "chat", "tool", "delay", "digest", "throttle", "custom", "http_request"},
			overrides: []string{"chat", "tool"},
			channels:  []string{"in_app", "email", "sms", "chat", "push", "tool"},
			published: []string{"workflow", "step", "localization_group", "layout", "agent"},
			pageLimit: 100,
		}.forms(),
		channels: []string{"email", "sms", "in_app", "push", "chat", "tool"}, fillChannels: true,
		overrides: true, agents: true, namedActor: true, storedOrigin: true,
		scopedKeys: true, hideCredentials: true, listedHashes: true, secondKeys: true,
		kinds: true, checkedIDs: true, guardedHosts: true,
		mergedVariables: true, variableMade: http.StatusOK,
	},
}

// player plays a release.
type player struct {
	extra Options // with single newer traits
	now   atomic.Pointer[traits]
}

func (p *player) traits() *traits { return p.now.Load() }

// Release is the release that the server plays.
func (p *player) Release() Release { return p.traits().release }

// SetRelease plays another release from now on, as after an upgrade of Novu or the way back. What is stored stays. The single
// newer traits of the options are added to any release. It panics when there is no such release.
func (p *player) SetRelease(r Release) {
	t, ok := releases[r]
	if !ok {
		panic(fmt.Sprintf("novutest: no release %q", r))
	}
	if p.extra.StrictKeyScope {
		t.scopedKeys, t.scopedEnvironments = true, true
	}
	t.hideCredentials = t.hideCredentials || p.extra.HideCredentials
	if newest := releases[Release319]; p.extra.NewerFields {
		t.channels, t.fillChannels, t.overrides = newest.channels, newest.fillChannels, newest.overrides
	}
	p.now.Store(&t)
}

// HideCredentials has integrations answered without their credentials from now on, as after an upgrade of Novu.
func (p *player) HideCredentials() {
	t := *p.traits()
	t.hideCredentials = true
	p.now.Store(&t)
}
