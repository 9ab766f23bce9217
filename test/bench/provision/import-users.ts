import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cephKey, KEY_BYTES } from '../../../src/core/dev-cluster/keys.js'
import type { Provisioner } from '../../../src/ops/provision/provisioner.js'
import type { ProvisionLab } from './lab.js'

type NewUser = { entity: string; caps: readonly string[] }

const IMPORT_MS = 600_000

/**
 * The provisioner that fills a cluster: it keeps the users that it is to create until `importUsers`, which creates all
 * in one commit. A commit for each takes the monitor longer with each user; 10,000 would take an hour.
 */
export function withLateUsers({ folder, env }: ProvisionLab, provisioner: Provisioner) {
  const waiting: NewUser[] = []
  const ask: Provisioner['rados']['ask'] = async (target, command, options) => {
    const asked = command as { prefix?: string } & NewUser
    if (asked.prefix !== 'auth get-or-create') return provisioner.rados.ask(target, command, options)
    waiting.push(asked)
    return { code: 0, output: [], error: '' }
  }
  const importUsers = async () => {
    if (waiting.length === 0) return
    const file = join(folder, 'imported.keyring')
    writeFileSync(file, waiting.splice(0).map(section).join(''), { mode: 0o600 })
    try {
      await execa('ceph', ['auth', 'import', '-i', file], { env, timeout: IMPORT_MS })
    } finally {
      rmSync(file)
    }
  }
  return { filling: { ...provisioner, rados: { ...provisioner.rados, ask } }, importUsers }
}

/** A user with a new key, as a keyring has it. */
function section({ entity, caps }: NewUser): string {
  const key = cephKey(randomBytes(KEY_BYTES), Date.now() / 1000).reveal()
  const lines = caps.flatMap((cap, i) =>
    i % 2 === 1 ? [`\tcaps ${caps[i - 1]} = ${JSON.stringify(cap)}\n`] : [],
  )
  return `[${entity}]\n\tkey = ${key}\n${lines.join('')}`
}
