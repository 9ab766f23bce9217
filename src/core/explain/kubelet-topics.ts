import { cause, type Topic } from './topic.js'

/** What the kubelet says around a call, in the pod's events or its own log. */
export const KUBELET_TOPICS: readonly Topic[] = [
  {
    means: 'the kubelet could not read the answer of a driver',
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
      cause('another driver prints more than JSON', 'the event names the driver', 'repair that driver'),
      cause(
        'options and Secret are longer than 128 KiB',
        'kubectl get secret NAME -o yaml | wc -c',
        'keep only the key in the Secret',
      ),
    ],
  },
  {
    means: 'the kubelet does not know the driver',
    texts: [
      /no volume plugin matched/,
      /executable file not found in \$PATH/,
      /failed to get Plugin from volumeSpec/,
    ],
    causes: [
      cause(
        'it is not installed in the directory this kubelet reads',
        'cephflex doctor --check plugin-directory',
        'sh install.sh --plugin-dir DIR',
      ),
      cause(
        'flexVolume.driver has another name',
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
    means: 'the Secret cannot be used for this driver',
    texts: [/cannot get secret of type/, /couldn't get secret/],
    causes: [
      cause(
        'its type is not the name of the driver',
        'kubectl get secret NAME -o jsonpath={.type}',
        'kubectl create secret generic NAME --type=cephflex/cephfs --from-file=key=FILE',
      ),
      cause(
        'it is in another namespace than the pod',
        'kubectl get secret -A | grep NAME',
        'put it there; a PersistentVolume may name secretRef.namespace',
      ),
    ],
  },
  {
    means: 'the volume directory could not be removed after the unmount',
    texts: [/remove .*: directory not empty/, /Orphaned pod found/, /orphaned pod .* found/i],
    causes: [
      cause(
        'files were written to the node while nothing was mounted (a driver that said Success too early)',
        'ls -la DIR, after findmnt DIR shows nothing',
        'move the files away; the kubelet then goes on by itself',
      ),
      cause('it is still mounted', 'findmnt DIR', 'cephflex unmount DIR'),
    ],
  },
  {
    means: 'a pod waits for its volume',
    texts: [
      /timed out waiting for the condition/,
      /context deadline exceeded/,
      /unmounted volumes=/,
      /Unable to (?:attach or )?mount volumes/,
    ],
    causes: [
      cause(
        'the mount fails each time',
        'kubectl describe pod POD: MountVolume.SetUp failed; cephflex logs --pod POD',
        'explain that message',
      ),
      cause('an earlier call still works on it', 'cephflex logs --follow', 'it ends within timeoutSeconds'),
      cause(
        'the kubelet looks at a dead mount and never calls the driver',
        'cephflex status: dead',
        'cephflex unmount DIR',
      ),
    ],
  },
  {
    means: 'mountOptions of a PersistentVolume are not for FlexVolume',
    texts: [/mount options are not supported for this volume type/],
    causes: [
      cause('spec.mountOptions is set', 'kubectl get pv NAME -o yaml', 'use flexVolume.options.mountOptions'),
    ],
  },
]
