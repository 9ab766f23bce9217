import t from 'tap'
import { hasFilesOf } from '../../../src/core/namespaces/pod-files.js'
import { parseMountInfo } from '../../../src/core/target/mount-table.js'

const UID = '0b8a2c4e-7d1f-4a53-9b1e-5f2c8d3a6e70'
const ROOT = '/var/lib/kubelet'

/** As containerd makes them for a kubelet 1.20. */
const container = (kubelet: string) =>
  parseMountInfo(`900 800 0:70 / / rw,relatime - overlay overlay rw
901 900 0:55 / /data rw,nosuid,nodev - fuse.ceph-fuse ceph-fuse rw
902 900 254:0 ${kubelet}/pods/${UID}/etc-hosts /etc/hosts rw - ext4 /dev/vda rw
903 900 254:0 ${kubelet}/pods/${UID}/containers/main/3c1a5a2d /dev/termination-log rw - ext4 /dev/vda rw`)

const node = parseMountInfo(`20 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
21 20 0:55 / ${ROOT}/pods/${UID}/volumes/cephflex~cephfs/data rw - fuse.ceph-fuse ceph-fuse rw
22 20 254:0 ${ROOT}/pods/${UID}/volumes/x ${ROOT}/pods/${UID}/volume-subpaths/x/main/0 rw - ext4 /dev/vda rw`)

t.ok(hasFilesOf(container(ROOT), UID), 'a container of the pod')
t.ok(hasFilesOf(container(''), UID), 'also if the directory of the kubelet is a file system of its own')
t.notOk(hasFilesOf(container(ROOT), UID.replace('0b', '1b')), 'not of another pod')
t.notOk(hasFilesOf(node, UID), 'the node is not the pod')
