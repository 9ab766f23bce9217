#!/bin/bash
# A typical FlexVolume driver: bash, with one jq for each field. The bench compares with it.
RUN=${SHELL_DRIVER_RUN:-/run/shell-driver}

ismounted() {
  local found
  found=$(findmnt -n "$1" 2>/dev/null | cut -d' ' -f1)
  [ "$found" = "$1" ]
}

fail() {
  printf '{"status": "Failure", "message": "%s"}\n' "$1"
  exit 1
}

# do_mount TARGET MONITORS PATH USER KEY RW
do_mount() {
  local target=$1 keyring flags=()
  mkdir -p "$RUN" "$target"
  keyring=$(mktemp "$RUN/keyring.XXXXXX")
  printf '[client.%s]\n\tkey = %s\n' "$4" "$5" >"$keyring"
  [ "$6" = ro ] && flags=(-o ro)
  if ! ceph-fuse "$target" -m "$2" -n "client.$4" -k "$keyring" -r "$3" "${flags[@]}" >/dev/null 2>&1; then
    rm -f "$keyring"
    fail "ceph-fuse failed on $target"
  fi
  rm -f "$keyring"
  ismounted "$target" || fail "$target is not mounted"
  printf '{"status": "Success"}\n'
}

do_unmount() {
  if ismounted "$1"; then
    umount "$1" >/dev/null 2>&1 || fail "umount failed on $1"
  fi
  printf '{"status": "Success"}\n'
}

case ${1:-} in
  init) printf '{"status": "Success", "capabilities": {"attach": false}}\n' ;;
  mount)
    monitors=$(echo "$3" | jq -r '.monitors')
    path=$(echo "$3" | jq -r '.path // "/"')
    user=$(echo "$3" | jq -r '.user // "admin"')
    key=$(echo "$3" | jq -r '.["kubernetes.io/secret/key"]' | base64 -d)
    rw=$(echo "$3" | jq -r '.["kubernetes.io/readwrite"]')
    do_mount "$2" "$monitors" "$path" "$user" "$key" "$rw"
    ;;
  unmount) do_unmount "$2" ;;
  *) printf '{"status": "Not supported"}\n' ;;
esac
