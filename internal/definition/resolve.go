// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"novu-operator.dev/api/v1alpha1"
	"novu-operator.dev/internal/novu"
)

// Inputs are the objects that an object refers to, by name: those of its own namespace that exist.
type Inputs struct {
	ConfigMaps map[string]*corev1.ConfigMap
	Secrets    map[string]*corev1.Secret
	Layouts    map[string]*v1alpha1.Layout
}

// References are the names of the objects that Inputs should hold, each once and sorted.
type References struct{ ConfigMaps, Secrets, Layouts []string }

// Object is a Workflow, a Layout or an Integration.
type Object interface{ GetNamespace() string }

// Definition is what is to be written to Novu. The member of the object's kind is set.
type Definition struct {
	Workflow    *novu.WorkflowRequest
	Layout      *novu.LayoutRequest
	Integration *novu.IntegrationRequest
}

// Resolve returns the definition of an object, without the internal ids that only Novu knows; see [BindSteps]. It needs neither a
// cluster nor Novu. The error is a *ReferenceError if something that the object refers to is not among the inputs, and else an
// *InvalidError. Neither shows a secret.
func Resolve(o Object, in Inputs) (Definition, error) {
	var d Definition
	var err error
	switch o := o.(type) {
	case *v1alpha1.Workflow:
		var resolved WorkflowInputs
		if resolved, err = workflowInputs(o, in); err == nil {
			d.Workflow, err = Workflow(o, resolved)
		}
	case *v1alpha1.Layout:
		var body string
		if body, err = layoutBody(o, in); err == nil {
			d.Layout, err = Layout(o, body)
		}
	case *v1alpha1.Integration:
		var secrets map[string]string
		if secrets, err = integrationSecrets(o, in); err == nil {
			d.Integration, err = Integration(o, secrets)
		}
	default:
		err = fmt.Errorf("%T is not defined in Novu", o)
	}
	return d, err
}

// ReferencesOf returns what an object refers to.
func ReferencesOf(o Object) References {
	configMaps, secrets, layouts := map[string]bool{}, map[string]bool{}, map[string]bool{}
	switch o := o.(type) {
	case *v1alpha1.Workflow:
		for i := range o.Spec.Steps {
			if from := o.Spec.Steps[i].BodyFrom(); from != nil {
				configMaps[from.ConfigMapKeyRef.Name] = true
			}
			if name := o.Spec.Steps[i].Email.LayoutName(); name != "" {
				layouts[name] = true
			}
		}
	case *v1alpha1.Layout:
		if from := o.Spec.BodyFrom; from != nil {
			configMaps[from.ConfigMapKeyRef.Name] = true
		}
	case *v1alpha1.Integration:
		for i := range o.Spec.CredentialsFrom {
			secrets[secretOf(&o.Spec.CredentialsFrom[i])] = true
		}
	}
	return References{slices.Sorted(maps.Keys(configMaps)), slices.Sorted(maps.Keys(secrets)), slices.Sorted(maps.Keys(layouts))}
}

func secretOf(from *v1alpha1.CredentialsSource) string {
	if from.SecretRef != nil {
		return from.SecretRef.Name
	}
	return from.SecretKeyRef.Name
}

func workflowInputs(w *v1alpha1.Workflow, in Inputs) (WorkflowInputs, error) {
	out := WorkflowInputs{Bodies: map[string]string{}, LayoutIDs: map[string]string{}}
	for i := range w.Spec.Steps {
		step := &w.Spec.Steps[i]
		if from := step.BodyFrom(); from != nil {
			body, err := in.configMapKey(w.Namespace, from.ConfigMapKeyRef)
			if err != nil {
				return out, err
			}
			out.Bodies[step.StepID] = body
		}
		name := step.Email.LayoutName()
		if name == "" {
			continue
		}
		layout := in.Layouts[name]
		if layout == nil {
			return out, &ReferenceError{Kind: kindLayout, Namespace: w.Namespace, Name: name}
		}
		out.LayoutIDs[name] = layout.EffectiveID()
	}
	return out, nil
}

func layoutBody(l *v1alpha1.Layout, in Inputs) (string, error) {
	if l.Spec.BodyFrom == nil {
		return "", nil
	}
	return in.configMapKey(l.Namespace, l.Spec.BodyFrom.ConfigMapKeyRef)
}

// integrationSecrets are the credentials from Secrets; of two sources of one credential the later counts.
func integrationSecrets(o *v1alpha1.Integration, in Inputs) (map[string]string, error) {
	out := map[string]string{}
	for i := range o.Spec.CredentialsFrom {
		from := &o.Spec.CredentialsFrom[i]
		secret := in.Secrets[secretOf(from)]
		if secret == nil {
			return nil, &ReferenceError{Kind: kindSecret, Namespace: o.Namespace, Name: secretOf(from)}
		}
		if from.SecretRef == nil {
			value, err := SecretKey(secret, from.SecretKeyRef.Key)
			if err != nil {
				return nil, err
			}
			out[from.Credential] = value
			continue
		}
		for _, key := range sortedKeys(secret.Data) {
			value, err := secretText(secret, key)
			if err != nil {
				return nil, err
			}
			out[key] = value
		}
	}
	return out, nil
}

func (in Inputs) configMapKey(namespace string, ref v1alpha1.ConfigMapKeyReference) (string, error) {
	configMap := in.ConfigMaps[ref.Name]
	if configMap == nil {
		return "", &ReferenceError{Kind: kindConfigMap, Namespace: namespace, Name: ref.Name}
	}
	return ConfigMapKey(configMap, ref.Key)
}
