#!/bin/sh
# Makes test/lab/release-0.1.0.mjs.gz: the program of release 0.1.0, the last one whose pods did not share a client, as
# one file that Node runs. Needs the network, since it installs what that release was built with.
set -eu
cd "$(dirname "$0")/../.."

commit=c8e7e95
fixture=$PWD/test/lab/release-0.1.0.mjs.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git archive "$commit" | tar -x -C "$work"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund
npx tsc
# one file: the imports of the driver that are made when they are needed are in it, too
npx esbuild dist/bin/cephflex.js --bundle --platform=node --target=node20 --format=esm --minify --legal-comments=none \
  --charset=ascii --define:CEPHFLEX_COMMIT="\"$commit\"" --outfile=release.mjs \
  --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
gzip -9 -n <release.mjs >"$fixture"
