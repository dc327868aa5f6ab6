// Bytes that lie elsewhere than in memory, in a file say: to be read in pieces by who can do with pieces.
import { YimengError } from './errors.ts'

/** Bytes that lie elsewhere: good until whoever lent them says otherwise, after which `read` rejects. */
export interface StoredBytes {
  readonly length: number
  /** Fills `into` with the bytes from position `at` on. All of them must be there. */
  readonly read: (into: Uint8Array, at: number) => Promise<void>
}

/** Some of the bytes, from `start` to before `end`. */
export const storedPart = (stored: StoredBytes, start: number, end = stored.length): StoredBytes => ({
  length: end - start,
  read: (into, at) => stored.read(into, start + at),
})

/** A part read into memory of its own. */
export const readStored = async (stored: StoredBytes): Promise<Uint8Array<ArrayBuffer>> => {
  const bytes = new Uint8Array(stored.length)
  await stored.read(bytes, 0)
  return bytes
}

/**
 * The first field of a record (`structCodec`) that lies elsewhere, and what follows it: the rest of the record.
 *
 * @throws YimengError `codec-length` as the codec does.
 */
export const firstField = async (record: StoredBytes): Promise<readonly [field: StoredBytes, rest: StoredBytes]> => {
  const missing = (expected: string, got: number): YimengError =>
    new YimengError({ code: 'codec-length', cannot: 'decode bytes', expected, got: `${got} bytes` })
  if (record.length < 4) throw missing('a length of 4 bytes', record.length)
  const length = new DataView((await readStored(storedPart(record, 0, 4))).buffer).getUint32(0, true)
  if (record.length - 4 < length) throw missing(`${length} bytes`, record.length - 4)
  return [storedPart(record, 4, 4 + length), storedPart(record, 4 + length)]
}
