#!/bin/sh
# "npx pkg ." as a user of pkg runs it: with the base in pkg's own cache, and no other help. Such a binary has no code
# cache and starts slower, but must answer the same.
set -eu
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "FAILED npx pkg .: $*"
  exit 1
}

arch=$(node -p process.arch)
base=$(node -e 'import("./dist/bin/package/binary/bases.js").then(m => console.log(m.getBase("node", process.arch, "package-lock.json").program))')
version=$("$base" --version)
download=$work/.pkg-cache/sea/node-$version-linux-$arch
mkdir -p "$download/bin"
ln -s "$base" "$download/bin/node"
touch "$download.tar.gz" "$download.tar.gz.ok" "$download/bin/node.ok"

# pkg needs Node 22; npx would use that of the machine
node_bin=$(dirname "$base")
env -i HOME="$work" TMPDIR="$work" PATH="$node_bin:$PATH" node node_modules/@yao-pkg/pkg/lib-es5/bin.js . \
  --targets "node${version#v}-linux-$arch" --output "$work/cephflex" >"$work/log" 2>&1 || fail "$(cat "$work/log")"
if grep -i warning "$work/log"; then fail 'pkg warns'; fi

# to leave the node's own log and state alone
CEPHFLEX_CONFIG=$work/config.json
export CEPHFLEX_CONFIG
printf '{"runDirectory":"%s/run","logDirectory":"%s/log"}' "$work" "$work" >"$CEPHFLEX_CONFIG"

# same ARG...: the same output as dist, on stdout and stderr
same() {
  wanted=$(node dist/bin/cephflex.js "$@" 2>&1)
  got=$(cd / && "$work/cephflex" "$@" 2>&1) || fail "$*: exit $?, printed: $got"
  [ "$got" = "$wanted" ] || fail "$* printed: $got"
}
same init
same mount
same expandfs
for name in '' secret pod-inline static daemonset; do same manifests ${name:+"$name"}; done
same man
same install-script

mkdir "$work/cephflex~cephfs"
cp "$work/cephflex" "$work/cephflex~cephfs/cephfs"
got=$("$work/cephflex~cephfs/cephfs" frobnicate 2>&1)
[ "$got" = '{"status":"Not supported"}' ] || fail "where the kubelet finds it, it printed: $got"
echo "npx pkg . makes a binary that works"
