import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'

type Descriptor = {
  digest: string
  size: number
  platform?: { architecture: string; os: string }
}

type Config = {
  architecture: string
  config: { Cmd: string[]; Env: string[]; Labels: Record<string, string>; WorkingDir: string }
  rootfs: { diff_ids: string[] }
}

/** An image of an unpacked OCI layout. */
export type Image = {
  config: Config
  /** The compressed layers, in order. */
  layers: string[]
}

/** Reads a layout according to the specification; every blob must match its digest and size. */
export class Layout {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The images of the index by architecture. */
  images(): Record<string, Image> {
    const index = this.#json(this.#first()) as { manifests: Descriptor[] }
    return Object.fromEntries(index.manifests.map(each => [each.platform?.architecture, this.#image(each)]))
  }

  #first(): Descriptor {
    return JSON.parse(fs.readFileSync(join(this.#folder, 'index.json'), 'utf8')).manifests[0]
  }

  #image(descriptor: Descriptor): Image {
    const manifest = this.#json(descriptor) as { config: Descriptor; layers: Descriptor[] }
    const config = this.#json(manifest.config) as Config
    return { config, layers: manifest.layers.map(layer => this.#blob(layer)) }
  }

  /** How many blobs there are, used or not. */
  blobs(): number {
    return fs.readdirSync(join(this.#folder, 'blobs/sha256')).length
  }

  #json(descriptor: Descriptor): unknown {
    return JSON.parse(fs.readFileSync(this.#blob(descriptor), 'utf8'))
  }

  #blob({ digest, size }: Descriptor): string {
    const file = join(this.#folder, 'blobs', digest.replace(':', '/'))
    const data = fs.readFileSync(file)
    const found = `sha256:${createHash('sha256').update(data).digest('hex')}`
    if (found !== digest || data.length !== size)
      throw new Error(`${file} is damaged: ${found}, ${data.length} bytes`)
    return file
  }
}

/** Unpacks an image as an engine would. tar is strict here: a layer without an end is an error. */
export async function unpackImage(image: Image, root: string): Promise<void> {
  fs.mkdirSync(root, { recursive: true })
  for (const layer of image.layers) await execa('tar', ['-xzf', layer, '-C', root])
}
