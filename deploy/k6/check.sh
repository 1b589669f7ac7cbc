#!/usr/bin/env bash
# Checks the scripts against k6's types: Node 20 or later, and npm's registry. Not part of .ci/run, as nothing else in the product needs npm.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --ignore-scripts
npx --no-install tsc --noEmit
echo "deploy/k6: the scripts type-check."
