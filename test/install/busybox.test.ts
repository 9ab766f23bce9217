// install.sh in busybox with only the tools of busybox, as in the image of the DaemonSet.
import './bundled.js'
import t from 'tap'
import { installing } from './installing.js'
import { runCases, shells } from './node.js'
import { refusing } from './refusing.js'

t.setTimeout(290_000)
runCases(t, shells.slice(1), [...installing, ...refusing])
