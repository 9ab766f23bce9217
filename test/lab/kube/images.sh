#!/bin/bash
# Container images without a registry: images.sh DEB OUTPUT writes OUTPUT/pause.tar and OUTPUT/busybox.tar, in the
# format of "docker save", from the unpacked package busybox-static in DEB. Their names: localhost/cephflex/NAME:1
set -euo pipefail
deb=$1 output=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$output"

pack() { tar --owner=0 --group=0 --mtime=@0 --sort=name "$@"; }

image() { # NAME COMMAND-AS-JSON: of the folder work/NAME
  local name=$1 parts=$work/$1.parts layer config
  mkdir "$parts"
  pack -C "$work/$name" -cf "$parts/layer" .
  layer=$(sha256sum <"$parts/layer" | cut -d' ' -f1)
  mv "$parts/layer" "$parts/$layer.tar"
  cat >"$parts/config" <<JSON
{"architecture":"$(dpkg --print-architecture)","os":"linux","config":{"Env":["PATH=/bin:/sbin:/usr/bin"],"Cmd":$2},
 "rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},"history":[{"created_by":"images.sh"}]}
JSON
  config=$(sha256sum <"$parts/config" | cut -d' ' -f1)
  mv "$parts/config" "$parts/$config.json"
  echo "[{\"Config\":\"$config.json\",\"RepoTags\":[\"localhost/cephflex/$name:1\"],\"Layers\":[\"$layer.tar\"]}]" \
    >"$parts/manifest.json"
  pack -C "$parts" -cf "$output/$name.tar" "$layer.tar" "$config.json" manifest.json
}

# what holds a pod's namespaces: reaps, and ends when told to
mkdir "$work/pause"
gcc -O2 -static -s -o "$work/pause/pause" -x c - <<'C'
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>
static void end(int s) { (void)s; _exit(0); }
static void reap(int s) { (void)s; while (waitpid(-1, NULL, WNOHANG) > 0); }
int main(void) {
  struct sigaction child = { .sa_handler = reap, .sa_flags = SA_NOCLDSTOP };
  signal(SIGINT, end); signal(SIGTERM, end); sigaction(SIGCHLD, &child, NULL);
  for (;;) pause();
}
C
image pause '["/pause"]'

root=$work/busybox
mkdir -p "$root"/{bin,etc,proc,sys,dev,data,tmp}
chmod 1777 "$root/tmp"
cp "$deb/bin/busybox" "$root/bin/busybox"
for applet in $("$deb/bin/busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"
image busybox '["sh"]'
