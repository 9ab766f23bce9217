import { execa } from 'execa'

const KUBECTL_MS = 120_000

type Ran = { exitCode: number | undefined; stdout: string; stderr: string }

/** Objects of the API, through kubectl as the admin of a test cluster. */
export type Kubectl = {
  /** kubectl for this cluster, and its first arguments: words without spaces. */
  kubectlCommand: string[]
  /** Runs kubectl; a failure is a value. */
  tryKubectl: (args: readonly string[], input?: string) => Promise<Ran>
  /** Runs kubectl. @throws Error with its output. */
  kubectl: (args: readonly string[], input?: string) => Promise<string>
  list: <T>(args: readonly string[]) => Promise<T[]>
  /** Creates or changes objects; kubectl reads JSON. */
  apply: (...items: object[]) => Promise<string>
}

/** @param home the folder that build.sh made. @param dir of the cluster. */
export function makeKubectl(home: string, dir: string): Kubectl {
  const program = `${home}/deb/usr/bin/kubectl`
  const flags = ['--kubeconfig', `${dir}/run/admin.kubeconfig`, '--cache-dir', `${dir}/run/cache`]
  const tryKubectl = async (args: readonly string[], input = ''): Promise<Ran> => {
    const options = { input, timeout: KUBECTL_MS, reject: false } as const
    const { exitCode, stdout, stderr } = await execa(program, [...flags, ...args], options)
    return { exitCode, stdout, stderr }
  }
  const kubectl = async (args: readonly string[], input = ''): Promise<string> => {
    const { exitCode, stdout, stderr } = await tryKubectl(args, input)
    if (exitCode !== 0) throw new Error(`kubectl ${args.slice(0, 4).join(' ')}: ${stderr}`)
    return stdout
  }
  return {
    kubectlCommand: [program, ...flags],
    tryKubectl,
    kubectl,
    list: async <T>(args: readonly string[]) => {
      const { items } = JSON.parse(await kubectl(['get', ...args, '-o', 'json'])) as { items: T[] }
      return items
    },
    apply: (...items) =>
      kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items })),
  }
}
