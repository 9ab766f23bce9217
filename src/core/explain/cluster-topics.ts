import { cause, type Topic } from './topic.js'

/** What a cluster answers, or does not. */
export const CLUSTER_TOPICS: readonly Topic[] = [
  {
    means: 'the MDS refused the path for this user: Operation not permitted',
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
        'the path holds a "-" or another special character and stands in the caps without quotes: old clusters (before 10.2.2) cannot parse that and drop all caps, so even "allow r" is gone; the monitor shows nothing wrong, and the kernel client fails the same way',
        'ceph auth get client.USER: is it path="/a-b" or path=/a-b? The MDS log says "does not parse"',
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
        'the directory was never made, or is in another file system',
        'mount "/" as admin and look: ceph fs ls',
        'make it, or correct path or fsName',
      ),
      cause(
        'the target directory on the node is missing',
        'the message names a directory of the node',
        'the pod is gone; nothing to do',
      ),
    ],
  },
  {
    means: 'the file system of that name does not exist, or this user may not see it',
    codes: ['ENOFS'],
    causes: [
      cause('a typing error in fsName', 'ceph fs ls', 'correct fsName'),
      cause(
        'the monitor caps are limited to another file system',
        'ceph auth get client.USER shows "fsname="',
        'ceph fs authorize FS client.USER PATH rw',
      ),
    ],
  },
  {
    means: 'an I/O error: the client has an answer, but not the data',
    numbers: [5],
    texts: [/Input\/output error/],
    causes: [
      cause(
        'the path is a file: ceph-fuse mounts it, then every access fails',
        'cephflex says ENOTDIR',
        'name a directory',
      ),
      cause('the MDS crashed or lags', 'ceph -s; ceph fs status', 'bring the MDS back'),
      cause(
        'the client was forced off with umount -f',
        'cephflex status: dead',
        'delete the pod; the next mount is new',
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
        'the key is not the key of this user',
        'cephflex doctor --options FILE says it of "key"',
        'ceph auth get-key client.USER, into the entry "key" of the Secret',
      ),
      cause(
        'the key was encoded twice, has a line break, or is that of another user',
        'kubectl get secret NAME -o jsonpath={.data.key} | base64 -d',
        'kubectl create secret generic NAME --type=cephflex/cephfs --from-file=key=FILE',
      ),
      cause(
        'a mounted volume says it: its client was evicted and the kernel client stays shut out',
        'cephflex status: evicted',
        'delete the pod, or mount with kernelOptions recover_session=clean',
      ),
      cause(
        'the process in the pod is not root and the directory belongs to root',
        'kubectl exec POD -- ls -ldn DIR',
        'fsGroupPolicy: root and an fsGroup, or chown the directory once',
      ),
    ],
  },
  {
    means: 'the node is blocklisted: the cluster ended this session and lets it in no more',
    codes: ['EBLOCKED'],
    numbers: [108],
    texts: [/Cannot send after transport endpoint shutdown/, /blac?k?listed|blocklisted/],
    causes: [
      cause(
        'the node lost its network for longer than session_autoclose (300 s)',
        'ceph osd blocklist ls; dmesg on the node',
        'delete the pods; a new mount has a new address number',
      ),
      cause('somebody evicted it', 'ceph tell mds.0 session ls', 'ceph osd blocklist rm ADDRESS'),
    ],
  },
  {
    means: 'no monitor let the client in before its time was up',
    codes: ['ENOANSWER'],
    numbers: [110],
    texts: [/failed to fetch mon config/, /Connection timed out/],
    causes: [
      cause(
        'no route or a firewall',
        'cephflex doctor --options FILE: monitor "no answer" or "refused"',
        'open ports 3300 and 6789 to the node',
      ),
      cause(
        'the wrong port or protocol: v2 is 3300, v1 is 6789',
        'doctor: "written v2 but speaks v1"',
        'write v1:HOST:PORT or v2:HOST:PORT',
      ),
      cause(
        'the monitors have moved',
        'ceph mon dump',
        'correct monitors; better, name a cluster of the node configuration',
      ),
      cause(
        'the key is wrong: ceph-fuse says the same then',
        'doctor: "key" fails',
        'see "cephflex explain 13"',
      ),
    ],
  },
  {
    means: 'a program did not end in its time: something in the cluster does not answer',
    codes: ['ETIMEOUT', 'EDEAD'],
    causes: [
      cause(
        'an MDS or OSD is stopped or overloaded',
        'ceph -s; ceph health detail',
        'bring it back; the kubelet tries again by itself',
      ),
      cause(
        'the node cannot reach the OSDs, only the monitors',
        'nc -vz OSDHOST 6800',
        'open ports 6800 to 7568',
      ),
    ],
  },
  {
    means: 'no metadata server is active, or the kernel client hides why it was refused',
    codes: ['ENOMDS'],
    numbers: [112, 113, 65_536],
    texts: [/No route to host/, /Host is down/, /Unknown error 65536/],
    causes: [
      cause('no MDS is up', 'ceph fs status', 'start one'),
      cause(
        'the kernel client was refused: it has one text for all',
        'dmesg | grep ceph: "auth failed -13"',
        'see "cephflex explain 13"',
      ),
      cause('a firewall between the node and the MDS', 'nc -vz MDSHOST 6800', 'open ports 6800 to 7568'),
    ],
  },
]
