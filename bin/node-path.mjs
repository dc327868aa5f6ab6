// Plain JavaScript on purpose: this file must parse on the old Node that a machine may have.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
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

/**
 * Whether a command stays for days, as a coordinator or a node does, and so has rules for its memory: only a process of its own can have them from its start. Not on Windows, where a parent that
 * is ended leaves its child behind.
 */
export const stays = ([first, second]) => process.platform !== 'win32' && (first === 'up' || (first === 'node' && second === 'start'))

/** The environment of a process that stays. */
const longStaying = () => {
  const { environment, nodeOptions } = JSON.parse(readFileSync(join(root, 'bin/long-stay.json'), 'utf8'))
  return { ...environment, ...process.env, NODE_OPTIONS: `${nodeOptions} ${process.env.NODE_OPTIONS || ''}` }
}

/** Runs a Node in our place, to its end: its exit code is ours. */
export const handOver = (node, [entry, ...args], options = {}) => {
  const own = node === process.execPath ? process.execArgv : []
  const child = spawn(node, [...own, entry, ...args], { stdio: 'inherit', ...options, env: stays(args) ? longStaying() : process.env })
  // the terminal sends Ctrl-C to the whole group: stay alive until the child has stopped cleanly
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('error', (error) => {
    process.stderr.write(`cannot start ${node}: expected a program that runs, got ${error.code ?? error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]))
}
