// The picture files below a folder, and what their folders say: class, site and class, or set and class.
import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { YimengError } from '../../base/index.ts'

/** What the folders of a set stand for, from the top. */
export type FolderLayout = 'class' | 'site/class' | 'set/class'

/** A picture file, and what its folders say of it. */
export interface ImageFile {
  /** Below the folder, with forward slashes: a file, or the folder of a scan's slices. */
  readonly path: string
  readonly class: string
  readonly site?: string
  readonly set?: 'train' | 'validation' | 'test'
}

/** What is below a folder. */
export interface ImageFiles {
  readonly layout: FolderLayout
  /** By path, by code point. */
  readonly files: readonly ImageFile[]
  /** Other files, counted by their ending. */
  readonly ignored: Readonly<Record<string, number>>
}

const endings = /\.(png|jpe?g|dcm|dicom|nii|nii\.gz)$/i
/** Whether a file may be a picture, by its name: an ending of one, or none at all as DICOM files often have. DICOM's own list of files is none. */
export const isImageName = (name: string): boolean => endings.test(name) || (!name.includes('.') && !/^dicomdir$/i.test(name))

const sets: Readonly<Record<string, ImageFile['set']>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'test',
  testing: 'test',
}
// a folder of millions of files is a mistake, and the list of them would fill memory
const MOST_FILES = 2_000_000

const fault = (folder: string, expected: string, got: string): YimengError =>
  new YimengError({ code: 'image-folder', cannot: 'read image folder', expected, got, where: { folder } })

/** Every plain file below a folder, with forward slashes. Links and hidden names are passed over: nothing outside the folder is read. */
const walk = async (folder: string, below: string, found: string[]): Promise<void> => {
  // a class's folder stands three levels deep at most
  if (below.split('/').length > 4) throw fault(folder, 'folders class/, site/class/ or train/class/', `deeper folders: ${below}`)
  for await (const entry of await opendir(join(folder, below))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.name.startsWith('.')) continue
    // a link is neither folder nor file here
    if (entry.isDirectory()) await walk(folder, path, found)
    else if (entry.isFile()) found.push(path)
    if (found.length > MOST_FILES) throw fault(folder, `at most ${MOST_FILES} files`, 'more')
  }
}

/**
 * Lists the pictures below a folder. A file without an ending counts too, as DICOM files often have none. With `scans`, the last folder holds the slices of one scan:
 * `class/scan/slice` or `site/class/scan/slice`.
 *
 * @throws YimengError `image-folder` when there is no such folder, no picture in a folder of its own, or pictures at different depths
 */
export const imageFiles = async (folder: string, scans = false): Promise<ImageFiles> => {
  const there = await stat(folder).catch(() => undefined)
  if (there?.isDirectory() !== true) throw fault(folder, 'a folder', there === undefined ? 'nothing of that name' : 'a file')
  const all: string[] = []
  await walk(folder, '', all)
  const name = (path: string) => path.split('/').at(-1) ?? path
  const isImage = (path: string) => isImageName(name(path)) && (path.includes('/') || name(path).includes('.'))
  const ignored: Record<string, number> = {}
  for (const path of all)
    if (!isImage(path)) {
      const ending = /\.[^.]+$/.exec(name(path))?.[0].toLowerCase() ?? 'no ending'
      ignored[ending] = (ignored[ending] ?? 0) + 1
    }
  const plain = all.filter(isImage).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const paths = scans ? [...new Set(plain.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))))] : plain
  const [first] = paths
  if (first === undefined) throw fault(folder, 'PNG, JPEG, DICOM or NIfTI files', 'none')
  const depth = first.split('/').length
  const odd = paths.find((path) => path.split('/').length !== depth)
  if (odd !== undefined) throw fault(folder, `every picture in as many folders as ${first}`, odd)
  if (depth !== 2 && depth !== 3)
    throw fault(folder, `a folder for each class, or for each site and class${scans ? ', with a folder for each scan' : ''}`, first)
  const tops = [...new Set(paths.map((path) => path.split('/')[0] ?? ''))]
  const asSets =
    depth === 3 && tops.every((top) => sets[top.toLowerCase()] !== undefined) && tops.some((top) => sets[top.toLowerCase()] === 'train')
  const layout: FolderLayout = depth === 2 ? 'class' : asSets ? 'set/class' : 'site/class'
  const files = paths.map((path): ImageFile => {
    const parts = path.split('/')
    const [top = '', second = ''] = parts
    if (layout === 'class') return { path, class: top }
    const set = sets[top.toLowerCase()]
    return layout === 'set/class' && set !== undefined ? { path, class: second, set } : { path, class: second, site: top }
  })
  return { layout, files, ignored }
}

/** The different classes of some files, by code point. */
export const classesOf = (files: readonly ImageFile[]): readonly string[] =>
  [...new Set(files.map((file) => file.class))].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
