#!/bin/bash
# The network of pods, in one file that needs no more than ip: a CNI plugin under two names, "loopback" (which containerd
# asks for) and "pods". A pod gets an address and reaches this machine, and nothing else: the API at 10.96.0.1, and Ceph
# clusters at 127.x.y.z other than 127.0.0.1, which is the pod's own. No packet is routed on or translated, and all of it
# goes with the pod. https://www.cni.dev/docs/spec
set -euo pipefail
addresses=${0%/*}/addresses

# A link with the id of the container holds an address: making one is atomic.
take_address() {
  local n
  for n in $(seq 2 254); do
    if ln -s "$CNI_CONTAINERID" "$addresses/10.244.0.$n" 2>/dev/null; then echo "10.244.0.$n" && return; fi
  done
  echo 'no address is left' >&2
  return 1
}

in_pod() { nsenter --net="$CNI_NETNS" "$@"; }

add_pod() {
  local address
  mkdir -p "$addresses"
  address=$(take_address)
  ip link add "$host_end" type veth peer name "$CNI_IFNAME" netns "$CNI_NETNS"
  # else 127.x.y.z is refused on any device but lo
  sysctl -qw "net.ipv4.conf.$host_end.route_localnet=1"
  in_pod sysctl -qw "net.ipv4.conf.$CNI_IFNAME.route_localnet=1"
  ip link set "$host_end" up
  ip route add "$address/32" dev "$host_end" src 10.96.0.1
  in_pod ip -batch - <<END
address add $address/32 dev $CNI_IFNAME
link set $CNI_IFNAME up
route add default dev $CNI_IFNAME
END
  cat <<END
{"cniVersion":"0.3.1","interfaces":[{"name":"$CNI_IFNAME","sandbox":"$CNI_NETNS"}],
 "ips":[{"version":"4","interface":0,"address":"$address/32"}]}
END
}

add_loopback() {
  in_pod ip link set lo up
  # instead of all of 127.0.0.0/8
  in_pod ip address add 127.0.0.1/32 dev lo
  in_pod ip address delete 127.0.0.1/8 dev lo
  echo '{"cniVersion":"0.3.1","interfaces":[{"name":"lo"}],"ips":[{"version":"4","interface":0,"address":"127.0.0.1/32"}]}'
}

host_end=pod${CNI_CONTAINERID:0:10}
case ${CNI_COMMAND:?}-${0##*/} in
  VERSION-*) echo '{"cniVersion":"0.3.1","supportedVersions":["0.3.1"]}' ;;
  ADD-loopback) add_loopback ;;
  ADD-pods) add_pod ;;
  DEL-pods)
    ip link delete "$host_end" 2>/dev/null || :
    find "$addresses" -lname "$CNI_CONTAINERID" -delete 2>/dev/null || :
    ;;
esac
