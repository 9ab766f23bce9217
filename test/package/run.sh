#!/bin/sh
# npm run test:package [-- TAP-OPTION...]: the binaries of dist/pkg: their output, including that of arm64 under qemu-user,
# and then the real-cluster tests with the packaged driver instead of dist. With --save=FILE, and failed files in it: only
# the tests.
set -eu
cd "$(dirname "$0")/../.."

is_again=
for word in "$@"; do
  case $word in --save=*) [ ! -s "${word#--save=}" ] || is_again=yes ;; esac
done

# output: what the binaries and the benchmark print
output() {
  work=$(mktemp -d)
  smoke=
  end() {
    [ -z "$smoke" ] || kill "$smoke" 2>/dev/null || true
    rm -f "$work/smoke.log"
    find "$work" -depth -type d -exec rmdir {} +
  }
  trap end EXIT
  # beside the rest: most of it waits for one start after the other
  sh test/package/smoke.sh >"$work/smoke.log" 2>&1 &
  smoke=$!
  sh test/package/plain.sh

  # installed where a kubelet finds it: started that way, it prints only JSON
  mkdir "$work/node"
  sh install.sh --root "$work/node" --plugin-dir /plugins >/dev/null
  installed="$work/node/plugins/cephflex~cephfs/cephfs"
  [ "$("$installed" frobnicate 2>&1)" = '{"status":"Not supported"}' ] || { echo "FAILED: $installed does not print only JSON"; exit 1; }
  sh install.sh --root "$work/node" --plugin-dir /plugins --uninstall --purge >/dev/null
  [ ! -e "$installed" ] || { echo "FAILED: $installed still exists"; exit 1; }
  echo 'install.sh installs and removes the binary'

  # the bench still runs; its numbers are for people
  node dist/test/bench/main.js --runs 1

  code=0
  wait "$smoke" || code=$?
  smoke=
  cat "$work/smoke.log"
  [ "$code" = 0 ] || exit "$code"
}

if [ -z "$is_again" ]; then output; fi

# files NAME...: the test files of driver calls
files() { printf 'dist/test/cluster/mount/%s.test.js\n' "$@"; }
binary=$PWD/dist/pkg/cephflex-linux-$(node -p process.arch)
# shellcheck disable=SC2046 # a list of files
CEPHFLEX_DRIVER=$binary-bun npx tap --disable-coverage --allow-empty-coverage "$@" \
  $(files mount failures lifecycle interrupted secrets protocol environment)
# npm test has run the others with this engine
# shellcheck disable=SC2046
CEPHFLEX_DRIVER=$binary npx tap --disable-coverage --allow-empty-coverage "$@" \
  $(files mount interrupted secrets protocol environment) dist/test/package/*.suite.js
