// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package memory_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu/novutest"
	"novu-operator.dev/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

const (
	mib = 1 << 20
	// limit is that of the chart; mostOf is what the operator may take, and rest what it may keep when all is over.
	limit  = 512 * mib
	mostOf = 384 * mib
	rest   = 160 * mib

	environments = 20
	// objects is how many Workflows each Environment has where Novu's answer to one of them is the attack.
	objects = 6
)

// attacks are what a Novu server may answer to make the operator hold more than it can.
func attacks() map[string]attack {
	fat := strings.Repeat("x", 16<<10)
	id := strings.Repeat("i", 480)
	return map[string]attack{
		"endless pages of fat items":   {workflows: endless("workflows", `{"_id":"#","workflowId":"w#","name":"`+fat+`","tags":["`+fat+`"]}`, 0), calls: 4},
		"endless pages of small items": {layouts: endless("layouts", `{"_id":"#","layoutId":"l#"}`, 0), calls: 100},
		"lists that are just allowed": {
			workflows: endless("workflows", `{"_id":"`+id+`#","workflowId":"`+id+`#","updatedBy":{"firstName":"`+id+`"}}`, 19900),
			layouts:   endless("layouts", `{"_id":"`+id+`#","layoutId":"`+id+`#"}`, 19900),
			calls:     100,
		},
		"one page of hundreds of megabytes": {workflows: around(`{"data":{"workflows":[`, `{"_id":"1","workflowId":"w","name":"`+fat+`"},`, `]}}`, 400*mib)},
		"one page of empty items":           {integrations: around(`{"data":[`, `{},`, `]}`, 15*mib)},
		"one page of small items":           {layouts: around(`{"data":{"layouts":[`, `{"_id":"1","layoutId":"l"},`, `]}}`, 7*mib)},
		"items of many members":             {workflows: around(`{"data":{"workflows":[{"_id":"1","workflowId":"w","steps":[`, `{},`, `]}]}}`, 7*mib)},
		"credentials of many names":         {integrations: integrations},
		"deep":                              {integrations: around(`{"data":`, `[`, ``, 15*mib)},
		"zipped":                            {workflows: around(`{"data":{"workflows":[`, `{"_id":"1","workflowId":"w"},`, `]}}`, 1024*mib), zipped: true},
		"errors":                            {workflows: around(`{"message":["`, `a","`, `"]}`, 400*mib), status: http.StatusInternalServerError},
		"answers that hang":                 {layouts: trickle, hangs: true},
		"workflows of empty steps":          of(`{},`),
		"workflows of small issues":         of(`{"stepId":"s","issues":{"controls":{"a":[{"message":"m"}]}}},`),
	}
}

// integrations is a list of as many as are read, each of as many credentials.
func integrations(to io.Writer, _, _ int) {
	_, _ = io.WriteString(to, `{"data":[`)
	for i := range 1990 {
		if i > 0 {
			_, _ = io.WriteString(to, ",")
		}
		_, _ = fmt.Fprintf(to, `{"_id":"%d","identifier":"i%d","_environmentId":"env-%s","credentials":{`, i, i, "key")
		for n := range 95 {
			_, _ = fmt.Fprintf(to, `"%d":1,`, n)
		}
		if _, err := io.WriteString(to, `"z":1}}`); err != nil {
			return
		}
	}
	_, _ = io.WriteString(to, "]}")
}

// of is an attack by each workflow, which has ever more of one kind of step.
func of(step string) attack {
	var list strings.Builder
	for i := range objects {
		fmt.Fprintf(&list, `,{"_id":"%d","workflowId":"w%d","updatedAt":"2026-01-01T00:00:00.000Z"}`, i, i)
	}
	return attack{
		calls: objects / 2,
		workflows: func(to io.Writer, _, _ int) {
			_, _ = fmt.Fprintf(to, `{"data":{"totalCount":%d,"workflows":[%s]}}`, objects, list.String()[1:])
		},
		workflow: func(to io.Writer, id string) {
			around(fmt.Sprintf(`{"data":{"_id":"1","workflowId":%q,"steps":[`, id), step, `]}}`, 7*mib)(to, 0, 0)
		},
	}
}

// Twenty servers at once that answer with more than the operator can hold do not take the process's memory, and what they
// took is free again when their Environments are deleted.
func TestHostileServers(t *testing.T) {
	program := harness.BuildProgram(t)
	for name, a := range attacks() {
		t.Run(name, func(t *testing.T) {
			s := harness.NewStage(t, novutest.Options{})
			server := startHostile(s, a)
			for i := range environments {
				environment(s, fmt.Sprintf("e%d", i), server.URL)
				for o := 0; a.workflow != nil && o < objects; o++ {
					workflow(s, fmt.Sprintf("w%d-e%d", o, i), fmt.Sprintf("w%d", o), fmt.Sprintf("e%d", i))
				}
			}
			p := s.StartProgram(program, harness.Start{
				Flags:     []string{"--leader-elect=false", "--health-probe-bind-address", "0"},
				Variables: []string{fmt.Sprintf("GOMEMLIMIT=%d", limit), "GOGC="},
			})
			server.wait(s, p)
			s.Must(s.DeleteAllOf(s.Context(), &v1alpha1.Workflow{}, client.InNamespace(s.Namespace)))
			s.Must(s.DeleteAllOf(s.Context(), &v1alpha1.Environment{}, client.InNamespace(s.Namespace)))
			measure(s, p, server)
		})
	}
}

// measure checks what the operator took, and that it stops when the Environments are deleted.
func measure(s *harness.Stage, p *harness.Program, server *hostile) {
	s.Helper()
	s.Eventually("no attack is under way, and the memory is free", func() error {
		p.MustRun()
		var left v1alpha1.EnvironmentList
		s.Must(s.List(s.Context(), &left, client.InNamespace(s.Namespace)))
		now, _, err := p.Memory()
		if n := server.begun.Load() - server.ended.Load(); err == nil && (n > 0 || len(left.Items) > 0 || now > rest) {
			err = fmt.Errorf("%d attacks, %d Environments, %d MiB", n, len(left.Items), now/mib)
		}
		return err
	})
	attacks := server.begun.Load()
	_, most, err := p.Memory()
	s.Must(err)
	s.Logf("%d attacks, %d MiB at most", attacks, most/mib)
	if most > mostOf {
		s.Errorf("the operator took %d MiB, want %d at most", most/mib, mostOf/mib)
	}
	if now := server.begun.Load(); now != attacks {
		s.Errorf("%d attacks came after the Environments were deleted", now-attacks)
	}
}

// environment applies an Environment that the server has a key for.
func environment(s *harness.Stage, name, url string) {
	s.Helper()
	s.Secret(name+"-key", map[string]string{"secretKey": "key-" + name})
	s.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Environment
metadata: {name: %s}
spec:
  apiURL: %s
  secretKeyRef: {name: %s-key}
`, name, url, name))
}

func workflow(s *harness.Stage, name, id, environment string) {
	s.Helper()
	s.YAML(fmt.Sprintf(`
apiVersion: novu-operator.dev/v1alpha1
kind: Workflow
metadata: {name: %s}
spec:
  environmentRef: {name: %s}
  workflowID: %s
  name: Hello
  deletionPolicy: Retain
  adoptionPolicy: Adopt
  steps:
    - stepID: text
      type: SMS
      sms: {body: Hello}
`, name, environment, id))
}
