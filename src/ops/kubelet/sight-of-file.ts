import { pathOnNode } from '../../core/namespaces/path-on-node.js'
import { parseMountInfo } from '../../core/target/mount-table.js'
import { driverFiles } from '../../system/driver-files.js'
import type { System } from '../../system/system.js'
import { realPathIn } from '../namespaces/real-path-in.js'

/** What a process has at a path. */
export type Sight = {
  /** SHA-256 of the file in hex; undefined if there is none; `unknown` if the process may not be inspected. */
  found: string | 'unknown' | undefined
  /** The path of the node that leads to the same place, if there is one. */
  onNode: string | undefined
}

/**
 * What a process has at a path, in its own root directory and mount namespace.
 *
 * @param nodeRoot the node's root directory as this process sees it; empty for its own node.
 */
export async function sightOfFile(
  { files }: Pick<System, 'files'>,
  pid: number,
  path: string,
  nodeRoot = '',
): Promise<Sight> {
  const process = `${nodeRoot}/proc/${pid}`
  if (!isOpen(files, `${process}/root/`)) return { found: 'unknown', onNode: undefined }
  const real = realPathIn(files, `${process}/root`, path)
  const table = (of: string) => parseMountInfo(readable(files, `${of}/mountinfo`))
  return {
    found: await driverFiles.sha256(`${process}/root${real}`),
    onNode: pathOnNode(table(`${nodeRoot}/proc/1`), table(process), real),
  }
}

/** Whether the root directory of a process can be entered, which requires the right to trace it. */
function isOpen(files: System['files'], root: string): boolean {
  try {
    return files.kind(root) === 'directory'
  } catch {
    return false
  }
}

function readable(files: System['files'], path: string): string {
  try {
    return files.read(path) ?? ''
  } catch {
    return ''
  }
}
