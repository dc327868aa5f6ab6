// Folders for what Yimeng keeps on disk.
import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { YimengError } from './errors.ts'

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() === true

/** One by one: `recursive` never comes back where a file system refuses with ENOENT, as /proc does. */
const makeEach = async (folder: string, mode: number): Promise<void> => {
  if (await isFolder(folder)) return
  if (dirname(folder) !== folder) await makeEach(dirname(folder), mode)
  try {
    await mkdir(folder, { mode })
  } catch (error) {
    // another process may have been faster
    if (!(await isFolder(folder))) throw error
  }
}

/**
 * Makes a folder and those above it, where they are missing.
 *
 * @param options.secret - only its owner may look into what is made. Default false
 * @throws YimengError `home-unwritable`
 */
export const makeFolder = async (folder: string, { secret = false }: { readonly secret?: boolean } = {}): Promise<void> => {
  try {
    await makeEach(resolve(folder), secret ? 0o700 : 0o777)
  } catch (cause) {
    throw new YimengError({
      code: 'home-unwritable',
      cannot: 'make folder',
      expected: 'a place that can be written',
      got: (cause as NodeJS.ErrnoException).code ?? 'another fault',
      where: { folder },
      cause,
    })
  }
}
