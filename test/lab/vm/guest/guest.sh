#!/bin/bash
# PID 1 of the VM, on the tree: network, then the agent; with `vm.init=systemd` the agent is a service of systemd.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TERM=dumb
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
mkdir -p /run/lock /var/tmp /run/agent /run/host
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none host /run/host
case $(cat /proc/cmdline) in
  *vm.init=systemd*) ;;
  *) exec bash /opt/guest/agent.sh ;;
esac
mkdir -p /run/systemd/system
cat >/run/systemd/system/vm.target <<'UNIT'
[Unit]
DefaultDependencies=no
Wants=agent.service systemd-journald.service
AllowIsolate=yes
UNIT
cat >/run/systemd/system/agent.service <<'UNIT'
[Unit]
DefaultDependencies=no
After=systemd-journald.socket
[Service]
ExecStart=/bin/bash /opt/guest/agent.sh
KillMode=process
UNIT
exec /lib/systemd/systemd --unit=vm.target --log-target=console --log-level=warning --show-status=false
