// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package novutest

import (
	"fmt"
	"reflect"
)

func publishFields(types []string) []field {
	return []field{
		{name: "sourceEnvironmentId", optional: true, rules: []rule{isString}},
		{name: "dryRun", optional: true, rules: []rule{isBool}},
		{name: "resources", optional: true, rules: []rule{isArray}, each: true, nested: members(
			field{name: "resourceType", rules: []rule{oneOf(types...)}},
			field{name: "resourceId", rules: []rule{isString}},
		)},
	}
}

// publishEnvironment makes the target like the source: workflows first, then layouts. Without a list of resources (or
// with an empty one) everything that the source lacks is deleted. A failing write ends the request and leaves what
// was done before; a failing deletion is only reported.
func publishEnvironment(c *call) (any, error) {
	if err := dtoError(check(nil, c.body, c.traits().forms.publish)); err != nil {
		return nil, err
	}
	sc := syncCall{c}
	source, target, err := sc.bothEnvironments()
	if err != nil {
		return nil, err
	}
	p := &publication{syncCall: sc, source: source, target: target, dry: c.body["dryRun"] == true}
	workflows, err := publishAll(p, "workflow", source.workflows, target.workflows, workflowPublisher(p))
	if err != nil {
		return nil, err
	}
	layouts, err := publishAll(p, "layout", source.layouts, target.layouts, layoutPublisher(p))
	if err != nil {
		return nil, err
	}
	sum := object{"resources": 0, "successful": 0, "failed": 0, "skipped": 0}
	for _, r := range []*published{workflows, layouts} {
		sum["resources"] = sum["resources"].(int) + r.total()
		sum["successful"] = sum["successful"].(int) + len(r.successful)
		sum["failed"] = sum["failed"].(int) + len(r.failed)
		sum["skipped"] = sum["skipped"].(int) + len(r.skipped)
	}
	return object{"results": []object{workflows.view(), layouts.view()}, "summary": sum}, nil
}

type publication struct {
	syncCall
	source, target *environment
	dry            bool
}

// wants tells whether a resource was asked for; without a list everything is.
func (p *publication) wants(kind, id string) bool {
	list, _ := p.body["resources"].([]any)
	if len(list) == 0 {
		return true
	}
	for _, x := range list {
		if o, _ := x.(object); o["resourceType"] == kind && o["resourceId"] == id {
			return true
		}
	}
	return false
}

// published is the report on one type of resource.
type published struct {
	kind                        string
	successful, failed, skipped []object
}

func (r *published) total() int { return len(r.successful) + len(r.failed) + len(r.skipped) }

func (r *published) view() object {
	list := func(l []object) []object {
		if l == nil {
			return []object{}
		}
		return l
	}
	return object{"resourceType": r.kind, "successful": list(r.successful), "failed": list(r.failed),
		"skipped": list(r.skipped), "totalProcessed": r.total()}
}

func (r *published) item(id, name string) object {
	return object{"resourceType": r.kind, "resourceId": id, "resourceName": name}
}

// publisher does what differs between workflows and layouts.
type publisher[T any] struct {
	name   func(*T) string
	same   func(from, to *T) bool
	write  func(from *T) error
	remove func(to *T) error
}

func publishAll[T any](p *publication, kind string, source, target *shelf[T], do publisher[T]) (*published, error) {
	r := &published{kind: kind}
	s := p.server
	s.mu.RLock()
	from, to := source.all(), target.all()
	s.mu.RUnlock()
	known := map[string]bool{}
	for _, x := range from {
		_, id := source.key(x)
		if !p.wants(kind, id) {
			continue
		}
		known[id] = true
		if err := publishOne(p, r, target, do, x, id); err != nil {
			return nil, err
		}
	}
	for _, x := range to {
		if _, id := target.key(x); p.wants(kind, id) && !known[id] && !p.dry {
			removeOne(r, do, x, id)
		}
	}
	return r, nil
}

func publishOne[T any](p *publication, r *published, target *shelf[T], do publisher[T], x *T, id string) error {
	item := r.item(id, do.name(x))
	p.server.mu.RLock()
	there := target.find(id)
	p.server.mu.RUnlock()
	switch {
	case p.dry:
		item["reason"] = "Dry run mode"
		r.skipped = append(r.skipped, item)
		return nil
	case there != nil && do.same(x, there):
		item["reason"] = "No changes detected"
		r.skipped = append(r.skipped, item)
		return nil
	}
	item["action"] = "updated"
	if there == nil {
		item["action"] = "created"
	}
	r.successful = append(r.successful, item)
	return do.write(x)
}

func removeOne[T any](r *published, do publisher[T], x *T, id string) {
	item := r.item(id, do.name(x))
	if err := do.remove(x); err != nil {
		item["error"], item["stack"] = err.Error(), fmt.Sprintf("ConflictException: %s\n    at (stack frames removed)", err)
		r.failed = append(r.failed, item)
		return
	}
	item["action"] = "deleted"
	r.successful = append(r.successful, item)
}

func workflowPublisher(p *publication) publisher[workflow] {
	return publisher[workflow]{
		name: func(w *workflow) string { return w.name },
		same: func(from, to *workflow) bool {
			return reflect.DeepEqual(from.comparable(), to.comparable()) && len(stepChanges(from, to)) == 0
		},
		write: func(w *workflow) error { _, err := p.syncTo(p.source, p.target, w); return err },
		remove: func(w *workflow) error {
			p.server.mu.Lock()
			defer p.server.mu.Unlock()
			p.target.workflows.remove(w.id)
			return nil
		},
	}
}

func layoutPublisher(p *publication) publisher[layout] {
	return publisher[layout]{
		name:  func(l *layout) string { return l.name },
		same:  func(from, to *layout) bool { return reflect.DeepEqual(from.comparable(), to.comparable()) },
		write: func(l *layout) error { return p.syncLayout(p.source, p.target, l.identifier) },
		remove: func(l *layout) error {
			p.server.mu.Lock()
			defer p.server.mu.Unlock()
			return removeLayout(p.target, l.id)
		},
	}
}
