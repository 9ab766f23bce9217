/**
 * The texts of the README's generated tables in Simplified Chinese, by the English text. A changed English text has none,
 * and `npm run docs` and the tests say so.
 */
export const ZH_CN: Readonly<Record<string, string>> = {
  option: '选项',
  key: '键',
  parameter: '参数',
  default: '默认值',
  meaning: '含义',

  'required unless cluster is given': '必填，除非给出 cluster',
  'addresses of the monitors: `HOST`, `HOST:PORT` or `v2:HOST:PORT`, with commas between them':
    'Monitor 地址：`HOST`、`HOST:PORT` 或 `v2:HOST:PORT`，用逗号分隔',
  "instead of monitors: the name of a cluster in the node's configuration file":
    '代替 monitors：节点配置文件中某个集群的名称',
  'the directory in the file system to mount': '要挂载的 CephFS 目录',
  'the Ceph user, with or without `client.`': 'Ceph 用户，可带或不带 `client.` 前缀',
  'another name of user': 'user 的别名',
  "the cluster's default file system": '集群的默认文件系统',
  'the file system, if the cluster has several': '集群有多个文件系统时，指定其中之一',
  '`fuse`, `kernel`, or `auto`: ceph-fuse, and the kernel client where ceph-fuse cannot run':
    '`fuse`、`kernel` 或 `auto`：优先 ceph-fuse，无法运行 ceph-fuse 时改用内核客户端',
  'mount options for both clients, with commas between them, such as `noatime,noexec`':
    '两种客户端通用的挂载选项，用逗号分隔，例如 `noatime,noexec`',
  'options for ceph-fuse, such as `client_oc_size=104857600`':
    'ceph-fuse 的选项，例如 `client_oc_size=104857600`',
  'options for the kernel client, such as `rasize=1048576`': '内核客户端的选项，例如 `rasize=1048576`',
  '`legacy`, or `prefer-crc` if every monitor is v2':
    '`legacy`；若所有 Monitor 地址都是 v2，则为 `prefer-crc`',
  'how the kernel client talks to the cluster: `legacy`, `crc`, `secure`, `prefer-crc`, `prefer-secure`':
    '内核客户端与集群通信的方式：`legacy`、`crc`、`secure`、`prefer-crc`、`prefer-secure`',
  "instead of a Secret: a file on the node with the key, below one of its configuration's secretDirectories":
    '代替 Secret：节点上存放密钥的文件，须位于节点配置的 secretDirectories 之下',
  "`60`, or what the node's configuration says": '`60`，或节点配置中的值',
  'seconds for the whole call, 5 to 110': '整个调用的时限（秒），5 到 110',
  "`root`: give the top directory to the pod's fsGroup; `none`: leave it alone":
    '`root`：把卷的顶层目录交给 Pod 的 fsGroup；`none`：保持原样',

  'name to `{"monitors": "...", "fsName": "..."}`, so that a volume can say `cluster: NAME`':
    '名称到 `{"monitors": "...", "fsName": "..."}` 的映射，卷中便可写 `cluster: NAME`',
  'where the `secretFile` of a volume may lie; none: it may not be used':
    '允许存放卷的 `secretFile` 的目录；为空则不允许使用 `secretFile`',
  "the `--root-dir` of this node's kubelet; an installed driver then mounts below their `pods` only. Empty: below any directory `pods` that only root can write":
    '本节点 kubelet 的 `--root-dir`；设置后，已安装的驱动只在其 `pods` 之下挂载。为空：任何只有 root 可写的 `pods` 目录之下均可',
  'for volumes that do not say it, and for unmounting': '用于没有指定时限的卷，以及卸载',
  'directories to look for ceph-fuse and mount in, before the standard ones':
    '查找 ceph-fuse 和 mount 的目录，先于系统标准目录',
  'keep the key of each mount in memory (mode 0600) until it is unmounted, so that `cephflex recover` can mount it again; not needed for volumes with `secretFile`':
    '在卸载之前把每个挂载的密钥保留在内存中（权限 0600），使 `cephflex recover` 能够重新挂载；使用 `secretFile` 的卷不需要',
  'make the directory below each mount immutable (or mode 0000), so that a pod that lost its volume gets errors instead of writing to the disk of the node':
    '把每个挂载点之下的目录设为不可修改（immutable，或权限 0000），使失去卷的 Pod 得到错误，而不是把数据写到节点磁盘上',
  'locks and state, without secrets; keyrings are beside them if it is a tmpfs':
    '锁和状态，不含密钥；若为 tmpfs，则临时 keyring 也放在旁边',
  'JSON lines, mode 0600, rotated by size': 'JSON 行日志，权限 0600，按大小轮转',

  'addresses of the monitors, as in the volume option of that name': 'Monitor 地址，与同名的卷选项相同',
  'instead of monitors: a cluster in the configuration file (with monitors it is ignored)':
    '代替 monitors：配置文件中的集群（给出 monitors 时忽略）',
  'the Ceph user that makes volumes': '用于创建卷的 Ceph 用户',
  'its Secret, for the controller': '该用户的 Secret，供控制器使用',
  'where that Secret is': '该 Secret 所在的命名空间',
  'instead of a Secret: a file on the node, below secretDirectories':
    '代替 Secret：节点上的文件，须位于 secretDirectories 之下',
  'the directory that holds all volumes': '存放所有卷的目录',
  '`true`: directory and user are named after namespace and claim': '`true`：目录和用户以命名空间和 PVC 命名',
  'the data pool; without it, the first one of the file system': '数据池；不指定则用文件系统的第一个数据池',
  '`subvolume` (needs a manager), `directory` (any release), or `auto`':
    '`subvolume`（需要 ceph-mgr）、`directory`（任何版本）或 `auto`',
  'mode of the top directory: only the pods that have the volume can reach it at all':
    '顶层目录的权限；反正只有使用该卷的 Pod 才能访问到它',
  '`delete` the data with the volume, keep it under another name (`archive`), or where it is (`retain`)':
    '删除卷时删除数据（`delete`）、改名保留（`archive`）或原地保留（`retain`）',
  'passed on to the volume option of that name': '传给同名的卷选项',
}
