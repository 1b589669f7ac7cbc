#!/usr/bin/env bash
# Writes Page/vendor and vendor.sha256 from the packages that npm serves: these versions, with these contents, and of their own dependencies only those listed here. Needs npm.
# "vendor.sh --check" compares instead. What is changed: the licence comes first, as it must go with every copy, and modules name each other by path, as the page has no import map.
set -euo pipefail
cd "$(dirname "$0")"

packages=(
  "linkify-it 6.1.0 LICENSE sha512-wJ/TwpSDTLepCrQoYWYIExIKg5Zchex2Nn5yk2mFnB+6PtdkHtyLx742md9csRjjOnGkKIS/RrbY7l8D6gT9Vw=="
  "uc.micro 3.0.0 LICENSE.txt sha512-U3PppEkleoTnIfi8BozMx3yju3qc/L6SwqWo2Sw+54PX+PX0q9I+r1Um5HCmqD7n9VDX5/v3vQH/AjA6deDdtw=="
)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/vendor"
for package in "${packages[@]}"; do
  read -r name version licence integrity <<< "$package"
  archive=$work/$(cd "$work" && npm pack --silent --ignore-scripts "$name@$version")
  found=sha512-$(openssl dgst -sha512 -binary "$archive" | base64 -w 0)
  [ "$found" = "$integrity" ] || { echo "$name@$version has other contents: $found" >&2; exit 1; }
  tar -xzf "$archive" -C "$work"
  {
    echo "/*! $name $version"
    echo
    cat "$work/package/$licence"
    echo "*/"
    sed -e 's|from "uc\.micro";|from "./uc.micro.js";|' -e '/^\/\/# sourceMappingURL=/d' "$work/package/build/index.mjs"
  } > "$work/vendor/$name.js"
  cp "$work/package/build/index.d.ts" "$work/vendor/$name.d.ts"
  rm -r "$work/package"
done

if [ "${1:-}" = --check ]; then
  diff -r "$work/vendor" Page/vendor
else
  rm -rf Page/vendor
  cp -r "$work/vendor" Page/vendor
  (cd Page/vendor && LC_ALL=C sha256sum -- *) > vendor.sha256
fi
