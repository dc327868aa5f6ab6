// Who works on a run: a lock that the operating system lets go when its process ends, however it ends. (Process numbers would not do: containers reuse them.)
// An exclusive transaction on an empty SQLite file is such a lock on every platform that Node runs on.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Locks in one folder, by name. */
export interface RunLocks {
  /** Takes the lock; false when another process, or this one, has it. */
  readonly take: (name: string) => boolean
  /** Whether anyone has it. */
  readonly taken: (name: string) => boolean
  /** Lets go what this process took. */
  readonly release: (name: string) => void
  readonly releaseAll: () => void
}

/** Whoever lists runs holds each lock for a moment, to see whether it is free: who takes one waits longer than that. */
const GLANCE_MS = 200

/** Opens the lock's file and locks it; undefined when it is locked. */
const lock = (path: string, timeoutMs: number): DatabaseSync | undefined => {
  const database = new DatabaseSync(path, { timeout: timeoutMs })
  try {
    database.exec('begin exclusive')
    return database
  } catch {
    database.close()
    return undefined
  }
}

/** Locks in a folder, which is made when the first is taken. Without a folder: locks that only this process sees. */
export const runLocks = (folder: string | undefined): RunLocks => {
  const mine = new Map<string, DatabaseSync | undefined>()
  const pathOf = (name: string): string => join(folder ?? '', name)
  const release = (name: string): void => {
    const database = mine.get(name)
    if (!mine.delete(name) || database === undefined) return
    // removed while it is still locked, where the system lets us: else another process could lock the file that we then remove
    const remove = (): void => rmSync(pathOf(name), { force: true })
    try {
      remove()
      database.close()
    } catch {
      database.close()
      remove()
    }
  }
  return {
    take: (name) => {
      if (mine.has(name)) return false
      if (folder === undefined) {
        mine.set(name, undefined)
        return true
      }
      mkdirSync(folder, { recursive: true })
      const database = lock(pathOf(name), GLANCE_MS)
      if (database === undefined) return false
      mine.set(name, database)
      return true
    },
    taken: (name) => {
      if (mine.has(name)) return true
      if (folder === undefined || !existsSync(pathOf(name))) return false
      const database = lock(pathOf(name), 0)
      database?.close()
      return database === undefined
    },
    release,
    releaseAll: () => {
      for (const name of mine.keys()) release(name)
    },
  }
}
