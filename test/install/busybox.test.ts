// install.sh in the other shell that it supports.
import './bundled.js'
import t from 'tap'
import { installing } from './installing.js'
import { runCases, shells } from './node.js'
import { refusing } from './refusing.js'

t.setTimeout(290_000)
runCases(t, shells.slice(1, 2), [...installing, ...refusing])
