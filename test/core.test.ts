// The tests of src/core in one process: they are quick, and to start a process takes half a second for each file. Each file
// can be run by itself.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'core')
const names = readdirSync(folder, { encoding: 'utf8', recursive: true })
for (const name of names.sort()) if (name.endsWith('.test.js')) await import(join(folder, name))
