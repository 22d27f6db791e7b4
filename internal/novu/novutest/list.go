// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"novu-operator.dev/internal/novu/javascript"
)

const defaultPageSize = 50

// listQuery are the parameters of a list. Absent numbers and texts have their defaults.
type listQuery struct {
	limit, offset int
	ascending     bool
	orderBy       string
	search        string
	tags, status  []string
}

var (
	atLeastOne  = rule{"$p must not be less than 1", func(v any, _ bool) bool { f, ok := v.(float64); return ok && f >= 1 }}
	notNegative = rule{"$p must not be less than 0", func(v any, _ bool) bool { f, ok := v.(float64); return ok && f >= 0 }}
	isInteger   = rule{"$p must be an integer number", func(v any, _ bool) bool {
		f, ok := v.(float64)
		return ok && f == math.Trunc(f) && !math.IsInf(f, 0)
	}}
	isNumber = rule{"$p must be a number conforming to the specified constraints", func(v any, _ bool) bool {
		f, ok := v.(float64)
		return ok && !math.IsInf(f, 0)
	}}
)

func atMost(n int) rule {
	return rule{fmt.Sprintf("$p must not be greater than %d", n), func(v any, _ bool) bool { f, ok := v.(float64); return ok && f <= float64(n) }}
}

var queryField = field{name: "query", optional: true, rules: []rule{isString}}

// parseQuery reads the query string as the request classes do: a number that is none counts as absent, and lists
// may be repeated with or without brackets.
func parseQuery(values url.Values, fields []field) (listQuery, error) {
	o := object{}
	for name, given := range values {
		name = strings.TrimSuffix(name, "[]")
		var v any = given[len(given)-1]
		if len(given) > 1 {
			v = javascript.List(given)
		}
		switch name {
		case "limit", "offset":
			v = number(given)
		case "tags", "status":
			v = javascript.List(given)
		}
		o[name] = v
	}
	if err := dtoError(check(nil, o, fields)); err != nil {
		return listQuery{}, err
	}
	q := listQuery{limit: defaultPageSize, orderBy: cmp.Or(text(o["orderBy"]), "createdAt"),
		ascending: o["orderDirection"] == "ASC", search: strings.ToLower(text(o["query"]))}
	if f, ok := o["limit"].(float64); ok {
		q.limit = int(f)
	}
	if f, ok := o["offset"].(float64); ok {
		q.offset = int(f)
	}
	if tags, ok := o["tags"].([]any); ok {
		q.tags = javascript.Texts(tags)
	}
	if status, ok := o["status"].([]any); ok {
		q.status = javascript.Texts(status)
	}
	return q, nil
}

// number is JavaScript's Number() for a query value; nil stands for NaN.
func number(given []string) any {
	s := strings.TrimSpace(given[0])
	if len(given) > 1 {
		return nil
	}
	if s == "" {
		return float64(0)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil
	}
	return f
}

// paged sorts and cuts a list. Things that compare equal keep the order of creation, or its reverse.
func paged[T any](list []*T, q listQuery, compare func(a, b *T) int) []*T {
	slices.SortStableFunc(list, compare)
	if !q.ascending {
		slices.Reverse(list)
	}
	from := min(q.offset, len(list))
	return list[from:min(from+q.limit, len(list))]
}

func (q *listQuery) found(texts ...string) bool {
	if q.search == "" {
		return true
	}
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), q.search) })
}

func (q *listQuery) wants(w *workflow) bool {
	if !q.found(w.name, w.identifier) {
		return false
	}
	if len(q.status) > 0 && !slices.Contains(q.status, w.status) {
		return false
	}
	hasTag := func(t string) bool { return slices.Contains(w.tags, t) }
	return len(q.tags) == 0 || slices.ContainsFunc(q.tags, hasTag)
}

func listWorkflows(c *call) (any, error) {
	q, err := parseQuery(c.request.URL.Query(), c.traits().forms.listWorkflows)
	if err != nil {
		return nil, err
	}
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	all := slices.DeleteFunc(c.env.workflows.all(), func(w *workflow) bool { return !q.wants(w) })
	total := len(all)
	items := []object{}
	for _, w := range paged(all, q, compareWorkflows(c.env.workflows, q.orderBy)) {
		items = append(items, w.listView(c.org))
	}
	return object{"workflows": items, "totalCount": total}, nil
}

func compareWorkflows(shelf *shelf[workflow], orderBy string) func(a, b *workflow) int {
	return func(a, b *workflow) int {
		switch orderBy {
		case "name":
			return cmp.Compare(a.name, b.name)
		case "updatedAt":
			return cmp.Or(a.updated.Compare(b.updated), shelf.compareWrites(a, b))
		case "lastTriggeredAt":
			return 0 // nothing was ever triggered
		}
		return a.created.Compare(b.created)
	}
}

// listView is the short form of a list. Its issues are the stored ones, without missing integrations.
func (w *workflow) listView(org *organization) object {
	kinds, steps := []string{}, []object{}
	for _, st := range w.steps {
		kinds = append(kinds, st.kind)
		steps = append(steps, object{"slug": buildSlug(cmp.Or(st.name, "Missing Name"), "st_", st.id), "type": st.kind, "issues": st.issues})
	}
	name := cmp.Or(w.name, "Missing Name")
	var publishedAt, publishedBy any = "", nil
	if !w.published.IsZero() {
		publishedAt, publishedBy = timestamp(w.published), org.user()
	}
	return object{
		"_id": w.id, "workflowId": w.identifier, "slug": buildSlug(name, "wf_", w.id), "name": name,
		"origin": w.origin, "status": w.status, "tags": w.tags, "isTranslationEnabled": false,
		"createdAt": timestamp(w.created), "updatedAt": timestamp(w.updated), "updatedBy": org.user(),
		"lastPublishedAt": publishedAt, "lastPublishedBy": publishedBy, "lastTriggeredAt": nil,
		"stepTypeOverviews": kinds, "steps": steps,
	}
}
