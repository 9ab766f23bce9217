#!/usr/bin/env node
import { engine } from '../src/system/engine.js'

// First, since the arguments of a mount call contain the key, and every user of the node can read them.
const argv = process.argv.slice(2)
const { program } = engine
engine.prepare()
process.argv[1] = program

// No top-level await: the packaged binary is a CommonJS bundle. The exit is forced, so that a call
// does not wait for a child that cannot be killed.
import('../src/main.js').then(({ crash, main }) => {
  // An unexpected error is not printed: the kubelet would read it as part of the reply.
  const end = () => process.exit(crash(program, argv))
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
  main(program, argv).then(code => process.exit(code), end)
})
