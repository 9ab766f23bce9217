import { cause, type Topic } from './topic.js'

/** Messages of the kubelet about a call, in the pod's events or its own log. */
export const KUBELET_TOPICS: readonly Topic[] = [
  {
    means: 'the kubelet could not parse the output of a driver',
    texts: [
      /unexpected end of JSON input/,
      /invalid character .* (?:looking for beginning of value|after top-level value|in string literal)/,
    ],
    causes: [
      cause(
        'the driver file does not start: wrong processor, no execute bit, noexec, or an old glibc',
        'PLUGINDIR/VENDOR~DRIVER/DRIVER init',
        'sh install.sh',
      ),
      cause('another driver prints more than JSON', 'the name of the driver in the event', 'fix that driver'),
      cause(
        'options and Secret are longer than 128 KiB',
        'kubectl get secret NAME -o yaml | wc -c',
        'store only the key in the Secret',
      ),
    ],
  },
  {
    means: 'the kubelet cannot find the driver',
    texts: [
      /no volume plugin matched/,
      /executable file not found in \$PATH/,
      /failed to get Plugin from volumeSpec/,
    ],
    causes: [
      cause(
        'the driver is not installed in the plugin directory of this kubelet',
        'cephflex doctor --check plugin-directory',
        'sh install.sh --plugin-dir DIR',
      ),
      cause(
        'flexVolume.driver does not match the installed name',
        'ls PLUGINDIR: VENDOR~DRIVER is VENDOR/DRIVER',
        'correct flexVolume.driver',
      ),
      cause(
        'the kubelet is older than 1.8 and was not restarted',
        'kubelet --version',
        'systemctl restart kubelet',
      ),
    ],
  },
  {
    means: 'the Secret cannot be used with this driver',
    texts: [/cannot get secret of type/, /couldn't get secret/],
    causes: [
      cause(
        'the type of the Secret is not the name of the driver',
        'kubectl get secret NAME -o jsonpath={.type}',
        'kubectl create secret generic NAME --type=cephflex/cephfs --from-file=key=FILE',
      ),
      cause(
        'the Secret is in a different namespace than the pod',
        'kubectl get secret -A | grep NAME',
        'create it in the namespace of the pod; a PersistentVolume can set secretRef.namespace',
      ),
    ],
  },
  {
    means: 'the volume directory could not be removed after the unmount',
    texts: [/remove .*: directory not empty/, /Orphaned pod found/, /orphaned pod .* found/i],
    causes: [
      cause(
        'files were written to the local directory while nothing was mounted (by a driver that reported Success too early)',
        'findmnt DIR (shows nothing); ls -la DIR',
        'move the files away; the kubelet then continues automatically',
      ),
      cause('the volume is still mounted', 'findmnt DIR', 'cephflex unmount DIR'),
    ],
  },
  {
    means: 'a pod is waiting for its volume',
    texts: [
      /timed out waiting for the condition/,
      /context deadline exceeded/,
      /unmounted volumes=/,
      /Unable to (?:attach or )?mount volumes/,
    ],
    causes: [
      cause(
        'the mount fails every time',
        'kubectl describe pod POD: MountVolume.SetUp failed; cephflex logs --pod POD',
        'run "cephflex explain" with that message',
      ),
      cause(
        'an earlier call is still running',
        'cephflex logs --follow',
        'wait: it ends within timeoutSeconds',
      ),
      cause(
        'the kubelet hangs on a dead mount and never calls the driver',
        'cephflex status: dead',
        'cephflex unmount DIR',
      ),
    ],
  },
  {
    means: 'FlexVolume does not support mountOptions of a PersistentVolume',
    texts: [/mount options are not supported for this volume type/],
    causes: [
      cause('spec.mountOptions is set', 'kubectl get pv NAME -o yaml', 'use flexVolume.options.mountOptions'),
    ],
  },
]
