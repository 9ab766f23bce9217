// The Dockerfile, built by buildah, gives the image that `npm run package` makes without an engine: the same files with
// the same modes, owners and contents, and the same settings.
import * as fs from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import t from 'tap'
import { type Image, Layout, unpackImage } from './oci.js'
import { IMAGE, PKG } from './release.js'

t.setTimeout(900_000)

const work = fs.mkdtempSync('/tmp/cephflex-dockerfile-')
const context = join(PKG, 'image')
/** A storage of its own, without an engine's configuration. */
const storage = ['--root', join(work, 'storage'), '--runroot', join(work, 'run'), '--storage-driver', 'vfs']
const buildah = (...args: string[]) => execa('buildah', [...storage, ...args], { env: { HOME: work } })

t.teardown(() => fs.rmSync(work, { recursive: true }))
await execa('tar', ['-xf', IMAGE, '--one-top-level=archive', '-C', work])
const made = new Layout(join(work, 'archive')).images()

/** Each path with its kind, mode, owner, target and contents. */
const listing = async (root: string): Promise<string[]> => {
  const form = '%P %y %m %U:%G %l\n'
  const { stdout: paths } = await execa('find', [root, '-mindepth', '1', '-printf', form])
  const sums = await execa('sh', ['-c', 'find . -type f -exec sha256sum {} +'], { cwd: root })
  return [...paths.split('\n'), ...sums.stdout.split('\n')].sort()
}

/** buildah's own mark, which is about the builder. */
const settings = ({ config }: Image) => {
  const { 'io.buildah.version': _, ...labels } = config.config.Labels
  return { ...config.config, Labels: labels, architecture: config.architecture }
}

for (const arch of ['amd64', 'arm64']) {
  t.test(`${arch}: the same image`, async t => {
    const name = `built-${arch}`
    await buildah(
      'bud',
      '--isolation',
      'chroot',
      '--layers=false',
      '--platform',
      `linux/${arch}`,
      '--tag',
      name,
      context,
    )
    await buildah('push', name, `oci:${join(work, name)}`)
    const built = new Layout(join(work, name)).image()
    const ours = made[arch] as Image
    t.strictSame(settings(built), settings(ours), 'command, environment, labels, directory, user')
    const roots = [join(work, `${arch}-built`), join(work, `${arch}-ours`)] as const
    await unpackImage(built, roots[0])
    await unpackImage(ours, roots[1])
    const files = await listing(roots[0])
    t.strictSame(files, await listing(roots[1]), 'files')
    t.ok(files.length > 200, 'all of them')
  })
}

t.test('the file in the folder is the shipped one with its values', async t => {
  const shipped = fs.readFileSync('src/assets/Dockerfile', 'utf8').split('\n')
  const there = fs.readFileSync(join(context, 'Dockerfile'), 'utf8').split('\n')
  t.strictSame(
    there.map((line, i) => (line === shipped[i] ? '' : line.replace(/=.*/, ''))).filter(line => line !== ''),
    ['ARG VERSION', 'ARG BUSYBOX'],
  )
})
