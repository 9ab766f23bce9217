// The same with the binary with Node.js.
import { arch } from 'node:os'
import { resolve } from 'node:path'

process.env['CEPHFLEX_DRIVER'] = resolve(`dist/pkg/cephflex-linux-${arch()}`)
await import('./kill.suite.js')
