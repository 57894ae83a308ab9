{{- define "latchkey.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "latchkey.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "latchkey.selector" -}}
app.kubernetes.io/name: {{ include "latchkey.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "latchkey.labels" -}}
{{ include "latchkey.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "latchkey.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "latchkey.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- /* Options as KC_ variables: what the values name, then .Values.options over it. */ -}}
{{- define "latchkey.options" -}}
{{- $options := dict
      "db" "postgres"
      "db-url" .Values.database.url
      "db-username" .Values.database.username
      "db-password-source" .Values.database.passwordSource
      "db-pool-max-size" (.Values.database.poolMaxSize | toString)
      "db-pool-min-size" (.Values.database.poolMinSize | toString)
      "db-tls-mode" .Values.database.tls.mode
      "db-tls-allow-sha1" (.Values.database.tls.allowSha1 | toString)
      "http-enabled" "true"
      "http-port" (.Values.service.port | toString)
      "http-management-port" (.Values.service.managementPort | toString)
      "http-relative-path" .Values.relativePath
      "http-management-relative-path" "/"
      "health-enabled" "true"
      "metrics-enabled" (.Values.metrics.enabled | toString)
      "event-metrics-user-enabled" (.Values.metrics.enabled | toString)
      "log-console-output" "json"
      "shutdown-delay" (printf "%ds" (int .Values.shutdownDelaySeconds)) -}}
{{- if .Values.hostname }}{{ $_ := set $options "hostname" .Values.hostname }}{{ else }}{{ $_ := set $options "hostname-strict" "false" }}{{ end -}}
{{- if .Values.proxyHeaders }}{{ $_ := set $options "proxy-headers" .Values.proxyHeaders }}{{ end -}}
{{- if .Values.database.tls.caConfigMap }}{{ $_ := set $options "db-tls-trust-store-file" (printf "/etc/latchkey/database-ca/%s" .Values.database.tls.caKey) }}{{ end -}}
{{- if .Values.truststore.configMap }}{{ $_ := set $options "truststore-paths" "/etc/latchkey/truststore" }}{{ end -}}
{{- if .Values.realms.configMap }}{{ $_ := set $options "import-realm" "true" }}{{ $_ := set $options "import-dir" "/etc/latchkey/realms" }}{{ end -}}
{{- if .Values.themes }}{{ $_ := set $options "theme-dir" "/etc/latchkey/themes" }}{{ end -}}
{{- toYaml (mergeOverwrite $options (.Values.options | default dict)) -}}
{{- end -}}
