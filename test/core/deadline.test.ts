import t from 'tap'
import { startDeadline } from '../../src/core/deadline.js'

let now = 500
const deadline = startDeadline(10_000, () => now)
t.equal(deadline.left(), 10_000, 'all of the time is left at first')
t.equal(deadline.share(0.5, 0, 60_000), 5_000, 'a share is a part of what is left')
t.equal(deadline.share(0.5, 0, 1_000), 1_000, 'a share has an upper bound')
now += 9_000
t.equal(deadline.left(), 1_000, 'time passes')
t.equal(deadline.share(0.5, 800, 60_000), 800, 'a share has a lower bound')
now += 5_000
t.equal(deadline.left(), 0, 'what is left is never negative')
t.equal(deadline.share(1, 700, 500), 500, 'the upper bound wins')
t.equal(deadline.undo(3_000).left(), 0, 'two seconds after the deadline, nothing is undone')
now -= 5_000
t.equal(deadline.undo(500).left(), 500, 'undoing has its own limit')
t.equal(deadline.undo(60_000).left(), 3_000, 'and may exceed the deadline by two seconds')
const real = startDeadline(60_000)
t.ok(real.left() > 50_000 && real.left() <= 60_000, 'the default clock is real time')
