#!/usr/bin/env -S node --experimental-vm-modules --disable-warning=ExperimentalWarning
import vm from 'node:vm'
import { recordCoverage } from './coverage.js'
import { loadModule } from './modules.js'

/**
 * The program of this checkout, for tests. Node's own loader needs 1 ms of processor time for each of its 100 to 230
 * modules, several times what a call does with them.
 *
 * Started as an argument of node, without the flag above, it uses Node's own loader.
 */
recordCoverage()
const entry = new URL('../../../bin/cephflex.js', import.meta.url)
if ('SourceTextModule' in vm) await loadModule(entry)
else await import(entry.href)
