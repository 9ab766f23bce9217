import t from 'tap'
import { isBelow, normalPath, pathProblem } from '../../../src/core/text/paths.js'

for (const path of ['/', '/a', '//a/./b/', '/..a', '/a b,c:é', `/${'a'.repeat(4095)}`]) {
  t.equal(pathProblem(path), undefined, `${path.slice(0, 20)} is a path`)
}
const PROBLEMS: [path: string, problem: string][] = [
  ['', 'absolute'],
  ['a', 'absolute'],
  ['/a/../b', '".."'],
  ['/..', '".."'],
  ['/a\nb', 'control character'],
  ['/\0', 'control character'],
  ['/\u0085', 'control character'],
  ['/\ud800', 'control character'],
  [`/${'a'.repeat(4096)}`, '4096 bytes'],
  [`/${'é'.repeat(2048)}`, '4096 bytes'],
]
for (const [path, problem] of PROBLEMS)
  t.match(pathProblem(path), problem, `${JSON.stringify(path).slice(0, 20)}: ${problem}`)

t.equal(normalPath('//a/./b//c/'), '/a/b/c', 'a path is normalised')
t.equal(normalPath('///'), '/', 'the root is unchanged')
t.equal(isBelow('/a/b', '/a'), true, 'inside')
t.equal(isBelow('/a', '/a'), false, 'the directory itself is not below it')
t.equal(isBelow('/ab', '/a'), false, 'the same beginning is not enough')
t.equal(isBelow('/a', '/'), true, 'everything is below the root')
