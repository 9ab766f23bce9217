import { writeFileSync } from 'node:fs'
import { execa } from 'execa'
import { DaemonSet, Deployment } from 'kubernetes-models/apps/v1'
import {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
} from 'kubernetes-models/rbac.authorization.k8s.io/v1'
import { StorageClass } from 'kubernetes-models/storage.k8s.io/v1'
import {
  Namespace,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
  ServiceAccount,
} from 'kubernetes-models/v1'
import { parseAllDocuments } from 'yaml'

export type KubernetesObject = { apiVersion: string; kind: string; [field: string]: unknown }

/** The objects of a text in YAML 1.1, the version that kubectl reads; a duplicate key is an error. */
export function objectsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text, { version: '1.1', uniqueKeys: true }).map(document => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS() as KubernetesObject
  })
}

/** @throws Error if the schema does not allow it. Fields that the schema does not know pass: see `typeProblems`. */
export function validate(object: KubernetesObject): void {
  modelOf(object)
    .make(object as never)
    .validate()
}

/**
 * The compiler's errors for the objects as literals of their types: unknown
 * fields at any depth, wrong types, missing fields. Empty if there are none.
 *
 * @param folder to write to, inside the checkout.
 */
export async function typeProblems(folder: string, objects: readonly KubernetesObject[]): Promise<string> {
  const lines = [
    "import type * as v1 from 'kubernetes-models/v1'",
    "import type * as apps from 'kubernetes-models/apps/v1'",
    "import type * as rbac from 'kubernetes-models/rbac.authorization.k8s.io/v1'",
    "import type * as storage from 'kubernetes-models/storage.k8s.io/v1'",
    ...objects.map((object, i) => `export const o${i}: ${modelOf(object).type} = ${JSON.stringify(object)}`),
  ]
  writeFileSync(`${folder}/objects.ts`, lines.join('\n'))
  const flags = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--types',
    '',
  ]
  const tsc = ['node_modules/typescript/lib/tsc.js', ...flags, `${folder}/objects.ts`]
  const { exitCode, stdout, stderr } = await execa(process.execPath, tsc, { reject: false })
  if (exitCode !== 0 && !stdout.includes('error TS')) throw new Error(`the compiler failed: ${stderr}`)
  return stdout
}

type Model = { type: string; make: (data: never) => { validate: () => void } }

/** From the published OpenAPI schema of Kubernetes: a class that validates, and a type with every field. */
const MODELS: Readonly<Record<string, Model>> = {
  'v1 Namespace': { type: 'v1.INamespace', make: data => new Namespace(data) },
  'v1 Secret': { type: 'v1.ISecret', make: data => new Secret(data) },
  'v1 Pod': { type: 'v1.IPod', make: data => new Pod(data) },
  'v1 PersistentVolume': { type: 'v1.IPersistentVolume', make: data => new PersistentVolume(data) },
  'v1 PersistentVolumeClaim': {
    type: 'v1.IPersistentVolumeClaim',
    make: data => new PersistentVolumeClaim(data),
  },
  'v1 ServiceAccount': { type: 'v1.IServiceAccount', make: data => new ServiceAccount(data) },
  'storage.k8s.io/v1 StorageClass': { type: 'storage.IStorageClass', make: data => new StorageClass(data) },
  'rbac.authorization.k8s.io/v1 ClusterRole': {
    type: 'rbac.IClusterRole',
    make: data => new ClusterRole(data),
  },
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': {
    type: 'rbac.IClusterRoleBinding',
    make: data => new ClusterRoleBinding(data),
  },
  'rbac.authorization.k8s.io/v1 Role': { type: 'rbac.IRole', make: data => new Role(data) },
  'rbac.authorization.k8s.io/v1 RoleBinding': {
    type: 'rbac.IRoleBinding',
    make: data => new RoleBinding(data),
  },
  'apps/v1 Deployment': { type: 'apps.IDeployment', make: data => new Deployment(data) },
  'apps/v1 DaemonSet': { type: 'apps.IDaemonSet', make: data => new DaemonSet(data) },
}

function modelOf({ apiVersion, kind }: KubernetesObject): Model {
  const model = MODELS[`${apiVersion} ${kind}`]
  if (!model) throw new Error(`name the model of ${apiVersion} ${kind} in test/support/kubernetes.ts`)
  return model
}
