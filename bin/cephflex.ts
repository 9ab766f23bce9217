#!/usr/bin/env node
// First of all: the arguments of a mount call hold the Secret, and everybody on the node may read them.
const argv = process.argv.slice(2)
// pkg, run by itself (npx pkg .), puts a path of its own there
const program = ('pkg' in process ? process.execPath : process.argv[1]) ?? ''
process.title = 'cephflex'

// No top-level await: the packaged binary is a CommonJS bundle. The exit is forced, so that a child
// that cannot be killed does not keep a call from ending.
import('../src/main.js').then(({ crash, main }) => {
  // Nothing of an unexpected error may be printed: the kubelet would read it as part of the reply.
  const end = () => process.exit(crash(program, argv))
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
  main(program, argv).then(code => process.exit(code), end)
})
