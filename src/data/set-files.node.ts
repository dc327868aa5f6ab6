// The files of one named set on this machine: verified, downloaded where they may be, or a fault that says what to do.
import { YimengError } from '../base/index.ts'
import { type DataFolders, type DownloadOptions, downloadFile, type FileState, findFile, verifyFile } from './data-store.node.ts'
import type { NamedSet } from './sets/index.ts'

/** Downloads what is missing of a set. A changed file in someone else's folder is never overwritten. @throws YimengError `data-changed`, `download-failed`, `download-changed` */
export const getFiles = async (set: NamedSet, options: DownloadOptions, folders: DataFolders): Promise<readonly FileState[]> => {
  const states: FileState[] = []
  for (const file of set.files) {
    const found = await verifyFile(file, folders)
    const { path } = found
    if (found.state === 'ok') states.push(found)
    else if (file.embedded || (path !== undefined && folders.given !== undefined && path.startsWith(folders.given)))
      // never overwritten: someone else's folder, or a damaged installation that downloading cannot mend
      throw new YimengError({
        code: 'data-changed',
        cannot: `use ${file.path}`,
        expected: `SHA-256 ${file.sha256}`,
        got: found.state === 'missing' ? 'no file' : 'another file',
        where: { path: path ?? file.path },
      })
    else states.push(await downloadFile(file, folders, options))
  }
  return states
}

/**
 * Where each file of a set is, by its path in the set; checksums compared.
 *
 * @throws YimengError `data-absent` when files are missing and may not, or cannot, be downloaded; `data-changed`, `download-failed`, `download-changed`
 */
export const filesOf = async (
  set: NamedSet,
  folders: DataFolders,
  download: DownloadOptions | false,
): Promise<ReadonlyMap<string, string>> => {
  const absent = set.files.filter((file) => findFile(file, folders) === undefined)
  const published = absent.every((file) => file.url !== undefined) || (download !== false && download.mirror !== undefined)
  if (absent.length > 0 && (download === false || !published))
    throw new YimengError({
      code: 'data-absent',
      cannot: `load data set ${set.name}`,
      expected: published
        ? `its files below YIMENG_DATA or in the cache; \`yimeng data get ${set.name}\` downloads them`
        : 'its files below YIMENG_DATA; they have no public original to download',
      got: `${absent.length} of ${set.files.length} missing`,
      where: { file: absent[0]?.path ?? '' },
    })
  const states =
    download === false ? await Promise.all(set.files.map((file) => verifyFile(file, folders))) : await getFiles(set, download, folders)
  const changed = states.find(({ state }) => state === 'changed')
  if (changed !== undefined)
    throw new YimengError({
      code: 'data-changed',
      cannot: `load data set ${set.name}`,
      expected: `SHA-256 ${changed.file.sha256}`,
      got: 'another file',
      where: { path: changed.path ?? '' },
    })
  return new Map(states.map(({ file, path }) => [file.path, path ?? file.path]))
}
