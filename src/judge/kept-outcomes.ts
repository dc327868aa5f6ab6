// Finished trainings in a folder, a file each, so that long comparisons can be stopped, gone on with, and trained in parts by several processes.
// A file's name is a hash of all that decides what is trained: the spec with the method's changes, the data, and the versions of the programs. Files are JSON; arrays of numbers are Base64.
import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex, YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import { dataHash, type RunSpec, type RunSpecInput, resolveSpec, specHash, type Task } from '../tasks/index.ts'
import type { Outcome } from './comparison.ts'
import type { Method } from './method.ts'
import { versionsOf } from './versions.ts'

/** What one training gave, whichever seed it was. */
type Trained = Omit<Outcome, 'seed'>

/** A folder of outcomes. */
export interface KeptOutcomes {
  /** What this method gave on this spec; undefined where that is not known. */
  readonly find: (method: Method, input: RunSpecInput) => Promise<Trained | undefined>
  readonly keep: (method: Method, input: RunSpecInput, outcome: Trained) => Promise<void>
}

/** Kinds of arrays of numbers that outcomes hold. */
const arrays = { float32: Float32Array, float64: Float64Array } as const

const packed = (_: string, value: unknown): unknown => {
  for (const [kind, Numbers] of Object.entries(arrays))
    if (value instanceof Numbers) return { [kind]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
  return value
}

const unpacked = (_: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  const [[kind, text] = [], ...others] = Object.entries(value)
  if (others.length > 0 || typeof text !== 'string' || (kind !== 'float32' && kind !== 'float64')) return value
  return new arrays[kind](Uint8Array.from(Buffer.from(text, 'base64')).buffer)
}

/**
 * The outcomes kept in a folder, for comparisons on this task's data. The folder is made when something is kept.
 *
 * @throws YimengError as reading the data does; `judge-keep` when keeping, for a folder that cannot be written
 */
export const keptOutcomes = async (folder: string, task: Task, engine: RunSpec['engine']['kind']): Promise<KeptOutcomes> => {
  const data = await dataHash(await task.load())
  const versions = versionsOf(engine)
  const fileOf = ({ kind, change }: Method, input: RunSpecInput): string | undefined =>
    change === undefined
      ? undefined
      : join(folder, `${sha256Hex(JSON.stringify([kind, specHash(resolveSpec(change(input))), data, versions]))}.json`)
  return {
    find: async (method, input) => {
      const file = fileOf(method, input)
      if (file === undefined) return undefined
      try {
        return JSON.parse(await readFile(file, 'utf8'), unpacked) as Trained
      } catch {
        // not there, or not whole: then it is trained
        return undefined
      }
    },
    keep: async (method, input, { runId: _run, ...outcome }) => {
      const file = fileOf(method, input)
      if (file === undefined) return
      try {
        await makeFolder(folder)
        // whole or not at all: others may read at any time
        const half = `${file}.${randomUUID()}`
        await writeFile(half, JSON.stringify(outcome, packed))
        await rename(half, file)
      } catch (cause) {
        throw new YimengError({
          code: 'judge-keep',
          cannot: 'keep what was trained',
          expected: 'a folder that can be written',
          got: cause instanceof YimengError ? cause.got : ((cause as NodeJS.ErrnoException).code ?? 'another fault'),
          where: { folder },
          cause,
        })
      }
    },
  }
}
