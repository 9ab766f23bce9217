import { FILE_NAME, type Grammar, NUMBER, type OptionRow } from './option-table.js'

const KERNEL = ['kernel'] as const

const UUID: Grammar = { pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, form: 'a UUID' }
const CRUSH: Grammar = {
  pattern: /^[\w.-]+:[\w.-]+(?:\|[\w.-]+:[\w.-]+)*$/,
  form: 'TYPE:NAME, several joined by "|"',
}

/** Allowed in kernelOptions. */
export const KERNEL_OPTIONS: readonly OptionRow[] = [
  ...switches({
    acl: 'use POSIX access lists',
    asyncreaddir: 'read directories ahead',
    copyfrom: 'let the cluster do the copying for copy_file_range(2)',
    crc: 'checksums for message data',
    dcache: 'answer lookups from the dentry cache',
    dirstat: 'reading a directory as a file gives statistics',
    fsc: 'cache on the local disk of the node',
    ino32: 'inode numbers that fit in 32 bits',
    pagecache: 'cache the contents of files',
    poolperm: 'check access to a data pool before using it',
    quotadf: 'df shows the quota',
    rbytes: 'the size of a directory is that of all files below it',
    share: 'share the connection with other mounts',
    sparseread: 'read files with holes sparsely',
    tcp_nodelay: 'send small messages immediately',
    wsync: 'wait for the MDS when names change',
  }),
  { name: 'abort_on_full', clients: KERNEL, means: 'writes fail when the cluster is full' },
  { name: 'rxbounce', clients: KERNEL, means: 'receive through a bounce buffer' },
  ...valued(NUMBER, {
    caps_max: 'maximum number of caps',
    caps_wanted_delay_max: 'maximum seconds to keep unused caps',
    caps_wanted_delay_min: 'minimum seconds to keep unused caps',
    osd_idle_ttl: 'seconds until an idle connection to an OSD is closed',
    osd_request_timeout: 'seconds until a request to an OSD fails, 0 for never',
    osdkeepalive: 'seconds between keepalives',
    rasize: 'bytes to read ahead',
    readdir_max_bytes: 'largest answer to a directory listing',
    readdir_max_entries: 'maximum entries in an answer to a directory listing',
    rsize: 'largest read in bytes',
    write_congestion_kb: 'KiB in flight before writers wait',
    wsize: 'largest write in bytes',
  }),
  ...valued(
    { pattern: /^(?:no|clean)$/, form: '"no" or "clean"' },
    { recover_session: 'what to do after an eviction' },
  ),
  ...valued(
    { pattern: /^(?:no|balance|localize)$/, form: '"no", "balance" or "localize"' },
    { read_from_replica: 'which copy of an object to read' },
  ),
  ...valued(CRUSH, { crush_location: 'where this node is, for read_from_replica=localize' }),
  ...valued(FILE_NAME, { snapdirname: 'name of the directory with the snapshots' }),
  ...valued(UUID, { fsid: 'fsid that the cluster must have' }),
]

function switches(rows: Record<string, string>): OptionRow[] {
  return Object.entries(rows).flatMap(([name, means]) => [
    { name, clients: KERNEL, means },
    { name: `no${name}`, clients: KERNEL, means: `not: ${means}` },
  ])
}

function valued(value: Grammar, rows: Record<string, string>): OptionRow[] {
  return Object.entries(rows).map(([name, means]) => ({ name, value, clients: KERNEL, means }))
}
