// Where the files of named data sets are: in the package, below YIMENG_DATA, or downloaded into the cache below YIMENG_HOME. Every file has a checksum.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { YimengError } from '../base/index.ts'
import { makeFolder } from '../base/node.ts'
import { yimengHome } from './home.node.ts'
import type { DataFile } from './sets/index.ts'

/** Folders that are searched for files which are not in the package, the first first. */
export interface DataFolders {
  /** `YIMENG_DATA`: data that someone put there. */
  readonly given?: string
  /** The cache that downloads go into. */
  readonly cache: string
}

/** The folders of this process: `YIMENG_DATA`, and `data` below {@link yimengHome}. */
export const dataFolders = (): DataFolders => {
  const given = process.env['YIMENG_DATA']
  return { ...(given === undefined || given === '' ? {} : { given }), cache: join(yimengHome(), 'data') }
}

// the same distance from src/data and from dist/data
const embedded = fileURLToPath(new URL('../../data/', import.meta.url))

/** A file that was looked for. `changed`: it is there, but not the file that was published. */
export interface FileState {
  readonly file: DataFile
  readonly state: 'ok' | 'missing' | 'changed'
  /** Where it is; absent when missing. */
  readonly path?: string
}

/** Path of a file where it exists. */
export const findFile = (file: DataFile, folders: DataFolders): string | undefined =>
  (file.embedded ? [embedded] : [folders.given, folders.cache].filter((folder) => folder !== undefined))
    .map((folder) => join(folder, ...file.path.split('/')))
    .find((path) => existsSync(path))

const digest = (algorithm: 'sha256' | 'md5', bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex')

const fits = (file: DataFile, bytes: Uint8Array): boolean => {
  if (file.orMd5 !== undefined && digest('md5', bytes) === file.orMd5) return true
  if (file.gzipped !== true) return digest('sha256', bytes) === file.sha256
  try {
    // no more than the content has: a bomb ends here
    return digest('sha256', gunzipSync(bytes, { maxOutputLength: file.bytes })) === file.sha256
  } catch {
    return false
  }
}

/** Looks for a file and compares its SHA-256. */
export const verifyFile = async (file: DataFile, folders: DataFolders): Promise<FileState> => {
  const path = findFile(file, folders)
  if (path === undefined) return { file, state: 'missing' }
  return { file, state: fits(file, await readFile(path)) ? 'ok' : 'changed', path }
}

/** How to download. */
export interface DownloadOptions {
  /** Where the files are fetched from instead of their public originals: a URL that the file's name is added to, for a hospital's own mirror. */
  readonly mirror?: string
  /** Told before each request. */
  readonly onRequest?: (url: string) => void
  readonly timeoutMs?: number
}

/**
 * Downloads a file into the cache. It is written under its name only when the checksum fits, so an interrupted or wrong download leaves nothing.
 *
 * @throws YimengError `download-failed`, `download-changed`
 */
export const downloadFile = async (file: DataFile, folders: DataFolders, options: DownloadOptions = {}): Promise<FileState> => {
  const name = file.path.split('/').at(-1) ?? file.path
  const url = options.mirror === undefined ? file.url : `${options.mirror.replace(/\/+$/, '')}/${name}`
  const fault = (code: string, expected: string, got: string, cause?: unknown): YimengError =>
    new YimengError({
      code,
      cannot: `download ${name}`,
      expected,
      got,
      where: { url: url ?? 'none' },
      ...(cause === undefined ? {} : { cause }),
    })
  if (url === undefined) throw fault('download-failed', 'a public original', 'none')
  options.onRequest?.(url)
  let bytes: Uint8Array
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(options.timeoutMs ?? 30_000) })
    if (!response.ok) throw fault('download-failed', 'the file', `HTTP status ${response.status}`)
    bytes = new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    if (error instanceof YimengError) throw error
    throw fault(
      'download-failed',
      'an answer',
      error instanceof Error && error.name === 'TimeoutError' ? 'none in time' : 'no connection (behind a proxy, set NODE_USE_ENV_PROXY=1)',
      error,
    )
  }
  if (!fits(file, bytes)) throw fault('download-changed', `SHA-256 ${file.sha256}`, `another file of ${bytes.length} bytes`)
  const path = join(folders.cache, ...file.path.split('/'))
  const partial = `${path}.${randomUUID()}`
  try {
    await makeFolder(dirname(path))
    await writeFile(partial, bytes)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw new YimengError({
      code: 'download-write',
      cannot: `store ${name}`,
      expected: 'a folder to write to',
      got: 'a failure',
      where: { path },
      cause: error,
    })
  }
  return { file, state: 'ok', path }
}
