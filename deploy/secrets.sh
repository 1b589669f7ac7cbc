#!/usr/bin/env bash
# Makes the Secrets that the overlays refer to, in the cluster and nowhere else. What is there already stays as it is, so it may be run again.
#
#   deploy/secrets.sh trial                     passwords are made up
#   deploy/secrets.sh production                takes DATABASE (Npgsql), REDIS (StackExchange.Redis), and S3_ACCESS_KEY with S3_SECRET_KEY unless pods have a role;
#                                               SERVICE_CREDENTIAL is made up where it is not given; SERVICE_CREDENTIAL_PREVIOUS is accepted beside it while it is replaced
#   deploy/secrets.sh trial|production --print  writes them to standard output instead: for a tool that seals them
set -euo pipefail
overlay=${1:-}
print=${2:-}
namespace=${NAMESPACE:-chat}

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '$d' >&2; exit 2; }
case "$overlay:$print" in trial: | production: | trial:--print | production:--print) ;; *) usage ;; esac
command -v kubectl > /dev/null || { echo "kubectl is needed." >&2; exit 2; }

made_up() { head -c 36 /dev/urandom | base64 | tr -d '/+=\n'; }
need() { [ -n "${!1:-}" ] || { echo "$1 is not set: $2" >&2; exit 2; }; }

# Lines of KEY=VALUE on standard input: an argument would show in the list of processes.
secret() {
  if [ -z "$print" ]; then
    kubectl --namespace "$namespace" get secret "$1" > /dev/null 2>&1 && { cat > /dev/null; echo "secret/$1 is there"; return; }
    kubectl --namespace "$namespace" create secret generic "$1" --from-env-file=/dev/stdin
  else
    echo "---"
    kubectl --namespace "$namespace" create secret generic "$1" --from-env-file=/dev/stdin --dry-run=client --output yaml
  fi
}

if [ -z "$print" ]; then
  kubectl get namespace "$namespace" > /dev/null 2>&1 || kubectl create namespace "$namespace"
  # Passwords that belong together: half of them made anew would fit nowhere.
  existing=$(kubectl --namespace "$namespace" get secrets --output name | grep -cE '^secret/(postgres|redis|dbman|realtime|session|chat|fileman)-secrets$' || true)
  all=5
  [ "$overlay" != trial ] || all=7
  if [ "$existing" -gt 0 ] && [ "$existing" -lt "$all" ]; then
    echo "Only $existing of $all Secrets are there. Delete them (and, in a trial, the data that is kept under the old passwords), or make the missing ones by hand." >&2
    exit 1
  fi
fi

credential=${SERVICE_CREDENTIAL:-$(made_up)$(made_up)}
# What every service shows the others, and in a change what the others may still show.
credentials="ConnectionStrings__service-credential=$credential"
if [ -n "${SERVICE_CREDENTIAL_PREVIOUS:-}" ]; then
  need SERVICE_CREDENTIAL "it takes the place of SERVICE_CREDENTIAL_PREVIOUS"
  credentials="$credentials
ConnectionStrings__service-credential-previous=$SERVICE_CREDENTIAL_PREVIOUS"
fi
if [ "$overlay" = trial ]; then
  database_password=$(made_up)
  redis_password=$(made_up)
  DATABASE="Host=postgres;Port=5432;Username=postgres;Password=$database_password;Database=dbman-db"
  nodes=$(for i in 0 1 2 3 4 5; do printf 'redis-%s.redis-nodes:6379,' "$i"; done)
  REDIS="${nodes}password=$redis_password"
  secret postgres-secrets <<< "POSTGRES_PASSWORD=$database_password"
  secret redis-secrets <<< "REDIS_PASSWORD=$redis_password"
fi
need DATABASE "Host=...;Port=5432;Username=...;Password=...;Database=...;SSL Mode=VerifyFull"
need REDIS "node-0:6379,node-1:6379,password=...,ssl=true"

secret dbman-secrets << END
$credentials
ConnectionStrings__dbman-db=$DATABASE
END
secret realtime-secrets << END
$credentials
ConnectionStrings__redis=$REDIS
END
secret session-secrets <<< "$credentials"
secret chat-secrets <<< "$credentials"
{
  echo "$credentials"
  if [ -n "${S3_ACCESS_KEY:-}" ]; then
    need S3_SECRET_KEY "it belongs to S3_ACCESS_KEY"
    echo "Blobs__AccessKey=$S3_ACCESS_KEY"
    echo "Blobs__SecretKey=$S3_SECRET_KEY"
  fi
} | secret fileman-secrets
