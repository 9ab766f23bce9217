import { readFileSync } from 'node:fs'
import t from 'tap'
import { fillArgs, readDockerfile } from '../../bin/package/image/dockerfile.js'
import { readAsset } from '../../src/system/assets.js'

const args = { TARGETARCH: 'arm64', VERSION: '1.2.3', BUSYBOX: '1:1.35.0-4+b7' }

t.test('the shipped Dockerfile is understood', async t => {
  const image = readDockerfile(readAsset('Dockerfile'), args)
  t.match(image, {
    copies: ['arm64'],
    env: { PATH: '/bin' },
    workingDir: '/',
    labels: { 'org.opencontainers.image.version': '1.2.3', 'busybox.version': '1:1.35.0-4+b7' },
  })
  t.strictSame(image.cmd.slice(0, 2), ['/bin/sh', '-c'])
  t.match(image.cmd[2], /wait \$!/, 'the words of CMD are not expanded')
})

t.test('its description is that of the package', async t => {
  const { description } = JSON.parse(readFileSync('package.json', 'utf8'))
  t.equal(
    readDockerfile(readAsset('Dockerfile'), args).labels['org.opencontainers.image.description'],
    description,
  )
})

t.test('filled in, only the processor is open', async t => {
  const filled = fillArgs(readAsset('Dockerfile'), { VERSION: '1', BUSYBOX: '2' })
  t.match(readDockerfile(filled, { TARGETARCH: 'amd64' }), { labels: { 'busybox.version': '2' } })
  t.throws(() => readDockerfile(filled, {}), { message: /ARG TARGETARCH has no value/ })
})

for (const line of [
  'FROM debian',
  'RUN true',
  'COPY a b',
  'COPY --chmod=755 a/ /',
  'ENV A B',
  'LABEL a=b c=d',
  `LABEL a=\${B}`,
  'USER 1',
  '  indented',
])
  t.test(`${line}: refused, not left out`, async t => {
    t.throws(() => readDockerfile(`FROM scratch\n${line}\n`, {}), { message: /cannot make an image of/ })
  })
