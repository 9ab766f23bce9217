import t from 'tap'
import { CLIENTS, type Client, mounters } from '../../../src/core/mounters/index.js'
import { Secret } from '../../../src/core/secret.js'
import type { VolumeOptions } from '../../../src/core/volume/volume.js'
import { KEY, volume } from '../../support/volumes.js'

/** A changed value, and the clients whose command it changes. A new option must be listed to compile. */
const OPTIONS: { [Name in keyof Required<VolumeOptions>]: [Required<VolumeOptions>[Name], Client[]] } = {
  monitors: [[{ host: '10.0.0.2', port: 6789 }], ['fuse', 'kernel']],
  path: ['/other', ['fuse', 'kernel']],
  user: ['web', ['fuse', 'kernel']],
  fsName: ['second', ['fuse', 'kernel']],
  options: [{ fuse: ['noatime'], fuseFlags: ['--client_oc=false'], kernel: ['noatime'] }, ['fuse', 'kernel']],
  readOnly: [true, ['fuse', 'kernel']],
  credential: [{ from: 'secret', key: new Secret(KEY.replace('AQA', 'AQB')) }, ['fuse', 'kernel']],
  // ceph-fuse detects this itself
  msMode: ['secure', ['kernel']],
  // used by the call, not by the clients
  mounter: ['kernel', []],
  clientSharing: ['node', []],
  timeoutS: [7, []],
  fsGroupPolicy: ['root', []],
  fsGroup: [2000, []],
  pod: [{ name: 'web' }, []],
}

const command = (client: Client, options: VolumeOptions, hasHelper: boolean) => {
  const context = {
    target: '/pods/a',
    volume: options,
    monitors: options.monitors,
    credentialFile: '/run/k',
    giveUpS: 30,
    adminSocket: '/run/a.asok',
    logFile: '/var/log/a.log',
    hasHelper,
  }
  const key = options.credential.from === 'secret' ? options.credential.key : new Secret('')
  const { program, argv, credential } = mounters[client]
  return JSON.stringify([program, argv(context), credential(context, key).reveal()])
}

for (const [name, [value, clients]] of Object.entries(OPTIONS)) {
  for (const client of CLIENTS) {
    for (const hasHelper of [true, false]) {
      const before = command(client, volume(), hasHelper)
      const after = command(client, volume({ [name]: value }), hasHelper)
      const [changes, rule] = clients.includes(client) ? [true, 'shapes'] : [false, 'does not touch']
      const form = hasHelper ? '' : ', without its helper'
      t.equal(before !== after, changes, `${name} ${rule} the command of the ${client} client${form}`)
    }
  }
}
