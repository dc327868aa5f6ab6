// Results appear whole or not at all: proved writable before work starts, written aside, moved in at the end.
import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { YimengError } from '../base/index.ts'

/** A place that takes results. Exactly one of `keep` and `drop` is called. */
export interface ResultsFolder {
  readonly path: string
  /** Writes all files, then moves them in; an older file of the same name is replaced. */
  readonly keep: (files: Readonly<Record<string, string | Uint8Array>>) => Promise<void>
  /** Leaves nothing behind: folders made for the results go, if they are empty. */
  readonly drop: () => Promise<void>
}

/** What the system's refusals mean; the code itself for rarer ones. */
const refusals: Readonly<Record<string, string>> = {
  ENOTDIR: 'a path through a file',
  EEXIST: 'a path through a file',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'a read-only place',
  ENOENT: 'a place that takes no folder',
  ENOSPC: 'a full disk',
}

const refuse = (path: string, cause: unknown): never => {
  const code = (cause as NodeJS.ErrnoException).code ?? 'another fault'
  throw new YimengError({
    code: 'out-unwritable',
    cannot: 'write results',
    expected: 'a folder that can be written to',
    got: refusals[code] ?? code,
    where: { out: path },
    cause,
  })
}

/** Folders from `path` upwards that do not exist yet, innermost first. */
const absent = async (path: string): Promise<readonly string[]> => {
  const found: string[] = []
  for (let at = path; ; at = dirname(at)) {
    const there = await stat(at).then(
      () => true,
      () => false,
    )
    if (there || dirname(at) === at) return found
    found.push(at)
  }
}

/**
 * Makes the folder and proves that files can be written in it.
 *
 * @throws YimengError `out-unwritable`
 */
export const resultsFolder = async (out: string): Promise<ResultsFolder> => {
  const path = resolve(out)
  const made = await absent(path)
  const aside = join(path, `.yimeng-${randomUUID().slice(0, 8)}`)
  const drop = async () => {
    await rm(aside, { recursive: true, force: true }).catch(() => {})
    for (const folder of made) await rmdir(folder).catch(() => {})
  }
  try {
    // one by one: `recursive` never comes back where a file system refuses with ENOENT, as /proc does
    for (const folder of [...made.toReversed(), aside]) await mkdir(folder)
    await writeFile(join(aside, 'probe'), '')
    await rm(join(aside, 'probe'))
  } catch (cause) {
    await drop()
    refuse(out, cause)
  }
  return {
    path,
    keep: async (files) => {
      try {
        for (const [name, content] of Object.entries(files)) await writeFile(join(aside, name), content)
        for (const name of Object.keys(files)) await rename(join(aside, name), join(path, name))
        await rmdir(aside)
      } catch (cause) {
        await drop()
        refuse(out, cause)
      }
    },
    drop,
  }
}

/** The same for a single file. `force`: an existing file is replaced, else refused. */
export const resultFile = async (
  out: string,
  force: boolean,
): Promise<
  ResultsFolder & { readonly keepText: (text: string) => Promise<void>; readonly keepBytes: (bytes: Uint8Array) => Promise<void> }
> => {
  const there = await stat(resolve(out)).catch(() => undefined)
  if (there !== undefined && (!force || there.isDirectory())) {
    throw new YimengError({
      code: 'out-exists',
      cannot: 'write file',
      expected: there.isDirectory() ? 'the name of a file' : 'a new name, or --force',
      got: there.isDirectory() ? 'a folder' : 'an existing file',
      where: { out },
    })
  }
  const folder = await resultsFolder(dirname(resolve(out)))
  const keep = (content: string | Uint8Array) => folder.keep({ [basename(resolve(out))]: content })
  return { ...folder, path: resolve(out), keepText: keep, keepBytes: keep }
}
