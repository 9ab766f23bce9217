#!/bin/sh
# install.sh: puts the cephflex FlexVolume driver where this node's kubelet looks for it.
#
# A POSIX shell and coreutils (or busybox) are enough; flock and timeout are used if present, and chroot
# with --root.
# It works from a release folder, from a checkout after "npm run package", and in a container that has
# the node's root mounted (--root). Try: sh install.sh --help
#
# How it stays invisible until it is done: the kubelet watches its plugin directory and runs "init" for
# every event whose base name does not begin with a dot. So everything is written under a dot name in
# the same directory and renamed once; nothing else is ever kept there.

set -eu
umask 022
LC_ALL=C
export LC_ALL

vendor=cephflex
driver=cephfs
plugin_dir='' # as the node sees it, without $root
found_by=''
root=''
binary=''
checked_binary='' # "no" with --binary: it may come without SHA256SUMS
action=install
dry_run=''
force=''
purge=''
yes=''
verify=yes
temp='' # what cleanup removes: a dot file, or a dot directory with the driver in it
timeout='' # seconds for a run of the driver, where the command exists
kubelet_pid=''
kubelet_name=''

default_plugin_dir=/usr/libexec/kubernetes/kubelet-plugins/volume/exec
config_dir=/etc/cephflex
log_dir=/var/log/cephflex
state_dir=/run/cephflex/state
oldest_glibc=2.28 # what Node.js 20 to 24 are built against

# The one list of known plugin directories, for nodes whose kubelet does not run yet. The particular
# ones come first: the default also exists on nodes that do not use it (the Calico operator makes it).
# Sources: the kubelet's source (default), rook's FlexVolume page (AKS, OpenShift, Atomic, "other common
# paths"), kops' and k0s' source, RKE's and RKE2's kubelet arguments, the Kubernetes page on kubeadm
# with a read-only /usr. k3s and microk8s keep the kubelet's default unless their arguments say otherwise.
known_plugin_dirs() {
  cat <<EOF
/home/kubernetes/flexvolume GKE and kops on Container-Optimized OS
/etc/kubernetes/kubelet-plugins/volume/exec OpenShift 4
/etc/origin/kubelet-plugins/volume/exec OpenShift 3 on Atomic
/etc/kubernetes/volumeplugins AKS
/usr/libexec/k0s/kubelet-plugins/volume/exec k0s
/var/lib/kubelet/volumeplugins RKE, RKE2, Flatcar, Magnum, Typhoon
/var/lib/kubelet/volume-plugins rook's second suggestion for a read-only /usr
/opt/libexec/kubernetes/kubelet-plugins/volume/exec kubeadm on a read-only /usr
$default_plugin_dir kubeadm, k3s, microk8s, kubespray
EOF
}

usage() {
  cat <<EOF
Usage: install.sh [options]              install the driver, or upgrade it in place
       install.sh --uninstall [options]  remove it
       install.sh --deps [--yes]         print (install) the packages a node needs

Where
  --plugin-dir DIR  the kubelet's volume plugin directory. Without it, in this order: the running
                    kubelet's --volume-plugin-dir; volumePluginDir of its configuration; a known
                    directory that exists; $default_plugin_dir
  --vendor NAME     vendor part of the driver's name (default: cephflex)
  --driver NAME     driver part of the driver's name (default: cephfs); the file becomes
                    DIR/VENDOR~DRIVER/DRIVER, pods and Secrets say VENDOR/DRIVER
  --root DIR        the node's root directory, as a container has it mounted (for example /host)

What
  --binary FILE     install this file (default: cephflex-linux-x64 or -arm64 beside install.sh, else
                    in dist/pkg below it, by "uname -m")
  --no-verify       install without comparing the file with the SHA256SUMS beside it

Instead of installing
  --uninstall       remove the driver; refused while volumes of it are mounted
  --force           with --uninstall: remove it although volumes are mounted
  --purge           with --uninstall: remove $config_dir and $log_dir too
  --deps            print the packages this node needs (ceph-fuse, ceph-common)
  --yes             with --deps: install them

  --dry-run         say what would be done, change nothing
  -h, --help        this text

An install that is already there is left untouched; an upgrade is one rename, with the kubelet running
and volumes mounted. $config_dir/config.json is made only if absent; it names the directory of the kubelet
that runs (kubeletRoots), and the driver mounts nowhere else.
Exit status: 0 done, 1 refused or failed (stderr says why and what to do), 2 wrong usage.

Examples
  sh install.sh                                      this node
  sh install.sh --dry-run                            look first
  sh install.sh --plugin-dir /var/lib/kubelet/volumeplugins
                                                     read-only /usr (Flatcar, Container-Optimized OS);
                                                     the kubelet needs --volume-plugin-dir with the same
  sh install.sh --root /host                         in a DaemonSet's pod, the node's / at /host
  sh install.sh --vendor example.com --driver ceph   as example.com/ceph
  sh install.sh --deps --yes && sh install.sh        packages and driver
  sh install.sh --uninstall --purge                  remove everything
EOF
}

say() { printf '%s\n' "$*"; }
note() { printf 'install.sh: note: %s\n' "$*" >&2; }

die() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

usage_error() {
  printf 'install.sh: %s; see: install.sh --help\n' "$*" >&2
  exit 2
}

# act TEXT COMMAND...: says and does it; with --dry-run only says it.
act() {
  act_text=$1
  shift
  if [ "$dry_run" ]; then
    say "would $act_text"
  else
    say "$act_text"
    "$@"
  fi
}

have() { command -v "$1" >/dev/null 2>&1; }

# --- arguments ---------------------------------------------------------------------------------------

parse_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --*=*)
        option=${1%%=*}
        value=${1#*=}
        shift
        set -- "$option" "$value" "$@"
        ;;
    esac
    case $1 in
      --plugin-dir | --vendor | --driver | --root | --binary)
        [ $# -ge 2 ] || usage_error "$1 needs a value"
        [ "$2" ] || usage_error "$1 needs a value that is not empty"
        set_value "$1" "$2"
        shift 2
        ;;
      *)
        set_switch "$1"
        shift
        ;;
    esac
  done
  check_arguments
}

set_value() {
  case $1 in
    --plugin-dir) plugin_dir=$2 ;;
    --vendor) vendor=$2 ;;
    --driver) driver=$2 ;;
    --root) root=$2 ;;
    --binary) binary=$2 checked_binary=no ;;
  esac
}

set_switch() {
  case $1 in
    --no-verify) verify='' ;;
    --uninstall) set_action uninstall ;;
    --deps) set_action deps ;;
    --force) force=yes ;;
    --purge) purge=yes ;;
    --yes) yes=yes ;;
    --dry-run) dry_run=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*) usage_error "unknown option $1" ;;
    *) usage_error "unexpected argument $1" ;;
  esac
}

set_action() {
  [ "$action" = install ] || [ "$action" = "$1" ] || usage_error '--uninstall and --deps exclude each other'
  action=$1
}

check_arguments() {
  check_name --vendor "$vendor"
  check_name --driver "$driver"
  [ -z "$force$purge" ] || [ "$action" = uninstall ] || usage_error '--force and --purge go with --uninstall'
  [ -z "$yes" ] || [ "$action" = deps ] || usage_error '--yes goes with --deps'
  case ${root:-/} in
    /*) ;;
    *) usage_error "--root must be an absolute path, not $root" ;;
  esac
  [ -d "${root:-/}" ] || die "--root $root is not a directory: mount the node's root directory there"
  while [ "$root" != "${root%/}" ]; do root=${root%/}; done
  proc=${CEPHFLEX_PROC:-$root/proc} # the variable is for the tests
}

check_name() {
  case $2 in
    .* | -* | _* | *[!A-Za-z0-9._-]*)
      usage_error "$1 '$2' is not a name: letters, digits, '.', '_' and '-', a letter or digit first"
      ;;
  esac
}

# --- the kubelet's plugin directory ------------------------------------------------------------------

find_plugin_dir() {
  if [ "$plugin_dir" ]; then
    found_by='--plugin-dir'
  elif ! from_kubelet && ! from_known_dirs; then
    plugin_dir=$default_plugin_dir
    found_by="the kubelet's default"
  fi
  case $plugin_dir in
    /*) ;;
    *) die "the plugin directory '$plugin_dir' ($found_by) is not an absolute path:" \
      'name one with --plugin-dir' ;;
  esac
  while [ "$plugin_dir" != "${plugin_dir%/}" ]; do plugin_dir=${plugin_dir%/}; done
  [ "$plugin_dir" ] || die "the plugin directory cannot be / ($found_by): name one with --plugin-dir"
  name_paths
}

name_paths() {
  driver_dir=$plugin_dir/$vendor~$driver
  target=$driver_dir/$driver
}

# Sets plugin_dir from the running kubelet. One that runs and names no directory uses the default.
from_kubelet() {
  find_kubelet || return 1
  plugin_dir=$(kubelet_words | flag_value volume-plugin-dir)
  found_by="--volume-plugin-dir of the running kubelet, process $kubelet_pid"
  [ -z "$plugin_dir" ] || return 0
  plugin_dir=$(kubelet_config_files | while read -r file; do volume_plugin_dir_in "$file"; done | tail -n 1)
  found_by="volumePluginDir in the configuration of the running kubelet, process $kubelet_pid"
  [ -z "$plugin_dir" ] || return 0
  config=$(kubelet_words | flag_value config)
  if [ "$config" ] && ! kubelet_file "$config" >/dev/null; then
    note "cannot read $config, the configuration of the running kubelet (process $kubelet_pid)"
    return 1
  fi
  plugin_dir=$default_plugin_dir
  found_by="the default; the running kubelet, process $kubelet_pid, names no other"
}

# comm is compared first: one read each, no program started for hundreds of processes.
find_kubelet() {
  for directory in "$proc"/[0-9]*; do
    kubelet_name=''
    { read -r kubelet_name <"$directory/comm"; } 2>/dev/null || continue
    kubelet_pid=${directory##*/}
    case $kubelet_name in
      kubelet | kubelite | k3s | k3s-server | k3s-agent) ;;
      hyperkube) kubelet_arguments | grep -qx kubelet || continue ;;
      *) continue ;;
    esac
    [ -z "$(kubelet_arguments)" ] || return 0
  done
  kubelet_pid=''
  return 1
}

kubelet_arguments() { tr '\0' '\n' 2>/dev/null <"$proc/$kubelet_pid/cmdline" || :; }

# The kubelet's own arguments, one a line, whatever program carries it.
kubelet_words() {
  case $kubelet_name in
    kubelite) microk8s_words ;;
    k3s*) k3s_words ;;
    *) kubelet_arguments ;;
  esac
}

microk8s_words() {
  words_file=$(kubelet_arguments | flag_value kubelet-args-file)
  words_file=$(kubelet_file "$words_file") || return 0
  # shellcheck disable=SC2016 # the dollar signs are the file's own
  sed -e '/^[[:space:]]*#/d' -e 's|${SNAP_COMMON}|/var/snap/microk8s/common|g' \
    -e 's|${SNAP_DATA}|/var/snap/microk8s/current|g' "$words_file"
}

# k3s takes "--kubelet-arg=NAME=VALUE" on its command line, and "NAME=VALUE" in its own configuration.
k3s_words() {
  say --config-dir=/var/lib/rancher/k3s/agent/etc/kubelet.conf.d
  for file in "$root"/etc/rancher/k3s/config.yaml "$root"/etc/rancher/k3s/config.yaml.d/*.yaml; do
    [ -r "$file" ] || continue
    for name in volume-plugin-dir config root-dir; do
      sed -n -e '/^[[:space:]]*#/d' \
        -e "s/.*[^[:alnum:]_-]\($name=[^]\"', ]*\).*/--\1/p" "$file"
    done
  done
  kubelet_arguments | sed -e '/^--kubelet-arg$/{' -e 'N' -e 's/\n/=/' -e '}' -e 's/^--kubelet-arg=/--/'
}

# flag_value NAME <words: the last --NAME=VALUE or --NAME VALUE.
flag_value() {
  sed -n -e "s/^--$1=//p" -e "/^--$1\$/{" -e 'n' -e 'p' -e '}' | tail -n 1
}

# kubelet_file FILE: where we can read what the kubelet, perhaps in a container, calls FILE.
kubelet_file() {
  case $1 in
    '') return 1 ;;
    /*) set -- "$proc/$kubelet_pid/root$1" "$root$1" ;;
    *) set -- "$proc/$kubelet_pid/cwd/$1" ;;
  esac
  for candidate in "$@"; do
    if [ -r "$candidate" ]; then
      say "$candidate"
      return 0
    fi
  done
  return 1
}

# The last one to name volumePluginDir wins, as in the kubelet.
kubelet_config_files() {
  kubelet_file "$(kubelet_words | flag_value config)" || :
  drop_ins=$(kubelet_file "$(kubelet_words | flag_value config-dir)") || return 0
  for file in "$drop_ins"/*.conf; do
    [ ! -r "$file" ] || say "$file"
  done
}

# YAML or JSON: the key, quoted or not, and its value on the same line.
volume_plugin_dir_in() {
  key="[[:space:]{,]\"\{0,1\}volumePluginDir\"\{0,1\}[[:space:]]*:[[:space:]]*"
  sed -n -e '/^[[:space:]]*#/d' -e 's/^/ /' \
    -e "s/.*${key}[\"']\{0,1\}\([^]\"',}#[:space:]]*\).*/\1/p" "$1"
}

from_known_dirs() {
  plugin_dir=''
  others=''
  while read -r directory who; do
    [ -d "$root$directory" ] || continue
    if [ -z "$plugin_dir" ]; then
      plugin_dir=$directory
      found_by="exists and is known: $who"
    else
      others="$others $directory"
    fi
  done <<EOF
$(known_plugin_dirs)
EOF
  [ "$plugin_dir" ] || return 1
  [ -z "$others" ] || note "no kubelet runs to ask; known directories exist besides $plugin_dir:$others" \
    "(choose with --plugin-dir)"
}

# --- the file to install -----------------------------------------------------------------------------

find_binary() {
  if [ "$binary" ]; then
    [ -f "$binary" ] || die "--binary $binary is not a file"
    return 0
  fi
  here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
  name=cephflex-linux-$(architecture) || exit 1
  for binary in "$here/$name" "$here/dist/pkg/$name"; do
    [ ! -f "$binary" ] || return 0
  done
  die "there is no $name in $here or $here/dist/pkg: take it from the release, run \"npm run package\"" \
    'in a checkout, or name a file with --binary'
}

architecture() {
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) say x64 ;;
    aarch64 | arm64) say arm64 ;;
    *) die "there is no binary for the processor '$machine', only for x86_64 and aarch64:" \
      'build one and name it with --binary' ;;
  esac
}

sum_of() {
  have sha256sum || die 'sha256sum is missing: install coreutils or busybox'
  sum_line=$(sha256sum <"$1") || die "cannot read $1"
  say "${sum_line%% *}"
}

# The line of SHA256SUMS that is for FILE: "sum  name", "sum *name", "sum  ./name".
listed_sum() {
  [ -r "$1" ] || return 0
  while read -r sum name; do
    case ${name#\*} in
      "$2" | "./$2") say "$sum" ;;
    esac
  done <"$1"
}

verify_binary() {
  binary_sum=$(sum_of "$binary") || exit 1
  if [ -z "$verify" ]; then
    note "$binary was not compared with SHA256SUMS (--no-verify)"
    return 0
  fi
  sums=$(dirname -- "$binary")/SHA256SUMS
  wanted=$(listed_sum "$sums" "$(basename -- "$binary")")
  case $wanted in
    "$binary_sum") ;;
    '')
      [ "$checked_binary" ] || die "$sums does not list $(basename -- "$binary"), so it cannot be verified:" \
        'copy the SHA256SUMS of the same release there, or use --no-verify'
      note "$binary is taken as it is: no SHA256SUMS lists it"
      ;;
    *) die "$binary is damaged or not the released file: its SHA-256 is $binary_sum, $sums says $wanted;" \
      'fetch it again. Nothing was changed' ;;
  esac
}

# --- the node ----------------------------------------------------------------------------------------

# Is --root a whole system, whose programs need its own libraries?
own_root() { [ "$root" ] && { [ -x "$root/bin/sh" ] || [ -L "$root/bin/sh" ]; }; }

on_node() {
  if own_root; then chroot "$root" "$@"; else "$@"; fi
}

# "2.36", "musl", or nothing if nobody knows.
libc_of_node() {
  text=$(on_node getconf GNU_LIBC_VERSION 2>/dev/null) || text=''
  case $text in
    'glibc '[0-9]*)
      say "${text#glibc }"
      return 0
      ;;
  esac
  text=$(on_node ldd --version 2>&1) || :
  case $text in
    *musl*) say musl ;;
    *GLIBC* | *'GNU libc'* | *'Free Software'*) say "$text" | sed -n '1s/.* //p' ;;
    *)
      set -- "$root"/lib/ld-musl-*
      [ ! -e "$1" ] || say musl
      ;;
  esac
}

# at_least VERSION WANTED, both MAJOR.MINOR and perhaps more
at_least() {
  has_minor=${1#*.}
  has_minor=${has_minor%%[!0-9]*}
  [ "${1%%.*}" -gt "${2%%.*}" ] || { [ "${1%%.*}" -eq "${2%%.*}" ] && [ "${has_minor:-0}" -ge "${2#*.}" ]; }
}

check_libc() {
  libc=$(libc_of_node)
  case $libc in
    musl) die "this node's C library is musl, the driver needs glibc $oldest_glibc or newer:" \
      'use a node image with glibc (Debian, Ubuntu, RHEL and their kin), not Alpine' ;;
    [0-9]*.[0-9]*)
      at_least "$libc" "$oldest_glibc" ||
        die "this node's glibc is $libc, the driver needs $oldest_glibc or newer (Debian 10, Ubuntu 18.10," \
          'RHEL 8): upgrade the node. Nothing was changed'
      ;;
    *) note "cannot tell this node's C library; running the driver will show whether it fits" ;;
  esac
}

# Old busybox has a timeout of its own syntax. Asked before lock: busybox leaves a watcher behind that
# would hold the lock for a second.
find_timeout() {
  if timeout 5 true 2>/dev/null; then timeout=60; fi
}

# run_driver FILE ARGUMENTS...: FILE as the node sees it. A hanging driver must not hang the install.
run_driver() {
  program=$1
  shift
  if own_root; then set -- chroot "$root" "$program" "$@"; else set -- "$root$program" "$@"; fi
  [ -z "$timeout" ] || set -- timeout "$timeout" "$@"
  "$@" </dev/null 9<&-
}

# The kubelet reads stdout and stderr as one JSON object, so anything besides it is a failure.
check_init() {
  status=0
  reply=$(run_driver "$1" init 2>&1) || status=$?
  case $status$(say "$reply" | tr -d ' \t') in
    0'{'*'"status":"Success"'*'}') return 0 ;;
  esac
  [ "$status" -ne 126 ] || reply="$reply (is $plugin_dir on a file system mounted noexec?)"
  [ "$status" -ne 124 ] || reply="$reply (no answer within 60 s)"
  die "$2; init ended with $status and said: ${reply:-nothing}"
}

# --- installing --------------------------------------------------------------------------------------

refuse_unwritable() {
  example=/var/lib/kubelet/volumeplugins
  [ "$plugin_dir" != "$example" ] || example=/etc/kubernetes/volumeplugins
  case $2 in
    *[Rr]ead-only*) die "$1 is read-only: choose another directory. Make $example, start the kubelet with" \
      "--volume-plugin-dir=$example, then run: install.sh --plugin-dir $example" ;;
    *denied* | *permitted*) die "$1 is not writable for this user ($2): run install.sh as root" ;;
    *) die "cannot write in $1 ($2): free or repair it, or choose another with --plugin-dir" ;;
  esac
}

# Before anything is made, and for --dry-run: the nearest directory that exists must be writable.
check_place() {
  place=$root$driver_dir
  while [ ! -e "$place" ]; do place=$(dirname -- "$place"); done
  [ -d "$place" ] || die "$place is not a directory: remove it, or choose another with --plugin-dir"
  [ ! -L "$root$driver_dir" ] ||
    die "$root$driver_dir is a symbolic link, which the kubelet passes over: remove it and run this again"
  [ ! -d "$root$target" ] || die "$root$target is a directory: remove it and run install.sh again"
  # Removing what is not there fails on a read-only file system in its own way, and changes nothing;
  # "test -w" of busybox says yes to root there.
  message=$(rmdir "$place/.$driver.install-none" 2>&1) || :
  case $message in *[Rr]ead-only*) refuse_unwritable "$place" "$message" ;; esac
  [ -w "$place" ] || refuse_unwritable "$place" 'Permission denied'
}

make_plugin_dir() {
  [ ! -d "$root$plugin_dir" ] || return 0
  act "make directory $root$plugin_dir" try_mkdir "$root$plugin_dir"
}

try_mkdir() { message=$(mkdir -p "$1" 2>&1) || refuse_unwritable "$1" "$message"; }

# One install at a time: another's half-made dot files would be swept. The lock lives as long as we do.
# Where flock is missing, only dot files older than any install takes are swept (is_left).
lock() {
  if [ "$dry_run" ] || ! have flock; then return 0; fi
  exec 9<"$root$plugin_dir"
  flock -n 9 || die "another install.sh works in $root$plugin_dir: run this again when it is done"
}

# What a killed install left behind.
sweep() {
  for leftover in "$root$driver_dir/.$driver.install-"?????? \
    "$root$plugin_dir/.$vendor~$driver.install-"??????; do
    if is_left "$leftover"; then
      act "remove $leftover, left by an interrupted install" remove_temp "$leftover"
    fi
  done
}

is_left() {
  [ -e "$1" ] || return 1
  have flock || [ "$(find "$1" -prune -mmin +10 2>/dev/null)" ]
}

remove_temp() {
  if [ -d "$1" ]; then
    rm -f "$1/$driver"
    rmdir "$1" || note "left $1, which is not empty"
  else
    rm -f "$1"
  fi
}

cleanup() {
  if [ "$temp" ] && [ -e "$temp" ]; then remove_temp "$temp"; fi
}

is_installed() {
  [ -f "$root$target" ] && [ -x "$root$target" ] && [ "$(sum_of "$root$target")" = "$binary_sum" ]
}

install_driver() {
  if is_installed; then
    say "$root$target is already this file: left as it is"
  elif [ -d "$root$driver_dir" ]; then
    act "write $root$target by one rename" replace_driver
  else
    act "make $root$driver_dir with $driver in it by one rename" place_directory
  fi
}

replace_driver() {
  temp=$(mktemp "$root$driver_dir/.$driver.install-XXXXXX" 2>&1) || refuse_temp "$root$driver_dir"
  fill "$temp"
  label "$temp" "$root$driver_dir"
  mv -f "$temp" "$root$target"
  temp=''
  flush "$root$driver_dir"
}

place_directory() {
  temp=$(mktemp -d "$root$plugin_dir/.$vendor~$driver.install-XXXXXX" 2>&1) || refuse_temp "$root$plugin_dir"
  chmod 0755 "$temp"
  fill "$temp/$driver"
  label "$temp" "$root$plugin_dir"
  flush "$temp"
  [ ! -e "$root$driver_dir" ] ||
    die "$root$driver_dir was made by another install.sh meanwhile: run this again"
  mv "$temp" "$root$driver_dir"
  temp=''
  flush "$root$plugin_dir"
}

refuse_temp() {
  message=$temp
  temp=''
  refuse_unwritable "$1" "$message"
}

# The copy is complete, on disk, executable and answers init before its name becomes visible.
fill() {
  cp "$binary" "$1" || die "cannot copy $binary to $1: free space there. The driver is as it was before"
  chmod 0755 "$1"
  flush "$1"
  [ "$(sum_of "$1")" = "$binary_sum" ] ||
    die "the copy $1 differs from $binary, which changed meanwhile: run install.sh again"
  check_init "${1#"$root"}" \
    "$binary does not work on this node and was not installed, the driver is as it was before"
}

# label FILE REFERENCE: where SELinux is on, FILE gets the type that the node's policy has for its place (it differs by
# distribution), or else that of the directory REFERENCE. What a container has written could carry the container's type,
# and the kubelet would get "permission denied". Under the dot name, since a new label is an event like any other.
label() {
  on_node selinuxenabled 2>/dev/null || return 0
  if own_root; then set -- "${1#"$root"}" "${2#"$root"}"; fi
  on_node restorecon -R "$1" >/dev/null 2>&1 || on_node chcon -R --reference "$2" "$1" >/dev/null 2>&1 ||
    note "SELinux is on, but neither restorecon nor chcon could label the driver; if the kubelet gets" \
      "\"permission denied\", run: restorecon -R $driver_dir"
}

flush() { sync "$1" 2>/dev/null || sync; }

make_config() {
  [ ! -e "$root$config_dir/config.json" ] || return 0
  act "make $root$config_dir/config.json" write_config ||
    note "could not make $root$config_dir/config.json; the driver works without it"
}

# Where the running kubelet keeps its pods: the driver then mounts nowhere else. Nothing if no kubelet runs.
kubelet_root() {
  [ "$kubelet_pid" ] || find_kubelet || return 0
  kubelet_root=$(kubelet_words | flag_value root-dir)
  case ${kubelet_root:=/var/lib/kubelet} in
    *[!A-Za-z0-9._/-]*) return 0 ;;
    /*) say "$kubelet_root" ;;
  esac
}

write_config() {
  mkdir -p "$root$config_dir" || return 1
  config_temp=$(mktemp "$root$config_dir/.config.json.XXXXXX") || return 1
  config_roots=$(kubelet_root)
  say "{${config_roots:+\"kubeletRoots\": [\"$config_roots\"]}}" >"$config_temp" &&
    chmod 0644 "$config_temp" &&
    mv "$config_temp" "$root$config_dir/config.json" && return 0
  rm -f "$config_temp"
  return 1
}

finish() {
  if [ "$dry_run" ]; then
    say "would run $root$target init"
    return 0
  fi
  check_init "$target" "$root$target is installed but does not answer"
  say "$root$target answers init"
  run_doctor
  say "done: pods name the driver $vendor/$driver (flexVolume.driver), and their Secrets have that as type"
}

run_doctor() {
  help=$(run_driver "$target" --help 2>/dev/null) || return 0
  say "$help" | grep -Eq '^[[:space:]]+doctor([[:space:]]|$)' || return 0
  run_driver "$target" doctor || note 'doctor found something to do, see above; the driver is installed'
}

install() {
  find_binary
  verify_binary
  check_libc
  find_plugin_dir
  say "plugin directory: $plugin_dir ($found_by)"
  check_place
  find_timeout
  make_plugin_dir
  lock
  sweep
  install_driver
  make_config
  finish
}

# --- uninstalling ------------------------------------------------------------------------------------

# With no kubelet to ask, the known directory that has the driver is meant.
find_installed() {
  asked=$plugin_dir
  find_plugin_dir
  if [ "$asked$kubelet_pid" ] || [ -e "$root$driver_dir" ]; then return 0; fi
  while read -r directory who; do
    if [ -e "$root$directory/$vendor~$driver" ]; then
      plugin_dir=$directory
      found_by="has the driver and is known: $who"
      name_paths
      return 0
    fi
  done <<EOF
$(known_plugin_dirs)
EOF
}

# Mount points of our volumes, and state files for those that no mount table here shows.
list_mounts() {
  for table in "$proc/self/mountinfo" "$proc/1/mountinfo" "$proc/${kubelet_pid:-self}/mountinfo"; do
    [ -r "$table" ] || continue
    while read -r _ _ _ _ point rest; do
      case $point in
        *"/volumes/$vendor~$driver/"*) ;;
        *) continue ;;
      esac
      case $rest in
        *' - ceph '* | *' - fuse.ceph-fuse '*) say "$point" ;;
      esac
    done <"$table"
  done | sort -u
  for file in "$root$state_dir"/*.json; do
    [ ! -e "$file" ] || say "$file"
  done
}

refuse_while_mounted() {
  [ "$kubelet_pid" ] || find_kubelet || :
  mounts=$(list_mounts)
  [ "$mounts" ] || return 0
  [ -z "$force" ] || {
    note 'volumes are still mounted; the kubelet cannot unmount them until the driver is installed again'
    return 0
  }
  die "$vendor/$driver still has volumes mounted: delete their pods (kubectl drain) and run this again, or" \
    "use --force:
$(say "$mounts" | sed -e 's/^/  /' -e 10q)"
}

remove_driver() {
  [ -d "$root$plugin_dir" ] || return 0
  lock
  sweep
  if [ -e "$root$target" ] || [ -L "$root$target" ]; then
    act "remove $root$target" rm -f "$root$target"
  else
    say "$root$target is not there: nothing to remove"
  fi
  if [ -d "$root$driver_dir" ]; then
    act "remove directory $root$driver_dir" try_rmdir "$root$driver_dir"
  fi
}

try_rmdir() { rmdir "$1" 2>/dev/null || note "left $1, which is not empty"; }

# only files directly in it: whatever else somebody put there stays, and is named
try_rm_files() { find "$1" -maxdepth 1 -type f -exec rm -f {} + || note "could not remove all files of $1"; }

purge_files() {
  for directory in "$root$config_dir" "$root$log_dir"; do
    [ -d "$directory" ] || continue
    act "remove the files of $directory" try_rm_files "$directory"
    act "remove directory $directory" try_rmdir "$directory"
  done
}

uninstall() {
  find_installed
  say "plugin directory: $plugin_dir ($found_by)"
  # without a driver there is nothing left that a volume could miss
  [ ! -e "$root$target" ] || refuse_while_mounted
  remove_driver
  [ -z "$purge" ] || purge_files
}

# --- the node's packages -----------------------------------------------------------------------------

os_release() {
  [ -r "$root/etc/os-release" ] || return 0
  sed -n -e "s/^$1=//p" "$root/etc/os-release" | tr -d "\"'" | tail -n 1
}

# Sets packages and the command that installs them. Debian has no ceph-fuse for arm64 (Ubuntu has).
choose_packages() {
  packages='ceph-fuse ceph-common'
  case " $(os_release ID) $(os_release ID_LIKE) " in
    *' ubuntu '*) installer='apt-get install -y' ;;
    *' debian '*)
      installer='apt-get install -y'
      case $(uname -m) in aarch64 | arm64) packages=ceph-common ;; esac
      ;;
    *' fedora '* | *' rhel '* | *' centos '*)
      installer='dnf install -y'
      [ -x "$root/usr/bin/dnf" ] || [ ! -x "$root/usr/bin/yum" ] || installer='yum install -y'
      ;;
    *' suse '* | *' opensuse '*) installer='zypper --non-interactive install' ;;
    *) die "install.sh does not know the packages of this system ($(os_release ID)): install what has" \
      'ceph-fuse or mount.ceph by its own means' ;;
  esac
}

# They come from the distribution or, on RHEL and its kin, from Ceph's repositories.
deps() {
  choose_packages
  say "packages: $packages"
  say "command: $installer $packages"
  [ "$yes" ] || return 0
  # shellcheck disable=SC2086 # lists of words
  act "run $installer $packages" on_node $installer $packages ||
    die "\"$installer $packages\" failed: refresh the package lists (apt-get update), or add Ceph's" \
      'repository (https://docs.ceph.com/en/latest/install/get-packages/)'
}

parse_arguments "$@"
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
"$action"
