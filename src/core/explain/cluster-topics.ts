import { cause, type Topic } from './topic.js'

/** Failures whose cause is in the cluster, or on the way to it. */
export const CLUSTER_TOPICS: readonly Topic[] = [
  {
    means: 'the MDS refused this path for this user: Operation not permitted',
    codes: ['EDENIED'],
    numbers: [1],
    texts: [/mount error 1 =/, /mds cap .* does not parse/, /mds capability parse failed/],
    causes: [
      cause(
        'the caps name another path, or a directory below it',
        'ceph auth get client.USER',
        'ceph fs authorize FS client.USER PATH rw',
      ),
      cause(
        'the path contains a "-" or another special character and is not quoted in the caps: clusters older than 10.2.2 cannot parse it and ignore all caps, even "allow r"; the monitor reports no problem, and the kernel client fails in the same way',
        'ceph auth get client.USER (path="/a-b" or path=/a-b?); the MDS log contains "does not parse"',
        `ceph auth caps client.USER mds 'allow rw path="/a-b"' mon 'allow r' osd '...'`,
      ),
      cause(
        'the caps are for another file system',
        'ceph fs ls; the volume option fsName',
        'set fsName, or authorize the user for that file system',
      ),
    ],
  },
  {
    means: 'the path does not exist in the file system',
    codes: ['ENOPATH'],
    numbers: [2],
    causes: [
      cause(
        'the directory was never created, or is in another file system',
        'ceph fs ls; mount "/" as admin and look for it',
        'create the directory, or correct path or fsName',
      ),
      cause(
        'the target directory on the node is missing',
        'whether the message names a directory on the node',
        'nothing to do: the pod is gone',
      ),
    ],
  },
  {
    means: 'no file system with this name exists, or this user is not allowed to see it',
    codes: ['ENOFS'],
    causes: [
      cause('a typo in fsName', 'ceph fs ls', 'correct fsName'),
      cause(
        'the monitor caps are limited to another file system',
        'ceph auth get client.USER: caps with "fsname="',
        'ceph fs authorize FS client.USER PATH rw',
      ),
    ],
  },
  {
    means: 'an I/O error: the client is connected, but cannot access the data',
    numbers: [5],
    texts: [/Input\/output error/],
    causes: [
      cause(
        'the path is a file: ceph-fuse mounts it, then every access fails',
        'whether cephflex reports ENOTDIR',
        'set path to a directory',
      ),
      cause('the MDS crashed or is overloaded', 'ceph -s; ceph fs status', 'bring the MDS back'),
      cause(
        'the mount was forcibly unmounted with umount -f',
        'cephflex status: dead',
        'delete the pod; the next pod gets a new mount',
      ),
    ],
  },
  {
    means: 'Permission denied: the key is wrong, or the caps forbid it',
    codes: ['EREFUSED', 'EBADKEY'],
    numbers: [13],
    texts: [/handle_auth_bad_method/],
    causes: [
      cause(
        'the key does not belong to this user',
        'cephflex doctor --options FILE: the result of "key"',
        'store the output of "ceph auth get-key client.USER" as the entry "key" of the Secret',
      ),
      cause(
        'the key was encoded twice, contains a line break, or belongs to another user',
        'kubectl get secret NAME -o jsonpath={.data.key} | base64 -d',
        'kubectl create secret generic NAME --type=cephflex/cephfs --from-file=key=FILE',
      ),
      cause(
        'the error comes from a mounted volume: its client was evicted, and the kernel client does not reconnect',
        'cephflex status: evicted',
        'delete the pod; to reconnect automatically, set kernelOptions recover_session=clean',
      ),
      cause(
        'the process in the pod does not run as root, and the directory belongs to root',
        'kubectl exec POD -- ls -ldn DIR',
        'set fsGroupPolicy to "root" and an fsGroup, or chown the directory once',
      ),
    ],
  },
  {
    means: 'the node is blocklisted: the cluster ended this session and rejects it from now on',
    codes: ['EBLOCKED'],
    numbers: [108],
    texts: [/Cannot send after transport endpoint shutdown/, /blac?k?listed|blocklisted/],
    causes: [
      cause(
        'the node had no network for longer than session_autoclose (300 s)',
        'ceph osd blocklist ls; dmesg on the node',
        'delete the pods; a new mount connects with a new address, which is not blocklisted',
      ),
      cause(
        'an administrator evicted the client',
        'ceph tell mds.0 session ls',
        'ceph osd blocklist rm ADDRESS',
      ),
    ],
  },
  {
    means: 'no monitor accepted the connection in time',
    codes: ['ENOANSWER'],
    numbers: [110],
    texts: [/failed to fetch mon config/, /Connection timed out/],
    causes: [
      cause(
        'no route or a firewall',
        'cephflex doctor --options FILE: monitor "no answer" or "refused"',
        'open ports 3300 and 6789 for the node',
      ),
      cause(
        'the wrong port or protocol: v2 is 3300, v1 is 6789',
        'cephflex doctor --options FILE: "configured as v2 but uses v1"',
        'set monitors to v1:HOST:PORT or v2:HOST:PORT',
      ),
      cause(
        'the monitors have new addresses',
        'ceph mon dump',
        'correct monitors, or better, use a cluster from the node configuration',
      ),
      cause(
        'the key is wrong: ceph-fuse reports the same error',
        'doctor: "key" fails',
        'see "cephflex explain 13"',
      ),
    ],
  },
  {
    means: 'a program did not finish in time: something in the cluster does not answer',
    codes: ['ETIMEOUT', 'EDEAD'],
    causes: [
      cause(
        'an MDS or OSD is stopped or overloaded',
        'ceph -s; ceph health detail',
        'bring it back; the kubelet retries automatically',
      ),
      cause(
        'the node can reach the monitors, but not the OSDs',
        'nc -vz OSDHOST 6800',
        'open ports 6800 to 7568',
      ),
    ],
  },
  {
    means: 'no metadata server is active, or the kernel client was refused and hides the reason',
    codes: ['ENOMDS'],
    numbers: [112, 113, 65_536],
    texts: [/No route to host/, /Host is down/, /Unknown error 65536/],
    causes: [
      cause('no MDS is up', 'ceph fs status', 'start one'),
      cause(
        'the kernel client was refused: it reports every refusal with the same text',
        'dmesg | grep ceph: "auth failed -13"',
        'see "cephflex explain 13"',
      ),
      cause('a firewall between the node and the MDS', 'nc -vz MDSHOST 6800', 'open ports 6800 to 7568'),
    ],
  },
]
