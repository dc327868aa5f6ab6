// NumPy's archive: a zip file (PKWARE APPNOTE 6.3) of .npy files, stored or deflated. The central directory is believed only as far as sizes and checksums agree with the data.
import { crc32 } from './crc32.ts'
import { inflate } from './inflate.ts'
import { type NumpyArray, readNpy } from './npy.ts'
import { limitsOf, type PictureSource, pictureFault } from './picture.ts'

interface Entry {
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

const MOST_ENTRIES = 1000

const directory = (bytes: Uint8Array, source: PictureSource): readonly Entry[] => {
  const fault = (got: string) => pictureFault(source, 'corrupt', 'a whole zip file', got)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = bytes.length - 22
  // the end record is followed by a comment of at most 65,535 bytes
  const first = Math.max(0, end - 65_535)
  while (end >= first && view.getUint32(end, true) !== 0x06_05_4b_50) end -= 1
  if (end < first) throw fault('no directory: truncated, or another kind of file')
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  if (count > MOST_ENTRIES) throw pictureFault(source, 'large', `at most ${MOST_ENTRIES} arrays`, String(count))
  const entries: Entry[] = []
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02_01_4b_50) throw fault('a damaged directory')
    const nameBytes = view.getUint16(at + 28, true)
    const entry = {
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes)),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    }
    if (entry.size === 0xff_ff_ff_ff || entry.offset === 0xff_ff_ff_ff)
      throw pictureFault(source, 'large', 'arrays below 4 GiB', 'a larger one')
    entries.push(entry)
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return entries
}

const contentOf = async (bytes: Uint8Array, entry: Entry, source: PictureSource): Promise<Uint8Array> => {
  const fault = (expected: string, got: string) => pictureFault(source, 'corrupt', expected, got)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (entry.offset + 30 > bytes.length || view.getUint32(entry.offset, true) !== 0x04_03_4b_50)
    throw fault('an array where the directory says', 'something else')
  const begin = entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true)
  if (begin + entry.packed > bytes.length) throw fault('a whole zip file', 'a truncated one')
  const packed = bytes.subarray(begin, begin + entry.packed)
  if (entry.method !== 0 && entry.method !== 8) throw pictureFault(source, 'kind', 'stored or deflated arrays', 'another compression')
  const content = entry.method === 0 ? packed : await inflate(packed, 'deflate-raw', entry.size, source)
  if (content.length !== entry.size || crc32(content) !== entry.crc) throw fault('data that fit their checksum', 'damaged data')
  return content
}

/** The arrays of an archive, by name; each is decompressed when asked for. */
export interface NumpyArchive {
  readonly names: readonly string[]
  /** @throws YimengError `image-corrupt`, `image-large`, `image-kind` for an array that is not there or no array of numbers */
  readonly array: (name: string) => Promise<NumpyArray>
}

/**
 * Opens an archive as `numpy.savez` and `savez_compressed` write it. No array is decompressed yet.
 *
 * @throws YimengError `image-corrupt`, `image-large`
 */
export const readNpz = (bytes: Uint8Array, source: PictureSource): NumpyArchive => {
  const entries = directory(bytes, source).filter((entry) => entry.name.endsWith('.npy'))
  const nameOf = (entry: Entry): string => entry.name.slice(0, -'.npy'.length)
  return {
    names: entries.map(nameOf),
    array: async (name) => {
      const entry = entries.find((candidate) => nameOf(candidate) === name)
      if (entry === undefined) throw pictureFault(source, 'kind', `an array named ${name}`, `${entries.length} arrays of other names`)
      const { fileBytes } = limitsOf(source)
      if (entry.size > fileBytes) throw pictureFault(source, 'large', `at most ${fileBytes} bytes`, String(entry.size))
      return readNpy(await contentOf(bytes, entry, source), { ...source, file: `${source.file} ${name}` })
    },
  }
}
