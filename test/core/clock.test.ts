import t from 'tap'
import { monotonicMs } from '../../src/core/clock.js'

const before = performance.now()
const begin = monotonicMs()
await new Promise(resolve => setTimeout(resolve, 50))
const passed = monotonicMs() - begin
t.ok(passed > 45, 'milliseconds pass')
t.ok(passed <= performance.now() - before, 'it runs no faster than performance.now()')
