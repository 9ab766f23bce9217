#!/usr/bin/env node
// First, since the arguments of a mount call contain the key, and every user of the node can read them.
const argv = process.argv.slice(2)
// in a binary of plain pkg (npx pkg .), argv[1] is a path of pkg
const program = ('pkg' in process ? process.execPath : process.argv[1]) ?? ''
process.title = 'cephflex'

// Variables of the caller must not change the answer. The packaged binary does not read these; under another Node.js
// this is the first moment: NODE_DEBUG prints to stderr, and Node.js reads the descriptor of NODE_CHANNEL_FD.
if (process.env['NODE_DEBUG']) process.stderr.write = () => true
process.removeAllListeners('warning')
const channel = Object.getOwnPropertySymbols(process).find(
  ({ description }) => description === 'kChannelHandle',
)
if (channel && process.channel) (process as unknown as Channel)[channel]?.readStop?.()

// No top-level await: the packaged binary is a CommonJS bundle. The exit is forced, so that a call
// does not wait for a child that cannot be killed.
import('../src/main.js').then(({ crash, main }) => {
  // An unexpected error is not printed: the kubelet would read it as part of the reply.
  const end = () => process.exit(crash(program, argv))
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
  main(program, argv).then(code => process.exit(code), end)
})

type Channel = Record<symbol, { readStop?: () => void } | null | undefined>
