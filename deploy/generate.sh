#!/usr/bin/env bash
# Writes deploy/k8s anew: publishes the AppHost's manifest, has aspirate generate from it with deploy/aspirate, and checks the outcome.
# Needs the .NET SDK and aspirate, which it installs beside itself (deploy/.tools) where it is not on the PATH. docs/deploy.md says more.
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
# Beside the AppHost: aspirate looks for projects from where it runs, and the manifest names them from where it lies.
manifest=$deploy/../AppHost/aspire-manifest.json
trap 'rm -rf "$work" "$manifest"' EXIT

echo "== the AppHost's manifest"
dotnet run --project ../AppHost -- --publisher manifest --output-path "$manifest" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }

echo "== aspirate generate"
# Secrets are disabled because aspirate would keep them in a state file and write them when it applies; the templates leave them out of everything, and
# deploy/secrets.sh makes them. Registry, prefix, tag and the templates' folder are in AppHost/aspirate.json.
# It also looks for a newer version of itself first, and ends where no answer comes: told not to, in a folder of its own.
mkdir -p "$work/data/Aspirate"
echo 1 > "$work/data/Aspirate/updates-disabled"
(cd ../AppHost && XDG_DATA_HOME=$work/data "$aspirate" generate --non-interactive --aspire-manifest aspire-manifest.json --skip-build --image-pull-policy IfNotPresent --namespace chat \
  --disable-secrets --disable-state --include-dashboard=false --output-format kustomize --output-path "$work/k8s")

echo "== check"
# What aspirate cannot resolve it leaves as it is, and ends well.
if grep -rnE '\{\{|\{[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+\}|\.bindings\.|ConnectionStrings__|_PASSWORD=' "$work/k8s"; then
  echo "The lines above hold a reference that was not resolved, or a secret." >&2
  exit 1
fi
if command -v kubectl > /dev/null; then
  kubectl kustomize "$work/k8s" > /dev/null
else
  echo "(kubectl is not installed: whether the tree renders is left to the tests)"
fi
rm -rf k8s
cp -r "$work/k8s" k8s
git status --short -- k8s 2> /dev/null || true
