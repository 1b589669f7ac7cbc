#!/usr/bin/env bash
# Replaces the key of a service in a running cluster, without a refused call. Each step ends when all pods have it; docs/runbook.md says what to check in between.
#
#   deploy/rotate-key.sh chat begin            makes a key; every service accepts it beside the old one
#   deploy/rotate-key.sh chat switch           the service signs with it
#   deploy/rotate-key.sh chat end              no service accepts the old one
#   deploy/rotate-key.sh operator list KEY,KEY lists public keys of operators, whose private halves are in no cluster: one, two while one replaces the other, or "" for none
set -euo pipefail
cd "$(dirname "$0")"
. ./keys.sh
service=${1:-}
step=${2:-}
namespace=${NAMESPACE:-chat}
services="dbman realtime session chat fileman"
next=$service-next-key

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' rotate-key.sh | sed '$d' >&2; exit 2; }
fail() { echo "$*" >&2; exit 1; }
case "$service:$step:$#" in
  realtime:begin:2 | session:begin:2 | chat:begin:2 | fileman:begin:2) ;;
  realtime:switch:2 | session:switch:2 | chat:switch:2 | fileman:switch:2) ;;
  realtime:end:2 | session:end:2 | chat:end:2 | fileman:end:2) ;;
  operator:list:3) ;;
  *) usage ;;
esac

kube() { kubectl --namespace "$namespace" "$@"; }
value() { kube get secret "$1" --output "jsonpath={.data.$2}" | base64 --decode; }
# What is written is base64, names, and ";,=": nothing that JSON would have to escape.
write() { printf '{"stringData":{"%s":"%s"}}' "$2" "$3" | kube patch secret "$1" --type merge --patch-file /dev/stdin; }
restart() {
  for name in "$@"; do kube rollout restart "deployment/$name"; done
  for name in "$@"; do kube rollout status "deployment/$name" --timeout=10m; done
}
# The entries of all services but this one, and this one's with the keys of the argument.
list() {
  local entries=""
  for entry in $(value dbman-secrets ConnectionStrings__service-keys | tr ';' ' '); do
    [ "${entry%%=*}" = "$service" ] || entries="$entries;$entry"
  done
  [ -z "$1" ] || entries="$entries;$service=$1"
  # Services that accept the key first: one whose own key is not listed does not start.
  for name in $services; do write "$name-secrets" ConnectionStrings__service-keys "${entries#;}"; done
  restart $services
}
listed() { value dbman-secrets ConnectionStrings__service-keys | tr ';' '\n' | sed -n "s/^$service=//p"; }

case "$step" in
  begin)
    # A rotation that was begun and interrupted continues with the same key.
    if ! kube get secret "$next" > /dev/null 2>&1; then
      case "$(listed)" in *,*) fail "Two keys of $service are listed: another rotation is under way." ;; esac
      printf 'key=%s\n' "$(private_key)" | kube create secret generic "$next" --from-env-file=/dev/stdin
    fi
    list "$(public_of "$(value "$next" key)"),$(public_of "$(value "$service-secrets" ConnectionStrings__service-key)")"
    ;;
  switch)
    private=$(value "$next" key) || fail "There is no next key of $service: 'begin' first."
    case "$(listed)" in "$(public_of "$private")"*) ;; *) fail "The next key of $service is not listed yet: 'begin' first." ;; esac
    write "$service-secrets" ConnectionStrings__service-key "$private"
    restart "$service"
    ;;
  end)
    current=$(value "$service-secrets" ConnectionStrings__service-key)
    [ "$current" = "$(value "$next" key)" ] || fail "$service still signs with the old key: 'switch' first."
    list "$(public_of "$current")"
    kube delete secret "$next"
    ;;
  list)
    list "$3"
    ;;
esac
