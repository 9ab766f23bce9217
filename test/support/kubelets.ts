/** A kubelet process with the files it reads, and the plugin directory and root directory it then uses. */
export type KubeletRow = {
  title: string
  /** The name of the process, as in /proc/PID/comm. */
  name: string
  argv: readonly string[]
  files?: Readonly<Record<string, string>>
  pluginDir: string
  rootDir: string
}

const DEFAULT_DIR = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec'
const DEFAULT_ROOT = '/var/lib/kubelet'
const VOLUME_PLUGINS = '/var/lib/kubelet/volumeplugins'
const K3S = '/etc/rancher/k3s/config.yaml'
const SNAP = '/var/snap/microk8s/6227/args'

/** microk8s, as shown by ps in a bug report. */
const KUBELITE =
  `/snap/microk8s/6227/kubelite --scheduler-args-file=${SNAP}/kube-scheduler ` +
  `--controller-manager-args-file=${SNAP}/kube-controller-manager --proxy-args-file=${SNAP}/kube-proxy ` +
  `--kubelet-args-file=${SNAP}/kubelet --apiserver-args-file=${SNAP}/kube-apiserver ` +
  '--kubeconfig-file=/var/snap/microk8s/6227/credentials/client.config --start-control-plane=true'

/** The unit of an agent, as the installer of k3s writes it. */
const K3S_AGENT_UNIT = `[Service]
Type=exec
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/systemd/system/k3s-agent.service.env
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/k3s \\
    agent \\
\t'--kubelet-arg' \\
\t'volume-plugin-dir=/opt/x' \\
\t'--kubelet-arg=root-dir=/data/kubelet' \\

`

/** Command lines of each distribution, with one row for each way to set the directories. */
export const KUBELETS: readonly KubeletRow[] = [
  {
    title: 'kubeadm',
    name: 'kubelet',
    argv: words(
      '/usr/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf ' +
        '--kubeconfig=/etc/kubernetes/kubelet.conf --config=/var/lib/kubelet/config.yaml ' +
        '--container-runtime-endpoint=unix:///var/run/containerd/containerd.sock ' +
        '--pod-infra-container-image=registry.k8s.io/pause:3.9',
    ),
    files: {
      '/var/lib/kubelet/config.yaml':
        'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nvolumeStatsAggPeriod: 0s\n',
    },
    pluginDir: DEFAULT_DIR,
    rootDir: DEFAULT_ROOT,
  },
  {
    title: 'kubeadm on a read-only /usr',
    name: 'kubelet',
    argv: words('/opt/bin/kubelet --config=/var/lib/kubelet/config.yaml --v=2'),
    files: {
      '/var/lib/kubelet/config.yaml':
        'kind: KubeletConfiguration\nvolumePluginDir: /opt/libexec/kubernetes/kubelet-plugins/volume/exec/\n',
    },
    pluginDir: '/opt/libexec/kubernetes/kubelet-plugins/volume/exec',
    rootDir: DEFAULT_ROOT,
  },
  {
    title: 'kubeadm with drop-ins',
    name: 'kubelet',
    argv: words('/usr/bin/kubelet --config=/var/lib/kubelet/config.yaml --config-dir=/etc/kubelet.conf.d'),
    files: {
      '/var/lib/kubelet/config.yaml': 'volumePluginDir: /opt/a\n',
      '/etc/kubelet.conf.d/10-a.conf': 'volumePluginDir: /opt/b\n',
      '/etc/kubelet.conf.d/20-b.conf': '{"volumePluginDir": "/opt/c"}\n',
      '/etc/kubelet.conf.d/30-c.yaml': 'volumePluginDir: /opt/no\n',
    },
    pluginDir: '/opt/c',
    rootDir: DEFAULT_ROOT,
  },
  {
    title: 'kubespray',
    name: 'kubelet',
    argv: words(
      '/usr/local/bin/kubelet --v=2 --node-ip=192.168.30.16 --hostname-override=node4 ' +
        '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --config=/etc/kubernetes/kubelet-config.yaml ' +
        '--kubeconfig=/etc/kubernetes/kubelet.conf --runtime-cgroups=/system.slice/containerd.service ' +
        '--volume-plugin-dir=/var/lib/kubelet/volumeplugins',
    ),
    pluginDir: VOLUME_PLUGINS,
    rootDir: DEFAULT_ROOT,
  },
  {
    title: 'RKE, whose kubelet runs in a container',
    name: 'kubelet',
    argv: words(
      'kubelet --cgroups-per-qos=True --root-dir=/var/lib/kubelet --cni-bin-dir=/opt/cni/bin --read-only-port=0 ' +
        '--kubeconfig=/etc/kubernetes/ssl/kubecfg-kube-node.yaml --make-iptables-util-chains=true ' +
        '--volume-plugin-dir=/var/lib/kubelet/volumeplugins --cloud-provider= --authorization-mode=Webhook',
    ),
    pluginDir: VOLUME_PLUGINS,
    rootDir: DEFAULT_ROOT,
  },
  {
    title: 'RKE2',
    name: 'kubelet',
    argv: words(
      'kubelet --volume-plugin-dir=/var/lib/kubelet/volumeplugins --file-check-frequency=5s ' +
        '--sync-frequency=30s --cloud-provider=external --config-dir=/var/lib/rancher/rke2/agent/etc/kubelet.conf.d ' +
        '--kubeconfig=/var/lib/rancher/rke2/agent/kubelet.kubeconfig --hostname-override=node1 ' +
        '--node-labels= --read-only-port=0',
    ),
    pluginDir: VOLUME_PLUGINS,
    rootDir: DEFAULT_ROOT,
  },
  {
    title: 'k0s',
    name: 'kubelet',
    argv: words(
      '/var/lib/k0s/bin/kubelet --kubeconfig=/var/lib/k0s/kubelet.conf --v=1 ' +
        '--bootstrap-kubeconfig=/var/lib/k0s/kubelet-bootstrap.conf --containerd=/run/k0s/containerd.sock ' +
        '--root-dir=/var/lib/k0s/kubelet --config=/run/k0s/kubelet/config.yaml --runtime-cgroups=/system.slice/containerd.service',
    ),
    files: {
      '/run/k0s/kubelet/config.yaml': 'volumePluginDir: /usr/libexec/k0s/kubelet-plugins/volume/exec\n',
    },
    pluginDir: '/usr/libexec/k0s/kubelet-plugins/volume/exec',
    rootDir: '/var/lib/k0s/kubelet',
  },
  {
    title: 'OpenShift 3.9, a node',
    name: 'openshift',
    argv: words('/usr/bin/openshift start node --config=/etc/origin/node/node-config.yaml --loglevel=2'),
    files: {
      '/etc/origin/node/node-config.yaml':
        'kind: NodeConfig\nkubeletArguments:\n  volume-plugin-dir:\n  - "/etc/origin/kubelet-plugins/volume/exec"\n' +
        'volumeDirectory: /var/lib/origin/openshift.local.volumes\n',
    },
    pluginDir: '/etc/origin/kubelet-plugins/volume/exec',
    rootDir: '/var/lib/origin/openshift.local.volumes',
  },
  {
    title: 'OpenShift 3, a master with a node',
    name: 'openshift',
    argv: words(
      'openshift start --master-config=/etc/origin/master.yaml --node-config=/etc/origin/node.yaml',
    ),
    files: { '/etc/origin/node.yaml': 'volumeDirectory: /data/volumes\n' },
    pluginDir: DEFAULT_DIR,
    rootDir: '/data/volumes',
  },
  {
    title: 'OpenShift 4',
    name: 'kubelet',
    argv: words(
      '/usr/bin/kubelet --config=/etc/kubernetes/kubelet.conf --bootstrap-kubeconfig=/etc/kubernetes/kubeconfig ' +
        '--kubeconfig=/var/lib/kubelet/kubeconfig --container-runtime=remote ' +
        '--container-runtime-endpoint=/var/run/crio/crio.sock --runtime-cgroups=/system.slice/crio.service ' +
        '--node-labels=node-role.kubernetes.io/master,node.openshift.io/os_id=rhcos ' +
        '--minimum-container-ttl-duration=6m0s --cloud-provider= ' +
        '--volume-plugin-dir=/etc/kubernetes/kubelet-plugins/volume/exec --v=4',
    ),
    pluginDir: '/etc/kubernetes/kubelet-plugins/volume/exec',
    rootDir: DEFAULT_ROOT,
  },
  {
    title: 'hyperkube of the first OpenShift 4',
    name: 'hyperkube',
    argv: words(
      '/usr/bin/hyperkube kubelet --config=/etc/kubernetes/kubelet.conf --kubeconfig=/var/lib/kubelet/kubeconfig ' +
        '--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig --container-runtime=remote ' +
        '--container-runtime-endpoint=/var/run/crio/crio.sock --allow-privileged ' +
        '--node-labels=node-role.kubernetes.io/worker,node.openshift.io/os_version=7.6 ' +
        '--volume-plugin-dir=/etc/kubernetes/kubelet-plugins/volume/exec --anonymous-auth=false --v=3',
    ),
    pluginDir: '/etc/kubernetes/kubelet-plugins/volume/exec',
    rootDir: DEFAULT_ROOT,
  },
  {
    title: 'hyperkube in a container, another root directory',
    name: 'hyperkube',
    argv: words(
      '/hyperkube kubelet --allow-privileged=true --cluster-dns=10.3.0.10 --cluster_domain=cluster.local ' +
        '--pod-manifest-path=/etc/kubernetes/manifests --kubeconfig=/var/lib/kubelet/kubeconfig ' +
        '--volume_plugin_dir=/etc/kubernetes/volumeplugins --root_dir /srv/kubelet/ --register-node=false',
    ),
    pluginDir: '/etc/kubernetes/volumeplugins',
    rootDir: '/srv/kubelet',
  },
  {
    title: 'k3s server, without arguments',
    name: 'k3s-server',
    argv: words('/usr/local/bin/k3s server'),
    pluginDir: DEFAULT_DIR,
    rootDir: DEFAULT_ROOT,
  },
  {
    title: 'k3s agent, arguments',
    name: 'k3s-agent',
    argv: words(
      'k3s agent --kubelet-arg=volume-plugin-dir=/opt/x --kubelet-arg=root-dir=/data/kubelet --server https://10.0.0.1:6443',
    ),
    pluginDir: '/opt/x',
    rootDir: '/data/kubelet',
  },
  {
    title: 'k3s agent, arguments of its unit, which it hides from ps',
    name: 'k3s-agent',
    argv: ['/usr/local/bin/k3s agent'],
    files: { '/etc/systemd/system/k3s-agent.service': K3S_AGENT_UNIT },
    pluginDir: '/opt/x',
    rootDir: '/data/kubelet',
  },
  {
    title: 'k3s server, configuration',
    name: 'k3s-server',
    argv: ['/usr/local/bin/k3s server'],
    files: {
      [K3S]:
        'write-kubeconfig-mode: "0644"\nkube-controller-manager-arg: flex-volume-plugin-dir=/no\n' +
        'kubelet-arg:\n  - "root-dir=/data/kubelet"\n  - "volume-plugin-dir=/opt/a"\n',
    },
    pluginDir: '/opt/a',
    rootDir: '/data/kubelet',
  },
  {
    title: 'k3s, drop-ins that replace and add',
    name: 'k3s-server',
    argv: ['/usr/local/bin/k3s server'],
    files: {
      [K3S]: 'kubelet-arg: volume-plugin-dir=/opt/a\n',
      [`${K3S}.d/10-a.yaml`]: 'kubelet-arg: [root-dir=/data/kubelet]\n',
      [`${K3S}.d/20-b.yml`]: 'kubelet-arg+: volume-plugin-dir=/opt/b\n',
      [`${K3S}.d/30-c.txt`]: 'kubelet-arg: volume-plugin-dir=/opt/no\n',
    },
    pluginDir: '/opt/b',
    rootDir: '/data/kubelet',
  },
  {
    title: 'k3s, arguments before configuration',
    name: 'k3s',
    argv: words('/usr/local/bin/k3s server --kubelet-arg volume-plugin-dir=/opt/x'),
    files: { [K3S]: 'kubelet-arg: [volume-plugin-dir=/opt/a, root-dir=/data/kubelet]\n' },
    pluginDir: '/opt/x',
    rootDir: '/data/kubelet',
  },
  {
    title: "k3s, another configuration, and the kubelet's own drop-ins",
    name: 'k3s-server',
    argv: ['/usr/local/bin/k3s server'],
    files: {
      '/etc/systemd/system/k3s.service.env': 'K3S_CONFIG_FILE="/etc/k3s.yaml"\nK3S_TOKEN=x\n',
      '/etc/k3s.yaml': 'data-dir: /data/k3s\nkubelet-arg: root-dir=/data/kubelet\n',
      '/data/k3s/agent/etc/kubelet.conf.d/00-k3s-defaults.conf': 'kind: KubeletConfiguration\n',
      '/data/k3s/agent/etc/kubelet.conf.d/10-mine.conf': 'volumePluginDir: /opt/d\n',
    },
    pluginDir: '/opt/d',
    rootDir: '/data/kubelet',
  },
  {
    title: 'microk8s',
    name: 'kubelite',
    argv: words(KUBELITE),
    files: {
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the format of microk8s
      [`${SNAP}/kubelet`]: [
        '--kubeconfig=${SNAP_DATA}/credentials/kubelet.config',
        '# --volume-plugin-dir=/no',
        '--cni-bin-dir=${SNAP_DATA}/opt/cni/bin',
        '--root-dir=${SNAP_COMMON}/var/lib/kubelet',
        '--feature-gates=DevicePlugins=true',
        '--volume-plugin-dir="$SNAP_COMMON/flex"',
        '',
      ].join('\n'),
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the format of microk8s
    },
    pluginDir: '/var/snap/microk8s/common/flex',
    rootDir: '/var/snap/microk8s/common/var/lib/kubelet',
  },
]

function words(line: string): string[] {
  return line.split(' ')
}
