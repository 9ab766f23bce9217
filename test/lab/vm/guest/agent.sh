#!/bin/bash
# Runs what the host asks for. A line from the host: ID SECONDS SCRIPT, the script in base64; it runs in bash, in a
# session of its own, at most SECONDS. The answer is one line of JSON, texts in base64. Scripts run side by side.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TERM=dumb

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
  local id=$1 seconds=$2 script=$3 job=/run/agent/$1 begin=$EPOCHREALTIME rc
  base64 -d <<<"$script" >"$job.sh"
  timeout -k 1 "$seconds" setsid -w bash "$job.sh" >"$job.out" 2>"$job.err" </dev/null
  rc=$?
  (
    flock 9
    printf '{"id":%d,"code":%d,"ms":%d,"stdout":"%s","stderr":"%s"}\n' "$id" "$rc" \
      "$((10#${EPOCHREALTIME/./} / 1000 - 10#${begin/./} / 1000))" "$(base64 -w0 "$job.out")" "$(base64 -w0 "$job.err")" >&3
  ) 9>/run/agent/lock
  rm -f "$job".*
}

network
# its number depends on the machine
ports=(/dev/vport*p1)
exec 3<>"${ports[0]}"
while :; do
  # nothing is read while the host has not connected
  if read -r id seconds script <&3; then run "$id" "$seconds" "$script" & else sleep 0.1; fi
done
