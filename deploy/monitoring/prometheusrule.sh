#!/usr/bin/env bash
# The rules as a PrometheusRule for the Prometheus operator:  deploy/monitoring/prometheusrule.sh | kubectl apply --filename -
# An operator may select rules by label; LABELS adds some:  LABELS='release: kube-prometheus-stack' deploy/monitoring/prometheusrule.sh
set -euo pipefail
cd "$(dirname "$0")"
cat << HEAD
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: chat
  namespace: monitoring
  labels:
    app.kubernetes.io/part-of: chat
${LABELS:+    $LABELS
}spec:
  groups:
HEAD
# What follows "groups:" in each file, moved in.
for file in recording.rules.yaml alerts.rules.yaml; do
  sed -e '1,/^groups:/d' -e 's/^\(.\)/  \1/' "$file"
done
