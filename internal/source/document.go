// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"novu-operator.dev/api/v1alpha1"
)

// document is one of a manifest.
type document struct {
	at   Position
	text []byte
}

// documents splits a manifest. Positions are those of the first lines that hold something.
func documents(name string, text []byte) (found []document) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	begin, line := 1, 0
	var lines [][]byte
	end := func() {
		for len(lines) > 0 && blank(lines[0]) {
			lines, begin = lines[1:], begin+1
		}
		if len(lines) > 0 {
			found = append(found, document{at: Position{File: name, Line: begin}, text: bytes.Join(lines, nil)})
		}
		lines, begin = nil, line+1
	}
	for l := range bytes.Lines(text) {
		line++
		begins, ends := border(l)
		if begins || ends {
			end()
		}
		if ends {
			continue
		}
		if begins {
			begin = line
		}
		lines = append(lines, l)
	}
	line++
	end()
	return found
}

// border reports whether a line is one between two documents, and whether it is the first of one. The YAML library reads one
// document and ignores what follows it, so that none may be overlooked.
func border(line []byte) (begins, ends bool) {
	mark, rest := line[:min(3, len(line))], line[min(3, len(line)):]
	switch {
	case string(mark) != "---" && string(mark) != "...", len(rest) > 0 && !strings.ContainsRune(" \t\r\n", rune(rest[0])):
		return false, false
	case blank(rest):
		return false, true
	}
	return string(mark) == "---", false
}

// blank reports whether a line says nothing.
func blank(line []byte) bool {
	text := bytes.TrimSpace(line)
	return len(text) == 0 || text[0] == '#'
}

// head is what every object has.
type head struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
	Items []json.RawMessage `json:"items"`
}

// String names the object, as far as it has a name.
func (h *head) String() string {
	if h.Metadata.Name == "" {
		return h.Kind
	}
	return h.Kind + " " + strings.TrimPrefix(h.Metadata.Namespace+"/"+h.Metadata.Name, "/")
}

// decode reads the object of a document, or those of a list.
func (d *document) decode() (objects []client.Object, ignored []Ignored, problem *Problem) {
	text, err := yaml.YAMLToJSONStrict(d.text)
	if err != nil {
		at, err := d.located(err)
		return nil, nil, &Problem{Position: at, Err: err}
	}
	return d.objects(text)
}

func (d *document) objects(text []byte) (objects []client.Object, ignored []Ignored, problem *Problem) {
	var is head
	err := json.Unmarshal(text, &is)
	switch {
	case is.Kind == "" || is.APIVersion == "":
		return nil, nil, d.problem(&is, errors.New("it is no object: apiVersion and kind are missing"))
	case err != nil:
		return nil, nil, d.problem(&is, errors.New(strings.TrimPrefix(err.Error(), "json: ")))
	}
	if strings.HasSuffix(is.Kind, "List") && is.Items != nil {
		for _, item := range is.Items {
			some, others, problem := d.objects(item)
			if problem != nil {
				return objects, ignored, problem
			}
			objects, ignored = append(objects, some...), append(ignored, others...)
		}
		return objects, ignored, nil
	}
	kind := schema.FromAPIVersionAndKind(is.APIVersion, is.Kind)
	switch {
	case kinds.Recognizes(kind):
	case kind.Group == v1alpha1.GroupVersion.Group:
		return nil, nil, d.problem(&is, fmt.Errorf("%s has no kind %s: correct apiVersion or kind", is.APIVersion, is.Kind))
	default:
		return nil, []Ignored{{Position: d.at, Object: is.String()}}, nil
	}
	o, err := decode(kind, text)
	if err != nil {
		return nil, nil, d.problem(&is, err)
	}
	return []client.Object{o}, nil, nil
}

func (d *document) problem(is *head, err error) *Problem {
	return &Problem{Position: d.at, Object: is.String(), Err: err}
}

// decode reads one object as strictly as an API server that is asked to be strict.
func decode(kind schema.GroupVersionKind, text []byte) (client.Object, error) {
	made, err := kinds.New(kind)
	if err != nil {
		return nil, err
	}
	o := made.(client.Object)
	unknown, err := kjson.UnmarshalStrict(text, o)
	switch {
	case err != nil:
		return nil, discreet(o, err)
	case len(unknown) > 0:
		return nil, errors.Join(unknown...)
	}
	if o.GetName() == "" {
		return nil, errors.New("metadata.name is missing")
	}
	o.GetObjectKind().SetGroupVersionKind(kind)
	if secret, ok := o.(*corev1.Secret); ok {
		mergeStrings(secret)
	}
	return o, nil
}

// discreet is an error about an object's fields. That about a Secret may quote what is in it, and is replaced.
func discreet(o client.Object, err error) error {
	if _, secret := o.(*corev1.Secret); secret {
		return errors.New("it does not have the form of a Secret: data holds base64, stringData text")
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// mergeStrings does with stringData what the API server does.
func mergeStrings(s *corev1.Secret) {
	for key, value := range s.StringData {
		if s.Data == nil {
			s.Data = map[string][]byte{}
		}
		s.Data[key] = []byte(value)
	}
	s.StringData = nil
}

// lineOf finds the line in an error of the YAML library, which counts from the beginning of the document.
var lineOf = regexp.MustCompile(`^(?:error converting YAML to JSON: )?yaml: (?:unmarshal errors:\s*)?line (\d+): `)

// quoted is what errors of the YAML library repeat of values; keys are between double quotes.
var quoted = regexp.MustCompile("'[^']*'|`.*`")

// located is the position of an error of the YAML library, and the error without it.
func (d *document) located(err error) (Position, error) {
	at, text := d.at, err.Error()
	if match := lineOf.FindStringSubmatch(text); match != nil {
		line, _ := strconv.Atoi(match[1]) // digits
		at.Line += line - 1
		text = text[len(match[0]):]
	}
	text = quoted.ReplaceAllString(text, "…") // what is not read yet may be a Secret
	return at, errors.New("it is no YAML: " + strings.TrimPrefix(strings.TrimPrefix(text, "error converting YAML to JSON: "), "yaml: "))
}
