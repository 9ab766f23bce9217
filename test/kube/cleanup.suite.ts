import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import t from 'tap'
import { allPids, argvOf, processInfo } from '../../src/system/processes.js'
import { newKubeDir } from '../lab/kube/kube.js'
import { until } from '../lab/until.js'
import { holdMachine } from './support/keeper.js'

/** A test that starts a cluster with a running pod, and is killed before it can clean up. */
const doomed = (dir: string) => `
const { startKube } = await import('${import.meta.dirname}/../lab/kube/kube.js')
const { pod } = await import('${import.meta.dirname}/support/objects.js')
const kube = await startKube({ teardown() {} }, { dir: '${dir}' })
const left = pod('left', { emptyDir: { medium: 'Memory' } })
await kube.apply({ ...left, spec: { ...left.spec, hostNetwork: false } })
await kube.running('left')
console.log('running')
setInterval(() => {}, 60_000)
`

const SYSCTLS = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops']
const CGROUPS = '/sys/fs/cgroup'

const isUsed = (directory: string) => existsSync(directory) && readdirSync(directory).length > 0

/** What a cluster changes on a machine outside its own directory. */
const machine = () => ({
  sysctls: SYSCTLS.map(name => readFileSync(`/proc/sys/${name}`, 'utf8').trim()),
  cgroups: readdirSync(CGROUPS).filter(name => existsSync(`${CGROUPS}/${name}/k8s.io`)),
  devices: readdirSync('/sys/class/net'),
  addresses: Object.values(networkInterfaces()).flatMap(each => each?.map(({ address }) => address) ?? []),
  // an empty one is removed with a cluster, even if it was there before
  directories: ['/var/lib/kubelet', '/var/log/pods', '/var/log/containers'].filter(isUsed),
})

t.test('a test is killed: its cluster is stopped all the same', async t => {
  // this test reserves the machine, so that no other cluster is in the comparison, and hands it over to the killed test
  const held = newKubeDir()
  await holdMachine(t, resolve('test/lab/kube'), held)
  const dir = newKubeDir()
  const before = machine()
  const test = execa('node', ['--input-type=module', '-e', doomed(dir)], {
    reject: false,
    stdin: 'ignore',
    env: { CEPHFLEX_KUBE_LOCK: `${dir}.lock` },
  })
  const [line] = await Promise.race([
    new Promise<string[]>(done => createInterface({ input: test.stdout }).once('line', text => done([text]))),
    test.then(({ stderr }) => [stderr]),
  ])
  t.equal(line, 'running')
  t.notSame(machine(), before, 'this comparison detects a running cluster')
  t.teardown(() => rmSync(`${dir}.lock`, { force: true }))
  test.kill('SIGKILL')
  await test
  await until('its directory is removed', () => !existsSync(dir))
  const left = () =>
    allPids().filter(pid => processInfo(pid)?.state !== 'Z' && argvOf(pid).some(word => word.includes(dir)))
  await until('its processes have ended', () => left().length === 0)
  t.notOk(readFileSync('/proc/self/mountinfo', 'utf8').includes(dir), 'no mount is left')
  // the kernel removes the network of a pod some time after its last process
  await until('its devices are removed', () => machine().devices.length === before.devices.length)
  t.strictSame(machine(), before, 'the machine is unchanged')
})
