// Two sources of pixels: all bytes in memory, and rows decoded on demand with the newest kept up to a bound.
import { YimengError } from '../../base/index.ts'
import { type Pixels, rowBytes } from './image-dataset.ts'

const checkRow = (row: number, rows: number): number => {
  if (Number.isInteger(row) && row >= 0 && row < rows) return row
  throw new YimengError({ code: 'image-row', cannot: 'read pixels', expected: `rows below ${rows}`, got: String(row) })
}

/**
 * All rows in memory: `bytes` is `[rows, ...shape]`.
 *
 * @throws YimengError `image-row` from `read` for a row that is not there
 */
export const memoryPixels = (bytes: Uint8Array, shape: readonly number[]): Pixels => {
  const size = rowBytes(shape)
  return {
    heldBytes: () => bytes.length,
    read: async (rows) => {
      const chosen = new Uint8Array(rows.length * size)
      for (let at = 0; at < rows.length; at += 1) {
        const row = checkRow(rows[at] ?? -1, bytes.length / size)
        chosen.set(bytes.subarray(row * size, (row + 1) * size), at * size)
      }
      return chosen
    },
  }
}

/**
 * Rows decoded when asked for; those used last stay, up to `cacheBytes`. Nothing else is kept, so that a set larger than memory can be read.
 *
 * @throws YimengError `image-row` from `read`, and whatever `decode` throws
 *
 * @example
 * ```ts
 * const decoded: number[] = []
 * const pixels = decodedPixels({
 *   rows: 9,
 *   shape: [1, 1, 2],
 *   cacheBytes: 4,
 *   decode: async (row) => {
 *     decoded.push(row)
 *     return Uint8Array.of(row, row)
 *   },
 * })
 * assert.deepEqual([...(await pixels.read([3, 3, 1]))], [3, 3, 3, 3, 1, 1])
 * await pixels.read([1, 5, 3])
 * assert.deepEqual([decoded, pixels.heldBytes()], [[3, 1, 5, 3], 4])
 * ```
 */
export const decodedPixels = (source: {
  readonly rows: number
  readonly shape: readonly number[]
  /** Bytes `[...shape]` of one row. */
  readonly decode: (row: number) => Promise<Uint8Array>
  readonly cacheBytes: number
}): Pixels => {
  const size = rowBytes(source.shape)
  // a Map remembers the order of insertion: the first key is the row used longest ago
  const kept = new Map<number, Uint8Array>()
  const most = Math.floor(source.cacheBytes / size)
  return {
    heldBytes: () => kept.size * size,
    read: async (rows) => {
      const chosen = new Uint8Array(rows.length * size)
      for (let at = 0; at < rows.length; at += 1) {
        const row = checkRow(rows[at] ?? -1, source.rows)
        const bytes = kept.get(row) ?? (await source.decode(row))
        chosen.set(bytes, at * size)
        if (most === 0) continue
        kept.delete(row)
        for (const [oldest] of kept) {
          if (kept.size < most) break
          kept.delete(oldest)
        }
        kept.set(row, bytes)
      }
      return chosen
    },
  }
}
