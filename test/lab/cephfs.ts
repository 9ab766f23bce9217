import { runProgram } from '../../src/system/programs.js'

const LIMIT_MS = 20_000

export type CephFsJob = {
  conf: string
  path: string
  fsName?: string
  mode?: number
  quotaBytes?: number
  /** Writes a file with this text instead of creating a directory. */
  text?: string
}

/** Creates a directory or writes a file in a file system of a cluster. About 0.1 s. */
export async function inCephFs(job: CephFsJob): Promise<void> {
  const input = JSON.stringify(job)
  const { exitCode, stderr } = await runProgram('/usr/bin/python3', ['-I', '-c', SOURCE], {
    timeoutMs: LIMIT_MS,
    input,
  })
  if (exitCode !== 0) throw new Error(`${job.path} could not be made: ${stderr.trim().split('\n').at(-1)}`)
}

/** Runs one JSON job from stdin as the admin, without a mount. */
const SOURCE = `
import json, sys
import cephfs
job = json.load(sys.stdin)
fs = cephfs.LibCephFS(conffile=job['conf'], auth_id='admin')
if job.get('fsName'):
    fs.conf_set('client_fs', job['fsName'])
fs.mount()
path = job['path'].encode()
if 'text' in job:
    fd = fs.open(path, 'w', 0o644)
    fs.write(fd, job['text'].encode(), 0)
    fs.fsync(fd, 0)
    fs.close(fd)
elif path != b'/':
    fs.mkdirs(path, 0o755)
    fs.chmod(path, job.get('mode', 0o755))
if job.get('quotaBytes'):
    fs.setxattr(path, 'ceph.quota.max_bytes', str(job['quotaBytes']).encode(), 0)
fs.unmount()
fs.shutdown()
`
