// Series sets by name, from their files.
import { readFile } from 'node:fs/promises'
import { YimengError } from '../../base/index.ts'
import { oneOfNames } from '../close-names.ts'
import { type DataFolders, type DownloadOptions, dataFolders } from '../data-store.node.ts'
import { filesOf } from '../set-files.node.ts'
import { type NamedSeriesSet, namedSeriesSets, type SeriesDataset } from './index.ts'

/** Loads a series set from its files, checksums compared. */
export const loadSeriesSet = async (
  set: NamedSeriesSet,
  folders: DataFolders,
  download: DownloadOptions | false,
): Promise<SeriesDataset> => {
  const paths = await filesOf(set, folders, download)
  return set.load((path) => readFile(paths.get(path) ?? path, 'latin1'))
}

/** Loads a series set by name. @throws YimengError `data-set-unknown`, `data-absent`, `data-changed`, `download-failed`, `download-changed` */
export const loadSeries = async (
  name: string,
  options: { readonly download?: DownloadOptions | false; readonly folders?: DataFolders } = {},
): Promise<SeriesDataset> => {
  const set = namedSeriesSets.find((candidate) => candidate.name === name)
  if (set !== undefined) return loadSeriesSet(set, options.folders ?? dataFolders(), options.download ?? {})
  const names = namedSeriesSets.map((candidate) => candidate.name)
  throw new YimengError({
    code: 'data-set-unknown',
    cannot: `find series ${name}`,
    expected: oneOfNames(name, names),
    got: 'an unknown name',
  })
}
