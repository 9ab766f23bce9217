#!/bin/bash
# A one-node Kubernetes 1.20, in one directory, from what build.sh made. Root. All of it listens on loopback; the API has
# an address there that pods reach too, those with hostNetwork and the others (cni.sh).
#   cluster.sh start DIR HOME     HOME: the folder that build.sh printed. SCHEDULER=1: with kube-scheduler.
#                                 KUBELET_ENV="A=b C=d": also in the kubelet's, and so a driver's, environment
#   cluster.sh stop DIR           ends all of it, undoes what it changed on the machine, removes DIR
#   cluster.sh kubelet-start DIR | kubelet-stop DIR | kubelet-kill DIR
# One at a time on a machine: keep.sh sees to that.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command=${1:?} dir=${2:?} home=${3-}
run=$dir/run logs=$dir/run/log pki=$dir/run/pki socket=$dir/run/containerd.sock
node=localhost
etcd=http://127.0.0.1:8379
# below those of test clusters of Ceph (core/dev-cluster/ports.ts), which run at the same time
ports='8379 8380 8250 8248 8257 8259'
# what a pod is told: the first address of --service-cluster-ip-range
service=10.96.0.1

die() {
  echo "test/lab/kube/cluster.sh: $*" >&2
  exit 1
}
# shellcheck source=/dev/null
. "$here/processes.sh"

fill() { sed -e "s|@RUN@|$run|g; s|@DIR@|$dir|g; s|@DEB@|$home/deb|g; s|@TOKEN@|${2-}|g; s|@SERVICE@|$service|g" "$here/config/$1"; }
kubectl() { HOME=$run "$home/deb/usr/bin/kubectl" --kubeconfig "$run/admin.kubeconfig" "$@"; }
ctr() { "$home/deb/usr/bin/ctr" -a "$socket" -n k8s.io "$@"; }

make_certificates() {
  local name
  cd "$pki"
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=test-ca -keyout ca.key -out ca.crt
  openssl genrsa -out sa.key 2048
  openssl rsa -in sa.key -pubout -out sa.pub
  for name in apiserver kubelet; do
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr
    echo 'subjectAltName=DNS:localhost,DNS:kubernetes,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:'$service >$name.ext
    openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile $name.ext -out $name.crt
  done
}

make_users() { # one token and one kubeconfig each
  local name user groups token id=0
  while read -r name user groups; do
    token=$(openssl rand -hex 16) id=$((id + 1))
    echo "$token,$user,$id,\"$groups\"" >>"$pki/tokens.csv"
    fill kubeconfig.yaml "$token" >"$run/$name.kubeconfig"
  done <<'USERS'
admin admin system:masters
kcm system:kube-controller-manager system:masters
scheduler system:kube-scheduler system:masters
kubelet system:node:localhost system:nodes,system:masters
USERS
}

start_containerd() {
  local name image
  for name in loopback pods; do install -m 755 "$here/cni.sh" "$run/cni/$name"; done
  echo '{"cniVersion":"0.3.1","name":"pods","plugins":[{"type":"pods"}]}' >"$run/cni/pods.conflist"
  fill containerd.toml >"$run/containerd.toml"
  PATH=$home/deb/usr/bin:$PATH spawn containerd "$home/deb/usr/bin/containerd" --config "$run/containerd.toml"
  wait_for 60 containerd ctr version
  for image in pause busybox; do
    ctr images import --snapshotter native "$home/images/$image.tar" >/dev/null || die "the image $image was refused"
  done
}

start_apiserver() {
  spawn apiserver "$home/bin/kube-apiserver" --etcd-servers=$etcd --bind-address=$service \
    --advertise-address=192.0.2.2 --endpoint-reconciler-type=none --secure-port=443 \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --token-auth-file="$pki/tokens.csv" --client-ca-file="$pki/ca.crt" \
    --authorization-mode=RBAC --anonymous-auth=false --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$pki/sa.pub" --service-account-signing-key-file="$pki/sa.key" \
    --service-cluster-ip-range=10.96.0.0/16 --kubelet-preferred-address-types=Hostname --allow-privileged=true \
    --enable-priority-and-fairness=false --cert-dir="$pki" -v=1
}

start_controllers() {
  spawn kcm "$home/bin/kube-controller-manager" --kubeconfig="$run/kcm.kubeconfig" --bind-address=127.0.0.1 --port=0 \
    --secure-port=8257 --kube-api-qps=200 --kube-api-burst=400 --pvclaimbinder-sync-period=2s --leader-elect=false \
    --cert-dir="$pki" --use-service-account-credentials=false --service-account-private-key-file="$pki/sa.key" \
    --root-ca-file="$pki/ca.crt" --flex-volume-plugin-dir="$run/no-plugins" -v=2
  [ -z "${SCHEDULER-}" ] || spawn scheduler "$home/bin/kube-scheduler" --kubeconfig="$run/scheduler.kubeconfig" \
    --bind-address=127.0.0.1 --port=0 --secure-port=8259 --cert-dir="$pki" --leader-elect=false -v=1
}

start_kubelet() {
  local words=()
  [ -z "${KUBELET_ENV-}" ] || read -ra words <<<"$KUBELET_ENV"
  # its directory, PATH and environment become the driver's
  (cd / && spawn kubelet env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "${words[@]}" "$home/bin/kubelet" --config="$run/kubelet.yaml" --kubeconfig="$run/kubelet.kubeconfig" \
    --root-dir="$dir/kubelet" --cert-dir="$pki" --hostname-override=$node --container-runtime=remote \
    --container-runtime-endpoint="unix://$socket" -v=4)
}

check_machine() {
  local name port kubelet
  [ "$(id -u)" = 0 ] || die 'it needs root'
  case $dir in /*) ;; *) die "$dir is not absolute" ;; esac
  [ ${#dir} -le 60 ] || die "$dir is too long for sockets below it (60 characters at most)"
  for kubelet in $(pgrep -x kubelet || :); do
    ! runs "$kubelet" || die "a kubelet runs on this machine already, process $kubelet"
  done
  for port in $ports; do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || die "port $port of 127.0.0.1 is taken"
  done
  for name in kubelet kube-apiserver kube-controller-manager ${SCHEDULER:+kube-scheduler}; do
    [ -x "$home/bin/$name" ] || die "there is no $home/bin/$name: run test/lab/kube/build.sh $name"
  done
}

start() {
  local containerd
  check_machine
  mkdir -p "$logs" "$pki" "$run/pid" "$run/cni" "$run/opt" "$run/no-plugins" "$dir/plugins" "$dir/kubelet"
  chmod 700 "$run"
  # as under systemd: without it no container can have mountPropagation: HostToContainer
  mount --bind "$dir/kubelet" "$dir/kubelet"
  mount --make-rshared "$dir/kubelet"
  printf 'home=%q\nKUBELET_ENV=%q\n' "$home" "${KUBELET_ENV-}" >"$run/settings"
  remember_machine
  take_address
  (make_certificates) >"$logs/openssl.log" 2>&1 || die "openssl failed: $(tail -n 3 "$logs/openssl.log")"
  make_users
  fill kubelet.yaml >"$run/kubelet.yaml"
  spawn etcd "$home/deb/usr/bin/etcd" --name e --data-dir "$run/etcd" --unsafe-no-fsync --log-level warn --logger zap \
    --listen-client-urls $etcd --advertise-client-urls $etcd --initial-cluster e=http://127.0.0.1:8380 \
    --listen-peer-urls http://127.0.0.1:8380 --initial-advertise-peer-urls http://127.0.0.1:8380
  start_containerd &
  containerd=$!
  wait_for 60 etcd curl -sf $etcd/health
  start_apiserver
  wait $containerd || die 'containerd did not start'
  wait_for 120 apiserver kubectl get --raw /readyz
  start_controllers
  start_kubelet
  wait_for 120 kubelet kubectl wait --for=condition=Ready node/$node --timeout=1s
  wait_for 60 kcm kubectl get serviceaccount default
}

if [ "$command" = start ]; then
  start
  exit
fi
# shellcheck source=/dev/null
[ ! -f "$run/settings" ] || . "$run/settings"
case $command in
  stop) stop_all ;;
  kubelet-start) start_kubelet ;;
  kubelet-stop) end kubelet ;;
  kubelet-kill) end kubelet KILL ;;
  *) die "unknown command $command" ;;
esac
