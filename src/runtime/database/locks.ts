// Locks by name, let go when their process ends, however it ends. (Process numbers would not do: containers reuse them.)
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../../base/node.ts'

/** Locks that several processes may ask for. */
export interface Locks {
  /** Takes the lock; false when another process, or this one, has it. */
  readonly take: (name: string) => Promise<boolean>
  /** Whether anyone has it. */
  readonly taken: (name: string) => Promise<boolean>
  /** Lets go what this process took. */
  readonly release: (name: string) => Promise<void>
  readonly releaseAll: () => Promise<void>
}

/** Locks that only this process sees. */
export const processLocks = (): Locks => {
  const mine = new Set<string>()
  return {
    take: async (name) => !mine.has(name) && mine.add(name).has(name),
    taken: async (name) => mine.has(name),
    release: async (name) => void mine.delete(name),
    releaseAll: async () => mine.clear(),
  }
}

/** Whoever lists runs holds each lock for a moment, to see whether it is free: who takes one waits longer than that. */
const GLANCE_MS = 200

/** An exclusive transaction on an empty SQLite file: a lock on every platform that Node runs on. Undefined when it is locked. */
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

/** Locks in a folder, which is made when the first is taken. */
export const fileLocks = (folder: string): Locks => {
  const mine = new Map<string, DatabaseSync>()
  const pathOf = (name: string): string => join(folder, name)
  const release = async (name: string): Promise<void> => {
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
    take: async (name) => {
      if (mine.has(name)) return false
      await makeFolder(folder)
      const database = lock(pathOf(name), GLANCE_MS)
      if (database === undefined) return false
      mine.set(name, database)
      return true
    },
    taken: async (name) => {
      if (mine.has(name)) return true
      if (!existsSync(pathOf(name))) return false
      const database = lock(pathOf(name), 0)
      database?.close()
      return database === undefined
    },
    release,
    releaseAll: async () => {
      for (const name of mine.keys()) await release(name)
    },
  }
}
