// The forms in which people store a key, on a real cluster; keyrings as Ceph's own tool reads them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { execa } from 'execa'
import t from 'tap'
import { parseKeyMaterial } from '../../../src/core/volume/cephx-key.js'
import { startCluster } from '../../lab/cluster.js'
import { makeNode, NOTHING } from '../../lab/node.js'
import { base64, KEY } from '../../support/volumes.js'

t.test('keys', async t => {
  const cluster = await startCluster(t)
  const key = await cluster.addUser('web', { mds: 'allow rw', mon: 'allow r', osd: 'allow rw' })
  const node = makeNode(t)
  const entries = (secret: Record<string, string>) =>
    Object.fromEntries(Object.entries(secret).map(([name, value]) => [`kubernetes.io/secret/${name}`, value]))
  /** Mounts, and unmounts. @returns the message of a failure. */
  const mount = async (options: Record<string, string>, on = node): Promise<string> => {
    const target = on.target()
    const { reply, output } = await on.mount(target, {
      monitors: cluster.monitors,
      mounter: 'fuse',
      ...options,
    })
    t.notOk(output.includes(key), 'the reply does not contain the key')
    if (reply.status === 'Success') await on.unmount(target)
    return reply.message ?? reply.status
  }

  await t.test('Secrets', async t => {
    const user = 'web'
    // what the kubelet sends for `data: {key: KEY}`
    t.equal(await mount({ user, ...entries({ key }) }), 'Success', 'the key itself in the data')
    t.equal(
      await mount({ user, ...entries({ key: base64(key) }) }),
      'Success',
      'base64 of the key in the data',
    )
    const csi = {
      userID: base64('web'),
      userKey: base64(key),
      adminID: base64('admin'),
      adminKey: base64(KEY),
    }
    t.equal(await mount(entries(csi)), 'Success', "ceph-csi's entries name the user")
    t.equal(await mount({ user, ...entries(csi) }), 'Success', "ceph-csi's entries, and the user")
    t.match(await mount({ user: 'admin', ...entries(csi) }), /^EREFUSED/, 'adminKey is the key of adminID')
    t.match(
      await mount({ user: 'db', ...entries(csi) }),
      /^EBADKEY: .*"client.web" \(userID\)/,
      'another user',
    )
    const admin = { adminID: base64('admin'), adminKey: base64(cluster.adminKey) }
    t.equal(await mount(entries(admin)), 'Success', "the entries of ceph-csi's provisioner")
    const get = await cluster.command({ prefix: 'auth get', entity: 'client.web', format: 'json' })
    t.equal(
      await mount({ user, ...entries({ key: base64(JSON.stringify(get)) }) }),
      'Success',
      'JSON of ceph auth get',
    )
    t.strictSame(node.leftovers(), NOTHING)
  })

  await t.test('users whose names are unusual', async t => {
    const names = [
      'web@site',
      'a+b',
      'a:b',
      'a/b',
      'a,b',
      'a$b',
      '_a',
      '.a',
      'a b',
      'a=b',
      "a'b",
      'a"b',
      'a;b',
      'a#b',
    ]
    for (const user of [...names, 'a]b', 'a[b', 'a\\b', '$name', 'client.x', '%n']) {
      const own = await cluster.addUser(user, { mds: 'allow rw', mon: 'allow r', osd: 'allow rw' })
      const options = { user: `client.${user}`, ...entries({ key: base64(own) }) }
      t.equal(await mount(options), 'Success', user)
    }
    const refused = await mount({ user: 'a$&b', ...entries({ key: base64(KEY) }) })
    t.match(
      refused,
      /^EREFUSED: the cluster refused the key of client\.a\$&b; .*"ceph auth get 'client\.a\$&b'"/,
    )
    const kernel = await mount({ user: 'a,b', mounter: 'kernel', ...entries({ key: base64(key) }) })
    t.match(kernel, /^EOPTION: the kernel client cannot use "client.a,b": its name contains a comma/)
    t.strictSame(node.leftovers(), NOTHING)
  })

  await t.test('secretFile', async t => {
    const directory = `${node.dir}/keys`
    mkdirSync(directory)
    const limited = makeNode(t, { secretDirectories: [directory] })
    for (const [name, content] of Object.entries({
      bytes: Buffer.from(key, 'base64'),
      bom: `\uFEFF${key}\r\n`,
      keyring: `[client.admin]\n\tkey = ${KEY}\n[client.web]\n\tkey = "${key}" # mine\n`,
    })) {
      writeFileSync(`${directory}/${name}`, content, { mode: 0o600 })
      t.equal(await mount({ user: 'web', secretFile: `${directory}/${name}` }, limited), 'Success', name)
    }
  })

  await t.test('keyrings that Ceph reads', async t => {
    const file = `${node.dir}/keyring`
    const other = `[client.other]\n\tkey = ${KEY}\n`
    for (const keyring of [
      `[client.web]\n\tkey = ${key}\n\tcaps mds = "allow rw"\n`,
      `# mine\n\n[client.web] # web\n\tkey = ${key} # of 2026\n`,
      `; mine\n[client.web]\n\tkey = ${key}; of 2026\n`,
      `[client.web]\n\tkey = "${key}"\n`,
      `[client.web]\n\tkey = '${key}' ; x\n`,
      `[client.web]\n\tkey=${key}\n`,
      `[client.web]\n\tkey = \\\n${key}\n`,
      `[client.web]\n\tkey = ${KEY}\n\tkey = ${key}\n`,
      `${other}[client.web]\n\tkey = ${KEY}\n${other}[client.web]\n\tkey = ${key}\n`,
      `[client.web]\n\tkey = ${key}\n[client.web]\n\tcaps mon = "allow r"\n`,
    ]) {
      writeFileSync(file, keyring)
      const { stdout } = await execa('ceph-authtool', ['-p', '-n', 'client.web', file], { reject: false })
      t.equal(stdout, key, `Ceph reads ${JSON.stringify(keyring.replaceAll(key, 'KEY'))}`)
      t.equal(parseKeyMaterial(keyring, 'web').reveal(), key, 'and so does the driver')
    }
  })
})
