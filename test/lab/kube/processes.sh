# shellcheck shell=bash disable=SC2154  # the part of cluster.sh that starts, ends and cleans up; it sets these names

# the kubelet sets them
sysctls='vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops
  kernel.keys.root_maxkeys kernel.keys.root_maxbytes'

# A zombie counts as gone: the first process of a container may reap late.
runs() {
  local state
  state=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) && [ "$state" ] && [ "${state%% *}" != Z ]
}

# The process in the pid file, if it is still the one that we started.
process_of() {
  local pid
  pid=$(cat "$run/pid/$1" 2>/dev/null) && runs "$pid" && grep -qsF -- "$dir/" "/proc/$pid/cmdline" && echo "$pid"
}

spawn() { # NAME COMMAND...
  local name=$1
  shift
  setsid nohup "$@" >>"$logs/$name.log" 2>&1 </dev/null &
  echo $! >"$run/pid/$name"
}

end() { # NAME [SIGNAL]
  local pid tries
  if pid=$(process_of "$1"); then
    kill "-${2:-TERM}" "$pid" 2>/dev/null || :
    for tries in $(seq 300); do
      runs "$pid" || break
      [ "$tries" != 200 ] || kill -KILL "$pid" || :
      sleep .05
    done
    ! runs "$pid" || die "process $pid ($1) does not end"
  fi
  rm -f "$run/pid/$1"
}

wait_for() { # SECONDS NAME COMMAND...: until it succeeds
  local limit=$((SECONDS + $1)) name=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $limit ] || die "$name is not ready; its log ends with: $(tail -n 5 "$logs/$name.log")"
    process_of "$name" >/dev/null || die "$name has ended; its log ends with: $(tail -n 5 "$logs/$name.log")"
    sleep .1
  done
}

# For the API: an address of this machine alone, like those of 127.0.0.0/8, which pods with a network of their own reach.
take_address() {
  ! ip -4 route get "$service" | grep -q '^local ' || die "$service is an address of this machine already"
  ip address add "$service/32" dev lo
}

# What a kubelet changes outside its own directory; read again by restore_machine.
remember_machine() {
  local name
  for name in $sysctls; do
    echo "$name=$(sysctl -n "$name")"
  done >"$run/sysctls"
  ls -d /sys/fs/cgroup/k8s.io /sys/fs/cgroup/*/k8s.io >"$run/cgroups" 2>/dev/null || :
}

our_cgroups() {
  local directory
  for directory in /sys/fs/cgroup/k8s.io /sys/fs/cgroup/*/k8s.io; do
    [ ! -d "$directory" ] || grep -qxF "$directory" "$run/cgroups" || echo "$directory"
  done
}

# The directories of this cluster: DIR, and that of the driver's configuration, below which pods share a ceph-fuse.
directories() {
  local config
  echo "$dir/"
  for config in ${KUBELET_ENV-}; do
    case $config in CEPHFLEX_CONFIG=/?*/?*) config=${config#*=} && echo "${config%/*}/" ;; esac
  done
}

mounts_below() {
  local directory
  for directory in $(directories); do
    awk -v dir="$directory" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo
  done
}

# Processes of this cluster that are nobody's child any more: shims (they name our socket), what is in our cgroups,
# ceph-fuse of volumes.
strays() {
  local directory file pid
  for directory in $(our_cgroups); do find "$directory" -name cgroup.procs -exec cat {} +; done
  for directory in $(directories); do
    for file in $(grep -lsF -- "$directory" /proc/[0-9]*/cmdline || :); do
      pid=${file//[!0-9]/}
      case $(readlink "/proc/$pid/exe" || :) in
        */containerd-shim-runc-v2 | */ceph-fuse) ! runs "$pid" || echo "$pid" ;;
      esac
    done
  done
}

stop_containers() {
  local each
  process_of containerd >/dev/null || return 0
  for each in $(ctr tasks ls -q); do ctr tasks kill -s KILL "$each" || :; done
  for each in $(ctr tasks ls -q); do ctr tasks rm -f "$each" || :; done
  for each in $(ctr containers ls -q); do ctr containers rm "$each" || :; done
} >/dev/null 2>&1

# No new pod, then no old one: the kubelet unmounts what it mounted, if it still can.
delete_pods() {
  end kcm KILL
  end scheduler KILL
  if process_of apiserver >/dev/null && process_of kubelet >/dev/null; then
    timeout 40 "$home/deb/usr/bin/kubectl" --kubeconfig "$run/admin.kubeconfig" --cache-dir "$run/cache" \
      delete pod -A --all --timeout=30s >/dev/null 2>&1 || :
  fi
}

restore_machine() {
  local each config=/etc/cephflex/config.json
  # made by install.sh for the kubelet of this cluster, by a test that was killed before it could remove it
  if grep -qsF "\"$dir/kubelet\"" $config; then rm -f $config ${config%/*}/engine-*.json && rmdir ${config%/*}; fi
  for each in /var/log/pods/*_*_*; do
    if [ -d "$each" ] && grep -qsF "${each##*_}" "$logs/kubelet.log"; then rm -rf "$each"; fi
  done
  for each in /var/log/containers/*; do
    if [ -L "$each" ] && [ ! -e "$each" ]; then rm -f "$each"; fi
  done
  rm -f /var/lib/kubelet/device-plugins/{kubelet.sock,kubelet_internal_checkpoint,DEPRECATION}
  for each in /var/log/pods /var/log/containers /var/lib/kubelet/device-plugins /var/lib/kubelet; do
    rmdir "$each" 2>/dev/null || :
  done
  find /run/containerd -depth -type d -empty -delete 2>/dev/null || :
  for each in $(our_cgroups); do
    find "$each" -depth -type d -exec rmdir {} \; 2>/dev/null || :
  done
  while read -r each; do sysctl -q "$each" || :; done <"$run/sysctls"
}

# Works on whatever is there: a start that failed half-way, a cluster whose test was killed.
stop_all() {
  local each tries
  # whoever stops a cluster holds the machine, so no other one uses it
  ip address delete "$service/32" dev lo 2>/dev/null || :
  [ -d "$run/pid" ] || { rm -rf --one-file-system "$dir"; return; }
  delete_pods
  end kubelet
  stop_containers
  for each in apiserver containerd etcd; do end $each KILL; done
  for tries in $(seq 50); do
    for each in $(strays); do kill -KILL "$each" 2>/dev/null || :; done
    mounts_below | sort -r | while read -r each; do umount -c -l "$each" || :; done
    [ "$(mounts_below; strays)" ] || break
    [ "$tries" != 50 ] || die "these mounts and processes of $dir do not go away:" "$(mounts_below; strays)"
    sleep .1
  done
  [ ! -f "$run/sysctls" ] || restore_machine
  rm -rf --one-file-system "$dir"
}
