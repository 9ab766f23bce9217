import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Release } from '../release.js'
import { sha256 } from '../tools.js'

/** A reference to a blob of an OCI layout. */
type Descriptor = {
  mediaType: string
  digest: string
  size: number
  platform?: { architecture: string; os: string }
  annotations?: Record<string, string>
}

const INDEX = 'application/vnd.oci.image.index.v1+json'
const TAG = 'org.opencontainers.image.ref.name'

/**
 * Makes one image of a layout's images, whose tags are their architectures. umoci knows no index of several platforms, so
 * this is written here: an index blob, and the one entry that names it (OCI image-layout specification).
 */
export function joinPlatforms(layout: string, release: Release): void {
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { manifests: Descriptor[] }
  const manifests = index.manifests.map(({ mediaType, digest, size, annotations }) => ({
    mediaType,
    digest,
    size,
    platform: { architecture: annotations?.[TAG] ?? '', os: 'linux' },
  }))
  const blob = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests })
  const digest = sha256(blob)
  writeFileSync(join(layout, 'blobs/sha256', digest), blob)
  const entry: Descriptor = {
    mediaType: INDEX,
    digest: `sha256:${digest}`,
    size: Buffer.byteLength(blob),
    annotations: {
      [TAG]: release.version,
      // the name under which containerd imports it, so that a manifest may say cephflex:VERSION
      'io.containerd.image.name': `docker.io/library/${release.name}:${release.version}`,
    },
  }
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [entry] }),
  )
}
