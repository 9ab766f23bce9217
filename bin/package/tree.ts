import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fs from 'fs-extra'
import { sha256 } from './tools.js'

/** A file or link in a package: a copy of a file, a text, or a symbolic link. */
export type Entry = { mode?: number } & ({ from: string } | { text: string | Buffer } | { link: string })

/** The content of a package, by path. Directories are implied. */
export type Tree = Record<string, Entry>

/**
 * Writes a tree into a new folder, for a packager. Files have mode 0644 unless the entry has another one. All times are
 * `epoch` (seconds), so that two runs make the same bytes. The packager sets the owners.
 */
export function writeTree(tree: Tree, folder: string, epoch: number): void {
  const directories = new Set<string>([folder])
  for (const [path, entry] of Object.entries(tree)) {
    const target = join(folder, path)
    for (let parent = dirname(target); parent !== folder; parent = dirname(parent)) directories.add(parent)
    fs.ensureDirSync(dirname(target))
    writeEntry(entry, target)
    fs.lutimesSync(target, epoch, epoch)
  }
  for (const directory of directories) {
    fs.chmodSync(directory, 0o755)
    fs.lutimesSync(directory, epoch, epoch)
  }
}

/** The same files in a folder. */
export function within(folder: string, tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, entry]) => [`${folder}/${path}`, entry]))
}

/** Lines for `sha256sum -c` of these entries, which are in one folder. */
export function sums(entries: Record<string, Entry>): string {
  const lines = Object.entries(entries).map(([name, entry]) => `${sha256(bytesOf(entry))}  ${name}\n`)
  return lines.join('')
}

/** The content of a file, or the target of a link. */
export function bytesOf(entry: Entry): string | Buffer {
  if ('from' in entry) return fs.readFileSync(entry.from)
  return 'text' in entry ? entry.text : entry.link
}

/** Compresses a text like `gzip -9n`: without a name or time. */
export function gzip(text: string | Buffer): Buffer {
  return gzipSync(text, { level: 9 })
}

function writeEntry(entry: Entry, target: string): void {
  if ('link' in entry) fs.symlinkSync(entry.link, target)
  else {
    if ('from' in entry) fs.copyFileSync(entry.from, target)
    else fs.writeFileSync(target, entry.text)
    fs.chmodSync(target, entry.mode ?? 0o644)
  }
}
