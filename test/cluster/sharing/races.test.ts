// Three pods of one volume come and go at the same time. Nobody's data path is pulled away, and nothing is left.
import t from 'tap'
import { NOTHING } from '../../lab/node.js'
import { racePods } from '../../lab/race.js'
import { sharingScene } from '../../lab/sharing.js'

/** On each of three targets. The soak suite has 200. */
const ROUNDS = 20

t.test('mounts and unmounts race on three targets of one volume', async t => {
  const { node, admin } = await sharingScene(t)
  t.strictSame(await racePods(node, admin, ROUNDS), [], `${ROUNDS} rounds on each: no error`)
  t.strictSame(await node.settled(), NOTHING, 'nothing is left')
})
