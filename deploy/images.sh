#!/usr/bin/env bash
# Builds the services' images, without a Dockerfile and without a container engine, each with its SBOM (deploy/sbom.sh) as /app/sbom.cdx.json.
# Arguments after the first go to every `dotnet publish`.
#
#   deploy/images.sh registry.example.org/team     pushes them (`docker login` or `podman login` before) and writes deploy/components/images/kustomization.yaml,
#                                                  which both overlays use: every image by its digest
#   deploy/images.sh --archive /tmp/images         writes an archive of each, named as the manifests name it: `kind load image-archive`, `ctr images import`, `docker load`
#
# BASE names the base image (mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled@sha256:...). Without it the tag of deploy/image.props is resolved once, for all
# images.
# SERVICES are the projects, all of them by default; OUTPUT is the file that is written.
set -euo pipefail
target=${1:-}
[ -n "$target" ] && shift || { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '$d' >&2; exit 2; }
folder=
if [ "$target" = --archive ]; then
  [ -n "${1:-}" ] || { echo "--archive needs a folder." >&2; exit 2; }
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
  shift
fi
cd "$(dirname "$0")/.."
output=${OUTPUT:-deploy/components/images/kustomization.yaml}
# As aspirate writes it into the manifests.
named=$(sed -n 's/.*"Registry": "\(.*\)".*/\1/p' AppHost/aspirate.json)/$(sed -n 's/.*"RepositoryPrefix": "\(.*\)".*/\1/p' AppHost/aspirate.json)
base=${BASE:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/kustomization.yaml" << HEAD
# Where the services' images are. Written by deploy/images.sh; both overlays use it.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
HEAD
for project in ${SERVICES:-Chat Dbman Fileman Layouts Session}; do
  service=$(dotnet msbuild "$project" -nologo -getProperty:ContainerRepository)
  if [ -n "$folder" ]; then
    # An archive has no separate registry: it is a part of the name.
    where=("-p:ContainerArchiveOutputPath=$folder/$service.tar" "-p:ContainerRepository=$named/$service")
  else
    where=("-p:ContainerRegistry=${target%%/*}" "-p:ContainerRepository=${target#*/}/$service")
    [ "${target#*/}" != "$target" ] || where=("-p:ContainerRegistry=$target" "-p:ContainerRepository=$service")
  fi
  echo "== $service${base:+ on $base}" >&2
  SERVICES=$project deploy/sbom.sh "$work/sbom" >&2
  dotnet publish "$project" -t:PublishContainer "-p:Sbom=$work/sbom/$service.cdx.json" "${where[@]}" "-p:PublishDir=$work/$service/" --nologo "$@" ${base:+"-p:ContainerBaseImage=$base"} \
    -getTargetResult:PublishContainer > "$work/result" || { cat "$work/result" >&2; exit 1; }

  # The outcome is JSON with the image's configuration as a text in it.
  said() { sed -e 's/\\u0022/"/g' -e 's/\\"/"/g' "$work/result" | grep -oE "\"$1\": ?\"[^\"]+" | head -n 1 | sed -E 's/.*: ?"//'; }
  digest=$(said ManifestDigest)
  [ -n "$base" ] || base=$(said org.opencontainers.image.base.name)@$(said org.opencontainers.image.base.digest)
  case "$digest" in sha256:*) ;; *) echo "dotnet publish named no digest:" >&2; cat "$work/result" >&2; exit 1 ;; esac
  printf '  - name: %s\n    newName: %s\n    digest: %s\n' "$named/$service" "$target/$service" "$digest" >> "$work/kustomization.yaml"
done
if [ -n "$folder" ]; then
  echo "Archives are in $folder." >&2
else
  cp "$work/kustomization.yaml" "$output"
  echo "$output names what was pushed." >&2
fi
