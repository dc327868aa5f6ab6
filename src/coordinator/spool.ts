// Files that large things lie in on their way, used again and again: the system takes fresh pages for each new file, which costs many times the writing itself.
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { monotonicMs } from '../base/index.ts'

/** Nobody needs it for so long: removed. */
const IDLE_MS = 60_000

/** A file of the spool; what an earlier user wrote may be in it. */
export interface SpoolFile {
  readonly file: FileHandle
  readonly path: string
}

/** The files of one folder. */
export interface Spool {
  readonly lend: () => Promise<SpoolFile>
  /** It is used no more, though another may come to be soon. */
  readonly rest: (file: SpoolFile) => void
  /** Removes those that nobody has. */
  readonly close: () => Promise<void>
}

/** An empty spool; `folder` is there. */
export const spool = (folder: string): Spool => {
  let made = 0
  let spare: { readonly lent: SpoolFile; readonly sinceMs: number }[] = []
  let closed = false
  const remove = async ({ file, path }: SpoolFile): Promise<void> => {
    await file.close()
    await rm(path, { force: true })
  }
  const dropBefore = async (ms: number): Promise<void> => {
    const old = spare.filter(({ sinceMs }) => sinceMs <= ms)
    spare = spare.filter((each) => !old.includes(each))
    await Promise.allSettled(old.map(({ lent }) => remove(lent)))
  }
  const sweep = setInterval(() => void dropBefore(monotonicMs() - IDLE_MS), IDLE_MS)
  sweep.unref()
  return {
    lend: async () => {
      const kept = spare.pop()?.lent
      if (kept !== undefined) return kept
      const path = join(folder, `spool-${(made += 1)}`)
      return { file: await open(path, 'wx+', 0o600), path }
    },
    rest: (lent) => {
      if (closed) void remove(lent).catch(() => undefined)
      else spare.push({ lent, sinceMs: monotonicMs() })
    },
    close: async () => {
      closed = true
      clearInterval(sweep)
      await dropBefore(Number.POSITIVE_INFINITY)
    },
  }
}
