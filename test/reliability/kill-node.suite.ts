// The same with the binary with Node.js, at each third place; at all of them in test:soak.
import { arch } from 'node:os'
import { resolve } from 'node:path'

process.env['CEPHFLEX_DRIVER'] = resolve(`dist/pkg/cephflex-linux-${arch()}`)
process.env['CEPHFLEX_EVERY'] ??= '3'
await import('./kill.suite.js')
