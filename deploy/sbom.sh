#!/usr/bin/env bash
# Lists the packages of each service, as CycloneDX: packages with versions, licences and hashes, and which one brings which.
#
#   deploy/sbom.sh /tmp/sbom                 chat.cdx.json, dbman.cdx.json ...
#   SERVICES="Chat Dbman" deploy/sbom.sh ... of these projects alone
set -euo pipefail
folder=${1:-}
[ -n "$folder" ] || { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '$d' >&2; exit 2; }
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")/.."
version=$(sed -n 's/.*<VersionPrefix>\(.*\)<.*/\1/p' Directory.Build.props)
dotnet tool restore > /dev/null
for project in ${SERVICES:-Chat Dbman Fileman Layouts Session}; do
  service=$(dotnet msbuild "$project" -nologo -getProperty:ContainerRepository)
  # From the lock file: a list of other packages than the image's would be worse than none.
  dotnet restore "$project" --locked-mode --nologo --verbosity quiet
  dotnet CycloneDX "$project/$project.csproj" --disable-package-restore --exclude-dev --set-name "$service" --set-version "$version" \
    --output "$folder" --filename "$service.cdx.json" --output-format Json > "$folder/$service.log" || { cat "$folder/$service.log" >&2; exit 1; }
  rm "$folder/$service.log"
done
