#!/bin/sh
# packaged.sh PART...: makes these parts of dist/pkg ("binaries", "image", "deb", "rpm") unless they are newer than what they
# are made of, and compiles the tests.
set -eu
cd "$(dirname "$0")/../.."

made() {
  case $1 in
    binaries) set -- dist/pkg/cephflex-linux-x64 ;;
    image) set -- dist/pkg/*-oci.tar ;;
    deb | rpm) set -- dist/pkg/*."$1" ;;
  esac
  [ -e "$1" ] && [ -z "$(find src bin install.sh package.json package-lock.json -newer "$1" -print -quit)" ]
}

for part in "$@"; do
  if ! made "$part"; then
    npm run --silent package -- "$@"
    exit
  fi
done
npm run --silent build
