#!/bin/bash
# Makes a Kubernetes 1.20 for one node out of nothing but Debian bookworm, once, and prints the folder that holds it:
#   bin/     kubelet, kube-apiserver, kube-controller-manager, built from Debian's source package "kubernetes"
#   deb/     etcd, containerd, runc and kubectl: unpacked, not installed, so no daemon starts and nothing is replaced
#   images/  pause and busybox as container images
# build.sh [kube-scheduler]: what is named is built as well. 4 to 6 minutes on two cores, then 0.3 s.
# Needs what "bin/setup.sh kube" installs. Progress goes to stderr.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=/dev/null
. ../debian/debian.sh

release=bookworm
arch=$(dpkg --print-architecture)
debs=(etcd-server containerd runc kubernetes-client busybox-static)
build_debs=(golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev)
binaries=(kubelet kube-apiserver kube-controller-manager "$@")
cache=${CEPHFLEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cephflex}
days_unused=30

say() { echo "[$(date +%T)] $*" >&2; }
die() {
  echo "test/lab/kube/build.sh: $*" >&2
  exit 1
}

# A changed script or a new version of a package (as far as this machine's lists tell) makes a new folder.
key() {
  {
    cat build.sh images.sh
    LC_ALL=C apt-cache policy "${debs[@]}" | sed -n 's/^  Candidate: //p'
  } | sha256sum | cut -c1-16
}

unpack() { # INTO PACKAGE...
  local into=$1
  shift
  say "fetching $*"
  mkdir -p "$work/dl"
  (cd "$work/dl" && apt_in "$work" $release "$arch" download "$@") || die "these packages could not be fetched: $*"
  unpack_debs "$into" "$work"/dl/*.deb
  rm -rf "$work/dl"
}

fetch_source() {
  local state=$work/apt-$release-$arch
  say 'fetching the source package kubernetes'
  sed -i 'p; s/^deb /deb-src /' "$state/sources.list"
  mkdir -p "$work/src" "$tree"
  apt_raw "$state" "$arch" update
  (cd "$work/src" && apt_raw "$state" "$arch" source --download-only kubernetes) || die 'it could not be fetched'
  tar xzf "$work"/src/kubernetes_*.orig.tar.gz -C "$tree" --strip-components=1
}

patch_source() {
  local theirs=$tree/vendor/github.com/modern-go/reflect2
  # reflect2 1.0.1 corrupts memory with Go 1.18 and newer (reflect.mapiterinit got a third argument)
  rm -f "$theirs"/*.go "$theirs"/*.s
  cp "$work"/tools/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$theirs/"
  # A deleted pod leaves the API only when its dead sandbox is gone, often by this loop: 1 min -> 5 s. Not of volumes.
  sed -i 's/^\tContainerGCPeriod = time.Minute$/\tContainerGCPeriod = 5 * time.Second/' "$tree/pkg/kubelet/kubelet.go"
  grep -q 'ContainerGCPeriod = 5 ' "$tree/pkg/kubelet/kubelet.go" || die 'kubelet.go is not as expected'
}

# Go 1.19 does not build 1.20 in module mode: a GOPATH layout does. openapi-gen asks for GOROOT.
in_tree() {
  (cd "$tree" && env GOROOT="$goroot" GOPATH="$work/gopath" GOCACHE="$work/gocache" GO111MODULE=off GOFLAGS= \
    GOPROXY=off CGO_ENABLED=0 nice -n 5 "$@")
}

compile() { # OUTPUT PACKAGE [TAGS]
  local begin=$SECONDS module flags='-s -w'
  for module in component-base/version client-go/pkg/version; do
    module=k8s.io/kubernetes/vendor/k8s.io/$module
    flags+=" -X $module.gitVersion=v1.20.2 -X $module.gitMajor=1 -X $module.gitMinor=20 -X $module.gitTreeState=archive"
  done
  in_tree "$goroot/bin/go" build -trimpath -tags "${3-}" -ldflags "$flags" -o "$1.new" "$2" >&2
  mv "$1.new" "$1"
  say "$(basename "$1"): $((SECONDS - begin)) s"
}

# The one generated file that the source package leaves out; the API server needs it.
generate_openapi() {
  local directories
  compile "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  directories=$(cd "$tree" && { find cmd pkg plugin -name '*.go' && find vendor/k8s.io/*/ -name '*.go' \
    -not -path 'vendor/k8s.io/code-generator/*' -not -path 'vendor/k8s.io/sample-apiserver/*'; } |
    xargs grep -l '+k8s:openapi-gen=' | xargs -n1 dirname | LC_ALL=C sort -u |
    sed 's,^,k8s.io/kubernetes/,' | paste -sd,)
  in_tree "$work/openapi-gen" -i "$directories" -O zz_generated.openapi -p k8s.io/kubernetes/pkg/generated/openapi \
    -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/violations" >"$work/openapi.log" 2>&1 ||
    { tail -n 5 "$work/openapi.log" >&2 && die 'openapi-gen failed'; }
}

build_binaries() {
  local name todo=()
  for name in "${binaries[@]}"; do [ -x "$home/bin/$name" ] || todo+=("$name"); done
  [ ${#todo[@]} != 0 ] || return 0
  say "building ${todo[*]} from source: some minutes"
  unpack "$work/tools" "${build_debs[@]}"
  goroot=$work/tools/usr/lib/go-1.19
  tree=$work/gopath/src/k8s.io/kubernetes
  fetch_source
  patch_source
  case ${todo[*]} in *kube-apiserver*) generate_openapi ;; esac
  mkdir -p "$home/bin"
  for name in "${todo[@]}"; do compile "$home/bin/$name" "./cmd/$name" providerless,dockerless; done
}

mkdir -p "$cache"
exec 9>"$cache/.kube.lock"
flock 9
home=$cache/kube-$(key)
work=$(mktemp -d "$cache/.kube-work-XXXXXX")
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
if [ ! -d "$home" ]; then
  unpack "$work/home/deb" "${debs[@]}"
  bash images.sh "$work/home/deb" "$work/home/images" >&2
  mv -T "$work/home" "$home"
fi
build_binaries
touch "$home"
find "$cache" -maxdepth 1 -name 'kube-*' -mtime +$days_unused -exec rm -rf {} +
echo "$home"
