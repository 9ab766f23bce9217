#!/bin/sh
# install.sh: finds the cephflex binary for this node, verifies it, and runs: BINARY install OPTIONS
#
# Requires only a POSIX shell and coreutils (or busybox); with --root also chroot. It works from a release folder, from a
# checkout after "npm run package", and in a container that has the node's root mounted. Options: sh install.sh --help
set -eu
umask 022
LC_ALL=C
export LC_ALL

oldest_glibc=2.17 # Bun is built against it, Node.js against 2.28
root=''           # the node's root directory, if it is not /
binary=''
engine=''         # the JavaScript engine in the binary: bun or node; empty for the first that works
link=''           # a symbolic link to make to the binary that was chosen
verify=yes
must_be_listed=yes # empty with --binary: such a file may have no SHA256SUMS
help=''
exec=''           # yes: the rest of the arguments is a command

usage() {
  cat <<EOT
Usage: install.sh [options]              install the driver, or upgrade it in place
       install.sh --uninstall [options]  remove the driver
       install.sh --deps [--yes]         print the packages that a node needs; with --yes, install them
       install.sh --exec COMMAND...      do not install: run a command of the binary, such as "recover --watch"
It tries cephflex-linux-x64-bun and cephflex-linux-x64 (or -arm64...) next to itself, compares them with SHA256SUMS and
runs "BINARY install OPTIONS" of the first that works on this node.
The binary prints all options, but none was found here. Specify one: install.sh --binary FILE --help
EOT
}

note() { printf 'install.sh: note: %s\n' "$*" >&2; }
die() { printf 'install.sh: %s\n' "$*" >&2 && exit 1; }
usage_error() { printf 'install.sh: %s; see: install.sh --help\n' "$*" >&2 && exit 2; }

# Sets folder and name: of the binary with Node.js; that with Bun has -bun after it.
find_folder() {
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) name=cephflex-linux-x64 ;;
    aarch64 | arm64) name=cephflex-linux-arm64 ;;
    *) die "there is no binary for the processor '$machine', only for 64-bit x86_64 and aarch64:" \
      'build one and specify it with --binary' ;;
  esac
  here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
  for folder in "$here" "$here/dist/pkg"; do
    [ ! -f "$folder/$name" ] && [ ! -f "$folder/$name-bun" ] || return 0
  done
  [ -z "$help" ] || { usage && exit 0; }
  die "$name was not found in $here or $here/dist/pkg: copy it from the release, run \"npm run package\" in a" \
    'checkout, or specify a file with --binary. An installed driver has the same options:' \
    'DIR/cephflex~cephfs/cephfs install --help'
}

# The checksum of file $2 in SHA256SUMS file $1. Lines are "sum  name", "sum *name" or "sum  ./name".
listed_sum() {
  [ -r "$1" ] || return 0
  while read -r sum name; do
    case ${name#\*} in "$2" | "./$2") printf '%s\n' "$sum" ;; esac
  done <"$1"
}

verify_binary() {
  [ "$verify" ] || { note "$binary was not compared with SHA256SUMS (--no-verify)" && return 0; }
  command -v sha256sum >/dev/null 2>&1 || die 'sha256sum is missing: install coreutils or busybox'
  sum=$(sha256sum <"$binary") || die "cannot read $binary"
  sum=${sum%% *}
  sums=$(dirname -- "$binary")/SHA256SUMS
  file=$(basename -- "$binary")
  wanted=$(listed_sum "$sums" "$file")
  case $wanted in
    "$sum") ;;
    '')
      [ -z "$must_be_listed" ] || die "$sums does not list $file, so it cannot be verified:" \
        'copy the SHA256SUMS of the same release there, or use --no-verify'
      note "$binary was not verified: no SHA256SUMS lists it"
      ;;
    *) die "$binary is damaged or not the released file: its SHA-256 is $sum, $sums lists $wanted;" \
      'download it again. Nothing was changed' ;;
  esac
}

# Whether --root is a whole system, whose programs need its own libraries.
own_root() { [ "$root" ] && { [ -x "$root/bin/sh" ] || [ -L "$root/bin/sh" ]; }; }

on_node() { if own_root; then chroot "$root" "$@"; else "$@"; fi; }

# Runs the binary with $1 on the node and sets message to what it printed.
# In a container only the node's libraries fit: the binary is kept open and started in the node's root through /proc.
works() {
  [ -x "$binary" ] || chmod +x "$binary" || die "$binary is not executable: run chmod +x $binary"
  if own_root && [ -e "$root/proc/self/exe" ]; then
    message=$(chroot "$root" /proc/self/fd/9 "$1" 9<"$binary" 2>&1 </dev/null)
  else
    message=$("$binary" "$1" 2>&1 </dev/null)
  fi
}

# Sets binary to the first that works on this node. Bun starts faster and needs an older glibc; Node.js works with pages
# of 64K.
choose_binary() {
  tried=''
  for each in ${engine:-bun node}; do
    case $each in bun) binary=$folder/$name-bun ;; *) binary=$folder/$name ;; esac
    [ -f "$binary" ] || { tried="$tried; $binary was not found" && continue; }
    verify_binary
    if works self-test; then
      [ -z "$tried" ] || [ -n "${tried%%*: *}" ] || note "the binary with $each was chosen$tried"
      tried=${tried#; }
      return 0
    fi
    tried="$tried; $(basename -- "$binary"): $(reason)"
  done
  explain_libc
  die "no binary works on this node (kernel $(uname -r), glibc ${version:-unknown}," \
    "pages of $(on_node getconf PAGESIZE 2>/dev/null || echo unknown) bytes)$tried. Nothing was changed"
}

# The line of a message that says most: a crash of Bun prints many.
reason() {
  line=$(printf '%s\n' "$message" | grep -m 1 '^panic') || :
  [ "$line" ] || line=$(printf '%s\n' "$message" | head -n 1)
  printf '%s' "${line:-it printed nothing}"
}

# Explains why no binary can start here, if that can be detected.
explain_libc() {
  [ "$(on_node getconf LONG_BIT 2>/dev/null)" != 32 ] ||
    die "this node runs 32-bit programs, the driver is a 64-bit program: use a 64-bit node image. Nothing was changed"
  libc=$(on_node getconf GNU_LIBC_VERSION 2>/dev/null) || libc=$(on_node ldd --version 2>&1) || :
  version=$(printf '%s\n' "$libc" | sed -n '1s/^.* \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p')
  for loader in "$root"/lib/ld-musl-*; do
    [ "$version" ] || [ ! -e "$loader" ] || libc=musl
  done
  case $libc in
    *musl*) die "this node's C library is musl, the driver requires glibc $oldest_glibc or newer:" \
      'use a node image with glibc (Debian, Ubuntu, RHEL and their derivatives), not Alpine' ;;
  esac
  [ -z "$version" ] || [ "${version%%.*}" -gt "${oldest_glibc%%.*}" ] ||
    { [ "${version%%.*}" -eq "${oldest_glibc%%.*}" ] && [ "${version#*.}" -ge "${oldest_glibc#*.}" ]; } ||
    die "this node's glibc is $version, the driver requires $oldest_glibc or newer (Debian 8, Ubuntu 14.04, RHEL 7):" \
      'upgrade the node. Nothing was changed'
}

# Runs a command of the binary; with --root /proc/PID/root in the namespaces of that process, so that its mounts, and the
# clients that it starts, are those of the node. The control groups of a container stay.
run_command() {
  [ "$root" ] || exec "$binary" "$@"
  process=${root#/proc/} process=${process%/root}
  case $root in /proc/"$process"/root) ;; *) process='' ;; esac
  case $process in '' | *[!0-9]*) usage_error "--exec requires --root /proc/PID/root, not '$root'" ;; esac
  exec 9<"$binary"
  # the node's nsenter also enters the namespace of control groups, which not every runtime shares with a container
  # shellcheck disable=SC2016 # for the shell of the node
  exec nsenter -t "$process" -m -u -i -n /bin/sh -c '
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    if nsenter --target "$0" --cgroup -- true 2>/dev/null; then exec nsenter --target "$0" --cgroup -- "$@"; fi
    exec "$@"' "$process" /proc/self/fd/9 "$@"
}

# This script removes its own options from the arguments; the binary checks the others.
left=$#
while [ "$left" -gt 0 ]; do
  argument=$1
  shift && left=$((left - 1))
  case $argument in
    --root=* | --binary=* | --engine=* | --link=*) value=${argument#*=} ;;
    --root | --binary | --engine | --link | --plugin-dir | --vendor | --driver)
      [ "$left" -gt 0 ] || usage_error "$argument requires a value"
      value=$1
      shift && left=$((left - 1))
      ;;
    --no-verify) verify='' && continue ;;
    --exec) exec=yes && break ;;
    -h | --help) help=yes && set -- "$@" "$argument" && continue ;;
    *) set -- "$@" "$argument" && continue ;;
  esac
  case ${argument%%=*}=$value in
    --root=/*) root=$value ;;
    --root=?*) usage_error "--root must be an absolute path, not '$value'" ;;
    --binary=?*) binary=$value must_be_listed='' ;;
    --engine=bun | --engine=node) engine=$value && set -- "$@" "--engine=$value" ;;
    --engine=*) usage_error "--engine must be bun or node, not '$value'" ;;
    --link=/*) link=$value ;;
    --link=?*) usage_error "--link must be an absolute path, not '$value'" ;;
    --root= | --binary= | --link=) usage_error "${argument%%=*} requires a non-empty value" ;;
    *) set -- "$@" "$argument" "$value" ;;
  esac
done
if [ "$exec" ]; then # only the command, without what was before it
  turns=$left
  while [ "$turns" -gt 0 ]; do set -- "$@" "$1" && shift && turns=$((turns - 1)); done
  shift $(($# - left))
fi
[ -d "${root:-/}" ] || die "--root $root is not a directory: mount the node's root directory there"
while [ "$root" != "${root%/}" ]; do root=${root%/}; done

if [ "$binary" ]; then
  [ -f "$binary" ] || die "--binary $binary is not a file"
  case $binary in /*) ;; *) binary=$PWD/$binary ;; esac
  verify_binary
  # it may be of another release
  works --version || { explain_libc && die "$binary does not start on this node: $message. Check that it is built for" \
    'this processor, and that its file system is not mounted noexec'; }
else
  find_folder
  choose_binary
  [ "$engine$exec" ] || set -- "$@" "--tried=$tried" # doctor shows it
fi
[ -z "$exec" ] || run_command "$@"
case " $* " in *' --dry-run '*) link='' ;; esac
[ -z "$link" ] || ln -sfn "$binary" "$link" || die "cannot make the link $link"
if own_root && [ -e "$root/proc/self/exe" ]; then
  exec 9<"$binary"
  set -- chroot "$root" /proc/self/fd/9 install "$@"
else
  set -- "$binary" install ${root:+--root "$root"} "$@"
fi
exec "$@"
