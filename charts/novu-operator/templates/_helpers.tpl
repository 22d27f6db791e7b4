{{- define "novu-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The prefix of all names. Short enough that the longest suffix still fits into 63 characters. */}}
{{- define "novu-operator.fullname" -}}
{{- $name := include "novu-operator.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 35 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 35 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 35 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "novu-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "novu-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "novu-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "novu-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "novu-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "novu-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "novu-operator.image" -}}
{{- $image := .Values.image.repository }}
{{- with .Values.image.registry }}
{{- $image = printf "%s/%s" . $image }}
{{- end }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $image .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $image (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* helm.sh/resource-policy keeps the CRDs, and so every object, when the chart is uninstalled. */}}
{{- define "novu-operator.crdAnnotations" -}}
{{- if .Values.crds.keep }}
helm.sh/resource-policy: keep
{{- end }}
{{- with .Values.crds.annotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The one subject of every binding. */}}
{{- define "novu-operator.subjects" -}}
- kind: ServiceAccount
  name: {{ include "novu-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* Combinations of values that the schema cannot tell from good ones. */}}
{{- define "novu-operator.validate" -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.leaderElection.enabled) }}
{{- fail "replicas above 1 need leaderElection.enabled: true; otherwise the Pods would write to Novu at the same time" }}
{{- end }}
{{- if and .Values.podDisruptionBudget.enabled (lt (int .Values.replicas) 2) }}
{{- fail "podDisruptionBudget.enabled needs replicas: 2 or more; with one Pod it would block the draining of its node" }}
{{- end }}
{{- end }}
