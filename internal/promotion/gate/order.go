// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/definition"
)

// order asks whether every Environment of spec.promotionPolicy.afterRefs holds what is to be written.
func order(in *Input) v1alpha1.GateStatus {
	if in.idle() {
		return open("nothing is to be written")
	}
	for i := range in.After {
		place := &in.After[i]
		if place.Environment == nil {
			return closed(place.Reason, time.Time{}, "%s", place.Message)
		}
		if missing := list(in.Items, place.lacks); missing != "" {
			return closed(v1alpha1.ReasonOrder, time.Time{}, "not yet in Environment %s: %s", place.Name, missing)
		}
	}
	return open("live in %s", places(in.After))
}

// idle reports whether the target holds every item already.
func (in *Input) idle() bool {
	return !slices.ContainsFunc(in.Items, func(i Item) bool { return !i.Unchanged })
}

// lacks says why the place does not count as holding the n-th item; empty if it does.
func (p *Place) lacks(n int, item Item) string {
	live := p.Live[n]
	switch {
	case live.Revision == "":
		return "not promoted"
	case live.Revision != item.Revision:
		return fmt.Sprintf("holds %s instead of %s", definition.Short(live.Revision), definition.Short(item.Revision))
	case live.Drifted:
		return "was changed there by hand"
	}
	return ""
}

// soak asks whether what is to be written has been live for long enough: in every Environment of spec.promotionPolicy.afterRefs, or
// else in the source.
func soak(in *Input) v1alpha1.GateStatus {
	if in.idle() {
		return open("nothing is to be written")
	}
	wanted := in.Target.Spec.PromotionPolicy.Soak.Duration
	where := in.After
	if len(where) == 0 {
		where = []Place{in.Source}
	}
	young, until := "", time.Time{}
	for i := range where {
		place := &where[i]
		if place.Environment == nil {
			return closed(place.Reason, time.Time{}, "%s", place.Message)
		}
		if unknown := list(in.Items, place.unsoaked); unknown != "" {
			return closed(v1alpha1.ReasonSoaking, time.Time{}, "has to be live in Environment %s for %s: %s", place.Name, wanted, unknown)
		}
		recent := list(in.Items, func(n int, _ Item) string {
			over := place.Live[n].Since.Add(wanted)
			if !in.Now.Before(over) {
				return ""
			}
			if over.After(until) {
				until = over
			}
			return "since " + clock(place.Live[n].Since.Time)
		})
		if young == "" && recent != "" {
			young = fmt.Sprintf("has to be live in Environment %s for %s: %s", place.Name, wanted, recent)
		}
	}
	if young != "" {
		return closed(v1alpha1.ReasonSoaking, until, "%s. All have soaked at %s", young, clock(until))
	}
	return open("live in %s for %s or longer", places(where), wanted)
}

// unsoaked says why it is not known since when the place holds the n-th item; empty if it is.
func (p *Place) unsoaked(n int, item Item) string {
	if why := p.lacks(n, item); why != "" {
		return why
	}
	if p.Live[n].Since == nil {
		return "it is unknown since when it is there"
	}
	return ""
}

// list names the first few of the items that are to be written and of which why knows something to say.
func list(items []Item, why func(n int, item Item) string) string {
	const most = 3
	var named []string
	more := 0
	for n, item := range items {
		if item.Unchanged {
			continue
		}
		text := why(n, item)
		switch {
		case text == "":
		case len(named) == most:
			more++
		default:
			named = append(named, fmt.Sprintf("%s (%s)", item, text))
		}
	}
	if more > 0 {
		named = append(named, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(named, ", ")
}

func places(where []Place) string {
	names := make([]string, 0, len(where))
	for i := range where {
		names = append(names, where[i].Name)
	}
	return strings.Join(names, ", ")
}
