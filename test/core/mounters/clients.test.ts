import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import {
  CLIENTS,
  clientOfDaemon,
  clientOfType,
  clientsFor,
  isClient,
  mounters,
} from '../../../src/core/mounters/index.js'
import { OPTIONS } from '../../../src/core/volume/option-fields.js'

t.strictSame(clientsFor('auto'), ['fuse', 'kernel'], 'ceph-fuse first')
for (const client of CLIENTS) {
  const { fsType, daemon } = mounters[client]
  t.strictSame(clientsFor(client), [client], `${client}: a choice is never replaced`)
  t.equal(clientOfType(fsType), client, `${client}: its mounts are recognized by their type`)
  t.equal(clientOfDaemon(daemon?.name), daemon && client, `${client}: and its daemon by its name`)
  t.ok(isClient(client))
  t.ok(OPTIONS.mounter.schema.safeParse(client).success, `${client}: the volume option allows it`)
}
t.equal(clientOfType('ext4'), undefined)
t.equal(isClient('auto'), false)
t.match(
  OPTIONS.mounter.schema.safeParse('nfs').error?.issues,
  [{ message: 'must be "auto", "fuse" or "kernel"' }],
  'and names all of them',
)

/** The table of clients, and the tables of their options. */
const TABLES = [
  'core/mounters/index.ts',
  'core/mount-options/kernel-option-table.ts',
  'core/mount-options/mount-options.ts',
  'core/mount-options/option-table.ts',
]
const src = new URL('../../../../src/', import.meta.url)
const naming = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .filter(name => CLIENTS.some(client => readFileSync(new URL(name, src), 'utf8').includes(`'${client}'`)))
t.strictSame(naming.sort(), TABLES.sort(), 'no other file tells clients apart by their names')
