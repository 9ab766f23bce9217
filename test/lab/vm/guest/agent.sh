#!/bin/bash
# Runs what the host asks for. A line from the host is "run ID" or "kill ID". Each script is a file that the host wrote,
# ID.sh; it runs in a process group of its own, with its output in ID.out and ID.err. The answer is a line: ID CODE MS.
# Scripts run side by side. Starting a program takes a tenth of a second of an emulated processor, so none is started.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TERM=dumb
# shared with the host
scripts=/run/host

# QEMU's user network connects to whatever address the guest names, 127.0.0.1 included: a guest that sends its
# loopback packets out of its network card talks to a cluster on the host whose addresses need no translation.
network() {
  local each dev
  ip link set lo up
  for each in /sys/class/net/*; do [ "${each##*/}" = lo ] || dev=${each##*/}; done
  ip link set "$dev" up
  ip addr add 10.0.2.15/24 dev "$dev"
  for each in all "$dev"; do
    echo 1 >"/proc/sys/net/ipv4/conf/$each/route_localnet"
    echo 0 >"/proc/sys/net/ipv4/conf/$each/rp_filter"
  done
  ip addr del 127.0.0.1/8 dev lo
  ip route add 127.0.0.0/8 via 10.0.2.2 dev "$dev" src 10.0.2.15
}

run() {
  local id=$1 begin=$EPOCHREALTIME rc
  set -m
  # shellcheck disable=SC1090 # what the host wrote
  (. "$scripts/$id.sh") >"$scripts/$id.out" 2>"$scripts/$id.err" </dev/null 3>&- &
  echo $! >"/run/agent/$id.group"
  wait $!
  rc=$?
  printf '%d %d %d\n' "$id" "$rc" "$((10#${EPOCHREALTIME/./} / 1000 - 10#${begin/./} / 1000))" >&3
}

network
# its number depends on the machine
ports=(/dev/vport*p1)
exec 3<>"${ports[0]}"
mkfifo /run/agent/never
exec 4<>/run/agent/never
while :; do
  # nothing is read while the host has not connected
  read -r verb id <&3 || { read -r -t 0.1 <&4; continue; }
  case $verb in
    run) run "$id" & ;;
    kill) read -r group <"/run/agent/$id.group" && kill -KILL -- "-$group" ;;
  esac
done
