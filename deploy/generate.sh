#!/usr/bin/env bash
# Regenerates deploy/k8s: publishes the AppHost's manifest, runs aspirate on it with the templates of deploy/aspirate, and checks the result.
# Needs the .NET SDK and aspirate, which it installs into deploy/.tools if it is not on the PATH. See docs/deploy.md.
set -euo pipefail
cd "$(dirname "$0")"
deploy=$(pwd)

version=$(sed -n '/"aspirate"/,/}/s/.*"version": "\([^"]*\)".*/\1/p' .config/dotnet-tools.json)
aspirate=$(command -v aspirate || true)
if [ -z "$aspirate" ]; then
  aspirate=$deploy/.tools/aspirate
  if [ ! -x "$aspirate" ] && ! dotnet tool install aspirate --version "$version" --tool-path .tools; then
    cat >&2 << HELP

aspirate $version is not on the PATH, and no package source serves it.
  With another source:  dotnet tool install aspirate --version $version --tool-path deploy/.tools --add-source <source>
  Without aspirate:     WRITE_K8S=1 dotnet run --project Tests -- -class Tests.Deploy.TreeTests
                        renders the same templates by the tests' model of aspirate.
HELP
    exit 2
  fi
fi

work=$(mktemp -d)
# Beside the AppHost: aspirate resolves projects from its working folder, the manifest from its own.
manifest=$deploy/../AppHost/aspire-manifest.json
trap 'rm -rf "$work" "$manifest"' EXIT

echo "== the AppHost's manifest"
dotnet run --project ../AppHost -- --publisher manifest --output-path "$manifest" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }

echo "== aspirate generate"
# Secrets are disabled because aspirate would keep them in a state file and write them when it applies; the templates leave them out of everything, and
# deploy/secrets.sh makes them. Registry, prefix, tag and the templates' folder are in AppHost/aspirate.json.
# It also checks for a newer version of itself first, and exits if that gets no answer: switched off here, in a separate data folder.
mkdir -p "$work/data/Aspirate"
echo 1 > "$work/data/Aspirate/updates-disabled"
(cd ../AppHost && XDG_DATA_HOME=$work/data "$aspirate" generate --non-interactive --aspire-manifest aspire-manifest.json --skip-build --image-pull-policy IfNotPresent --namespace chat \
  --disable-secrets --disable-state --include-dashboard=false --output-format kustomize --output-path "$work/k8s")

echo "== check"
# aspirate leaves references that it cannot resolve as they are, and exits with 0.
if grep -rnE '\{\{|\{[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+\}|\.bindings\.|ConnectionStrings__|_PASSWORD=' "$work/k8s"; then
  echo "The lines above hold a reference that was not resolved, or a secret." >&2
  exit 1
fi
if command -v kubectl > /dev/null; then
  kubectl kustomize "$work/k8s" > /dev/null
else
  echo "(kubectl is not installed: the tests check that the tree renders)"
fi
rm -rf k8s
cp -r "$work/k8s" k8s
git status --short -- k8s 2> /dev/null || true
