// Decompression with a bound: the platform's own inflate, read piece by piece, and let go as soon as there is more than was announced.
import { type PictureSource, pictureFault } from './picture.ts'

/** One array of many, however many. */
export const joinBytes = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}

/** gzip (RFC 1952), zlib (RFC 1950), bare deflate (RFC 1951). */
export type Compression = 'gzip' | 'deflate' | 'deflate-raw'

/**
 * Decompresses at most `mostBytes`, holding no more than that and one piece.
 *
 * @throws YimengError `image-large` beyond the bound, `image-corrupt` for a damaged or truncated stream
 */
export const inflate = async (
  bytes: Uint8Array,
  compression: Compression,
  mostBytes: number,
  source: PictureSource,
): Promise<Uint8Array<ArrayBuffer>> => {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream(compression))
  const pieces: Uint8Array[] = []
  let length = 0
  const reader = stream.getReader()
  for (;;) {
    const next = await reader.read().catch((error: unknown) => {
      throw pictureFault(source, 'corrupt', 'whole compressed data', 'damaged or truncated data', error)
    })
    if (next.done) break
    length += next.value.length
    if (length > mostBytes) {
      await reader.cancel().catch(() => undefined)
      throw pictureFault(source, 'large', `at most ${mostBytes} bytes when decompressed`, 'more')
    }
    pieces.push(next.value)
  }
  return joinBytes(pieces)
}
