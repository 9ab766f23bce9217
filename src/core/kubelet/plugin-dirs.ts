/** The kubelet's default. */
export const DEFAULT_PLUGIN_DIR = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec'

/**
 * The known plugin directories, for nodes whose kubelet is not running yet.
 * The default comes last: it also exists on nodes that do not use it (the
 * Calico operator creates it).
 *
 * Sources: the kubelet's source (default), rook's FlexVolume page (AKS,
 * OpenShift, Atomic, "other common paths"), the source of kops and k0s, RKE's
 * and RKE2's kubelet arguments, the Kubernetes page on kubeadm with a read-only
 * /usr. k3s and microk8s keep the default unless their arguments set another.
 */
export const KNOWN_PLUGIN_DIRS: readonly { path: string; usedBy: string }[] = [
  { path: '/home/kubernetes/flexvolume', usedBy: 'GKE and kops on Container-Optimized OS' },
  { path: '/etc/kubernetes/kubelet-plugins/volume/exec', usedBy: 'OpenShift 4' },
  { path: '/etc/origin/kubelet-plugins/volume/exec', usedBy: 'OpenShift 3 on Atomic' },
  { path: '/etc/kubernetes/volumeplugins', usedBy: 'AKS' },
  { path: '/usr/libexec/k0s/kubelet-plugins/volume/exec', usedBy: 'k0s' },
  { path: '/var/lib/kubelet/volumeplugins', usedBy: 'RKE, RKE2, Flatcar, Magnum, Typhoon' },
  { path: '/var/lib/kubelet/volume-plugins', usedBy: "rook's second suggestion for a read-only /usr" },
  { path: '/opt/libexec/kubernetes/kubelet-plugins/volume/exec', usedBy: 'kubeadm on a read-only /usr' },
  { path: DEFAULT_PLUGIN_DIR, usedBy: 'kubeadm, k3s, microk8s, kubespray' },
]

/** The parts of `DIR/VENDOR~DRIVER/DRIVER`, the path of an installed driver; undefined for any other path. */
export function driverPath(
  program: string,
): { pluginDir: string; vendor: string; driver: string } | undefined {
  const [, pluginDir, vendor, driver] = /^(\/.*)\/([^/~]+)~([^/]+)\/\3$/.exec(program) ?? []
  return pluginDir && vendor && driver ? { pluginDir, vendor, driver } : undefined
}
