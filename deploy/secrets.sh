#!/usr/bin/env bash
# Creates the Secrets that the overlays refer to, in the cluster and nowhere else. Existing ones stay as they are, so it may be run again.
#
#   deploy/secrets.sh trial                     generates passwords
#   deploy/secrets.sh production                takes DATABASE (Npgsql), REDIS (StackExchange.Redis), and S3_ACCESS_KEY with S3_SECRET_KEY unless pods have a role;
#   deploy/secrets.sh trial|production --print  writes them to standard output instead: for a tool that seals them
#
# Each service that calls others gets a key of its own, and all get the public keys of all. OPERATOR_KEYS (public keys, one or two, with a comma in between) lists those of people who
# run the command line outside the cluster. deploy/rotate-key.sh replaces a key later.
set -euo pipefail
overlay=${1:-}
print=${2:-}
namespace=${NAMESPACE:-chat}

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '$d' >&2; exit 2; }
case "$overlay:$print" in trial: | production: | trial:--print | production:--print) ;; *) usage ;; esac
for tool in kubectl openssl; do command -v "$tool" > /dev/null || { echo "$tool is needed." >&2; exit 2; }; done
. "$(dirname "$0")/keys.sh"

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
  # The passwords belong together: regenerating only some of them would fit nothing.
  existing=$(kubectl --namespace "$namespace" get secrets --output name | grep -cE '^secret/(postgres|redis|dbman|realtime|session|chat|fileman)-secrets$' || true)
  all=5
  [ "$overlay" != trial ] || all=7
  if [ "$existing" -gt 0 ] && [ "$existing" -lt "$all" ]; then
    echo "Only $existing of $all Secrets are there. Delete them (and, in a trial, the data that is kept under the old passwords), or make the missing ones by hand." >&2
    exit 1
  fi
fi

realtime_key=$(private_key)
session_key=$(private_key)
chat_key=$(private_key)
fileman_key=$(private_key)
listed="realtime=$(public_of "$realtime_key");session=$(public_of "$session_key");chat=$(public_of "$chat_key");fileman=$(public_of "$fileman_key")${OPERATOR_KEYS:+;operator=$OPERATOR_KEYS}"
keys() { printf 'ConnectionStrings__service-key=%s\nConnectionStrings__service-keys=%s\n' "$1" "$listed"; }

if [ "$overlay" = trial ]; then
  superuser_password=$(made_up)
  database_password=$(made_up)
  redis_password=$(made_up)
  DATABASE="Host=postgres;Port=5432;Username=dbman;Password=$database_password;Database=dbman-db"
  nodes=$(for i in 0 1 2 3 4 5; do printf 'redis-%s.redis-nodes:6379,' "$i"; done)
  REDIS="${nodes}password=$redis_password"
  # dbman gets the second one alone: overlays/trial/dbman-role.sql makes its role.
  secret postgres-secrets << END
POSTGRES_PASSWORD=$superuser_password
DBMAN_PASSWORD=$database_password
END
  secret redis-secrets <<< "REDIS_PASSWORD=$redis_password"
fi
need DATABASE "Host=...;Port=5432;Username=...;Password=...;Database=...;SSL Mode=VerifyFull"
need REDIS "node-0:6379,node-1:6379,password=...,ssl=true"
if [ "$overlay" = production ]; then
  case "$DATABASE" in *"SSL Mode=VerifyFull"*) ;; *) echo "DATABASE has no SSL Mode=VerifyFull: anyone on the network path can read everything, or pose as the server." >&2 ;; esac
  case "$REDIS" in *ssl=true*) ;; *) echo "REDIS has no ssl=true: anyone on the network path can read every message." >&2 ;; esac
fi

# It calls nobody, so it has no key.
secret dbman-secrets << END
ConnectionStrings__service-keys=$listed
ConnectionStrings__dbman-db=$DATABASE
END
secret realtime-secrets << END
$(keys "$realtime_key")
ConnectionStrings__redis=$REDIS
END
# Only session gets the secret that encrypts the keys that sign users' tokens.
secret session-secrets << END
$(keys "$session_key")
ConnectionStrings__signing-key-protection=$(made_up)$(made_up)
END
secret chat-secrets <<< "$(keys "$chat_key")"
{
  keys "$fileman_key"
  if [ -n "${S3_ACCESS_KEY:-}" ]; then
    need S3_SECRET_KEY "it belongs to S3_ACCESS_KEY"
    echo "Blobs__AccessKey=$S3_ACCESS_KEY"
    echo "Blobs__SecretKey=$S3_SECRET_KEY"
  fi
} | secret fileman-secrets
