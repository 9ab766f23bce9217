import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import type { Test } from 'tap'

/**
 * A Debian 12 of its own as a node: its root directory, processes and mounts are in namespaces that end with the test,
 * whatever is mounted or runs there. It uses the network of the machine, so that it can reach a cluster on loopback.
 */
export class DebianRoot {
  readonly root: string
  readonly #init: number

  private constructor(root: string, init: number) {
    this.root = root
    this.#init = init
  }

  static async start(t: Test): Promise<DebianRoot> {
    const { stdout: archive } = await execa('sh', ['test/lab/debian/debian-root.sh'], { stderr: 'inherit' })
    const root = fs.mkdtempSync('/tmp/cephflex-debian-')
    await execa('tar', ['-xf', archive, '-C', root])
    fs.writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    // dpkg need not wait for the disk: nothing outlives the test
    fs.writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/no-sync'), 'force-unsafe-io\n')
    const prepare = [
      // as on a node, where systemd makes the root shared
      `mount --bind --make-shared ${root} ${root}`,
      `mount -t proc proc ${root}/proc`,
      `mount --rbind /dev ${root}/dev`,
      `mount -t tmpfs -o mode=755 tmpfs ${root}/run`,
      `exec chroot ${root} /bin/sh -c 'echo ready; exec sleep infinity'`,
    ]
    const spaces = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private']
    const running = execa('unshare', [...spaces, 'sh', '-ec', prepare.join('\n')], {
      reject: false,
      stdin: 'ignore',
    })
    t.teardown(async () => {
      running.kill('SIGKILL')
      await running
      await delay(100)
      fs.rmSync(root, { recursive: true })
    })
    await new Promise(resolve => running.stdout.once('data', resolve))
    const { stdout: child } = await execa('pgrep', ['-P', String(running.pid)])
    return new DebianRoot(root, Number(child))
  }

  /** Runs a command there; never throws. `all` is its output. */
  run(...argv: string[]) {
    return this.outside('/usr/sbin/chroot', this.root, ...argv)
  }

  /** Runs a program of this machine among its processes and mounts; never throws. `all` is its output. */
  outside(...argv: string[]) {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
    const enter = ['-t', String(this.#init), '-m', '-p']
    return execa('nsenter', [...enter, ...argv], {
      reject: false,
      all: true,
      stdin: 'ignore',
      env,
      extendEnv: false,
    })
  }

  sh(script: string) {
    return this.run('/bin/sh', '-c', script)
  }

  /** Copies a file of this machine there. */
  copy(from: string, to: string) {
    fs.copyFileSync(from, this.path(to))
  }

  path(path: string): string {
    return join(this.root, path)
  }

  exists(path: string): boolean {
    return fs.existsSync(this.path(path))
  }
}
