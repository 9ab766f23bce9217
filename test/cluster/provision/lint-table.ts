// Users and what they can do: the truth is a real mount with these caps, and lint must report the same.

/** What root can do with the mounted directory, in this order. `others`: list another volume. */
export type Can = '' | 'mount' | `mount ${string}`

export type Row = {
  /** Differences to {@link GOOD}. Null: no caps of this service. */
  mds?: string | null
  osd?: string | null
  mon?: string | null
  /** The volume that is mounted; {@link VOLUMES} has its layout. By default `a`. */
  at?: VolumeName | '/'
  /** By default, the first file system, as without the option. */
  fsName?: 'second'
  can: Can
  /** A user that may not write by its mds caps, which is no error. */
  readOnly?: true
  /** A fault that these three tries do not show. */
  fault?: true
}

/** Layouts of directories below /volumes/kubernetes. */
export const VOLUMES = {
  a: {},
  b: {},
  'a-b': {},
  'a b': {},
  ns: { namespace: 'fsvolumens_ns' },
  extra: { pool: 'extra' },
  untagged: { pool: 'untagged' },
  group: { pool: 'extra', namespace: 'fsvolumens_group' },
  'group/inherits': {},
} as const satisfies Record<string, { pool?: string; namespace?: string }>
export type VolumeName = keyof typeof VOLUMES

const ROOT = '/volumes/kubernetes'
/** Caps that work for the volume `a`. */
export const GOOD = { mds: `allow rw path="${ROOT}/a"`, osd: 'allow rw pool=data', mon: 'allow r' }

const ALL = 'mount read write'
const at = (volume: VolumeName, osd: string, can: Can): Row => ({
  at: volume,
  mds: `allow rw path="${ROOT}/${volume}"`,
  osd,
  can,
})
const mds = (text: string | null, can: Can, more: Partial<Row> = {}): Row => ({ mds: text, can, ...more })
const osd = (text: string | null, can: Can): Row => ({ osd: text, can })
const mon = (text: string | null, can: Can, more: Partial<Row> = {}): Row => ({ mon: text, can, ...more })

const MDS: readonly Row[] = [
  mds(`allow r path="${ROOT}/a"`, 'mount read', { readOnly: true }),
  mds('allow *', `${ALL} others`),
  mds('allow all', `${ALL} others`),
  mds('allow', `${ALL} others`),
  mds(`allow rwp path=${ROOT}/a`, ALL),
  mds(`allow rws path=${ROOT}/a`, ALL),
  mds(`allow rwf path=${ROOT}/a`, ALL),
  mds(`allow rwps path=${ROOT}/a`, ALL),
  mds(`allow rwpf path=${ROOT}/a`, ''),
  mds(`allow w path=${ROOT}/a`, ''),
  mds(`allow rwx path=${ROOT}/a`, ''),
  mds(`allow RW path=${ROOT}/a`, ''),
  mds(`ALLOW rw path=${ROOT}/a`, ''),
  mds(`allow rw path=${ROOT}/a/`, ''),
  mds('allow rw path=/volumes//kubernetes/a', ''),
  mds(`allow rw path=/${ROOT}/a`, ALL),
  mds('allow rw path=volumes/kubernetes/a', ALL),
  mds('allow rw path=/volumes/./kubernetes/a', ''),
  mds(`allow rw path="${ROOT}/b/../a"`, ''),
  mds(`allow rw path='${ROOT}/a'`, ALL),
  mds(`allow rw path=${ROOT}`, `${ALL} others`),
  mds(`allow rw path=${ROOT}/`, `${ALL} others`),
  mds('allow rw path=/', `${ALL} others`),
  mds('allow rw path=""', `${ALL} others`),
  mds(`allow rw path=${ROOT}/b`, ''),
  mds(`allow rw path=${ROOT}/ab`, ''),
  mds(`allow rw path=${ROOT}/a/sub`, ''),
  mds(`allow r, allow rw path=${ROOT}/a`, `${ALL} others`),
  mds(`allow r path=${ROOT}/b;allow rw path=${ROOT}/a`, `${ALL} others`),
  mds(`allow r allow rw path=${ROOT}/a`, ''),
  mds(`allow rw path=${ROOT}/a,`, ''),
  mds(`allow  rw\tpath=${ROOT}/a`, ALL),
  mds(`allow rw path = ${ROOT}/a`, ''),
  mds(`allow rw path=${ROOT}/a network 127.0.0.0/8`, ALL),
  mds(`allow rw path=${ROOT}/a network 10.0.0.0/8`, ''),
  mds(`allow rw path=${ROOT}/a network 127.0.0.1`, ''),
  mds(`allow r path=${ROOT}/a, allow rw path=${ROOT}/a network 10.0.0.0/8`, 'mount read'),
  mds(`allow rw fsname=cephfs path=${ROOT}/a`, ALL),
  mds(`allow rw fsname=second path=${ROOT}/a`, ''),
  mds(`allow rw path=${ROOT}/a fsname=cephfs`, ''),
  mds('allow rw fsname=*', ''),
  mds(`allow rw path=${ROOT}/a root_squash`, 'mount read'),
  mds(`allow rw fsname=cephfs path=${ROOT}/a root_squash`, 'mount read'),
  mds(`allow rw path=${ROOT}/a uid=0`, ALL),
  mds(`allow rw path=${ROOT}/a uid=0 gids=0,1`, ALL),
  mds(`allow rw path=${ROOT}/a uid=0 gids=1000`, ''),
  mds(`allow rw path=${ROOT}/a uid=1000`, ''),
  mds(`allow r path=${ROOT}/a, allow rw path=${ROOT}/a uid=1000`, 'mount read'),
  mds('deny', ''),
  mds(null, ''),
  mds(`allow rw path=${ROOT}/a b`, '', { at: 'a b' }),
  mds(`allow rw path="${ROOT}/a b"`, ALL, { at: 'a b' }),
  mds(`allow rw path=${ROOT}/a-b`, ALL, { at: 'a-b' }),
]

const OSD: readonly Row[] = [
  osd(null, 'mount'),
  osd('allow *', ALL),
  osd('allow all', ALL),
  osd('allow rw', ALL),
  osd('allow rwx', ALL),
  osd('allow r', 'mount read'),
  osd('allow w', 'mount write'),
  osd('allow x', 'mount'),
  osd('allow', 'mount'),
  osd('allow wr', 'mount'),
  osd('allow class-read', 'mount'),
  osd('allow rw class-read pool=data', ALL),
  osd('allow rw pool data', ALL),
  osd('allow rw pool=other', 'mount'),
  osd('allow rw pool="data"', ALL),
  osd('allow pool=data rw', ALL),
  osd('allow rw pool = data', 'mount'),
  osd('allow rw pool=*', 'mount'),
  osd('allow r pool=data, allow w pool=data', ALL),
  osd('allow r pool=data;allow rw pool=other', 'mount read'),
  osd('allow rw pool=data namespace=""', ALL),
  osd('allow rw pool=data namespace=', 'mount'),
  osd('allow rw pool=data namespace=*', 'mount'),
  osd('allow rw pool=data namespace=""*', ALL),
  osd('allow rw pool=data namespace=fsvolumens_a', 'mount'),
  osd('allow rw pool=data object_prefix 1', ALL),
  osd('allow rw pool=data object_prefix rbd', 'mount'),
  osd('allow rw tag cephfs data=cephfs', ALL),
  osd('allow rw tag cephfs data=*', ALL),
  osd('allow rw tag cephfs *=*', ALL),
  osd('allow rw tag cephfs data = cephfs', ALL),
  osd('allow r tag cephfs data=cephfs', 'mount read'),
  osd('allow rw tag cephfs data=second', 'mount'),
  osd('allow rw tag cephfs data=all', ALL),
  osd('allow rw tag cephfs data=allfs', 'mount'),
  osd('allow rw tag cephfs metadata=cephfs', 'mount'),
  osd('allow rw tag cephfs metadata=*', 'mount'),
  osd('allow rw tag rbd data=cephfs', 'mount'),
  osd('allow rw tag CEPHFS data=cephfs', 'mount'),
  osd('allow rw namespace="" tag cephfs data=cephfs', ALL),
  osd('allow rw tag cephfs data=cephfs pool=data', 'mount'),
  osd('profile rbd', ALL),
  osd('profile rbd-read-only pool=data', 'mount read'),
  osd('profile fs-client', 'mount'),
  osd('allow rw pool=data network 127.0.0.0/8', ALL),
  osd('allow rw pool=data network 10.0.0.0/8', 'mount'),
  osd('allow RW', 'mount'),
  osd('allow rw pool=data,', 'mount'),
  osd('allow rw fsname=cephfs', 'mount'),
  at('ns', 'allow rw pool=data', ALL),
  at('ns', 'allow rw pool=data namespace=fsvolumens_ns', ALL),
  at('ns', 'allow rw pool=data namespace=fsvolumens_*', ALL),
  at('ns', 'allow rw pool=data namespace="fsvol*"', ALL),
  at('ns', 'allow rw pool=data namespace=""', 'mount'),
  at('ns', 'allow rw pool=data namespace=FSVOLUMENS_NS', 'mount'),
  at('ns', 'allow rw namespace fsvolumens_ns tag cephfs data=cephfs', ALL),
  at('extra', 'allow rw pool=data', 'mount'),
  at('extra', 'allow r pool=extra, allow rw pool=data', 'mount read'),
  at('extra', 'allow rw tag cephfs data=cephfs', ALL),
  at('untagged', 'allow rw tag cephfs data=cephfs', 'mount'),
  at('untagged', 'allow rw pool=untagged', ALL),
  at('group/inherits', 'allow rw pool=data', 'mount'),
  at('group/inherits', 'allow rw pool=extra namespace=fsvolumens_group', ALL),
]

const MON: readonly Row[] = [
  mon(null, ''),
  mon('allow *', ALL),
  mon('allow rwx', ALL),
  mon('allow w', ''),
  mon('allow', ''),
  mon('ALLOW r', ''),
  mon('allow r fsname=cephfs', ALL),
  mon('allow r fsname=second', ''),
  mon('allow r fsname=second, allow r fsname=cephfs', ALL),
  mon('allow r fsname=second, allow profile rbd', ALL),
  mon('allow r network 127.0.0.0/8 fsname=cephfs', ALL),
  mon('allow r fsname=cephfs network 127.0.0.0/8', ''),
  mon('allow r network 10.0.0.0/8', ''),
  mon('allow command "mon dump"', ''),
  mon('allow r, allow command "osd blacklist"', ALL),
  mon('allow r;allow service osd w', ALL),
  mon('allow service mon r, allow service osd r', ''),
  mon('allow service mon r, allow service mds r', 'mount', { fault: true }),
  mon('allow service mon r, allow service mds r, allow service osd r', ALL, { fault: true }),
  mon('profile fs-client', ALL),
  mon('allow profile "read-only"', ALL),
  mon('profile simple-rados-client', ''),
  mon('profile bogus', ''),
  mon('allow r pool=data', ''),
]

const IN_SECOND: readonly Pick<Row, 'osd' | 'mon' | 'can'>[] = [
  { osd: 'allow rw pool=data2', mon: 'allow r fsname=second', can: ALL },
  { osd: 'allow rw tag cephfs data=second', mon: 'allow r', can: ALL },
  { osd: 'allow rw tag cephfs data=cephfs', mon: 'allow r', can: 'mount' },
  { osd: 'allow rw tag cephfs data=second', mon: 'allow r fsname=cephfs', can: '' },
]
const SECOND = IN_SECOND.map(row => ({
  ...row,
  mds: 'allow rw fsname=second',
  at: '/' as const,
  fsName: 'second' as const,
}))

export const TABLE: readonly Row[] = [{ can: ALL }, ...MDS, ...OSD, ...MON, ...SECOND]
