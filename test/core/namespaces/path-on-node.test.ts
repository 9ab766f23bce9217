import t from 'tap'
import { pathOnNode } from '../../../src/core/namespaces/path-on-node.js'
import { parseMountInfo } from '../../../src/core/target/mount-table.js'

const NODE = parseMountInfo(
  '26 1 254:0 / / rw - ext4 /dev/vda rw\n30 26 254:1 / /data rw - xfs /dev/vdb rw\n',
)
const table = (line: string) => parseMountInfo(`50 1 0:44 / / rw - overlay overlay rw\n${line}`)
const PATH = '/var/lib/kubelet/plugins'

for (const [title, line, found] of [
  ['a directory of the root', '51 50 254:0 /opt/k /var/lib/kubelet rw - ext4 x rw', '/opt/k/plugins'],
  ['a directory of another disk', '51 50 254:1 /k /var/lib/kubelet rw - xfs x rw', '/data/k/plugins'],
  ['a whole disk', '51 50 254:1 / /var/lib/kubelet rw - xfs x rw', '/data/plugins'],
  ['the same path', '51 50 254:0 /var/lib /var/lib rw - ext4 x rw', PATH],
  ['the image of the container', '', undefined],
  ['a file system that the node does not mount', '51 50 0:99 / /var/lib/kubelet rw - tmpfs x rw', undefined],
] as const)
  t.equal(pathOnNode(NODE, table(line), PATH), found, title)
t.equal(
  pathOnNode(
    [...NODE, ...parseMountInfo('31 26 0:9 / /opt rw - tmpfs x rw\n')],
    table('51 50 254:0 /opt/k /var/lib/kubelet rw - ext4 x rw'),
    PATH,
  ),
  undefined,
  'a directory that another mount covers on the node',
)
