#!/usr/bin/env bash
# The rules as the Prometheus operator takes them:  deploy/monitoring/prometheusrule.sh | kubectl apply --filename -
# It selects rules by label where it is told to; LABELS adds some:  LABELS='release: kube-prometheus-stack' deploy/monitoring/prometheusrule.sh
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
