// Plain JavaScript on purpose: this file must parse on the old Node that a machine may have.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the package (the clone, or the installed package). */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Node 24.11 is the first long-term release with type stripping, `node:sqlite` without a warning and `zlib` zstd. */
const floor = [24, 11]

const isNewEnough = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > floor[0] || (major === floor[0] && minor >= floor[1])
}

/** Path of a Node that can run Yimeng: this one, or the one the set-up brought from the npm registry; undefined if neither. */
export const nodePath = () => {
  if (isNewEnough()) return process.execPath
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  // the package `node` sits inside a clone's node_modules, or beside us where we are installed
  return [join(root, 'node_modules/node/bin', name), join(root, '../node/bin', name)].find((path) => existsSync(path))
}

/**
 * Has Node keep what it compiled, for the next start: half of a short command's time is reading the same files again. In the package's own folder, where nobody else may write; where
 * we may not write either, nothing is kept.
 */
export const keepCompiled = () => {
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/compiled')
}
