// Masks: a seed of 32 bytes stretched to uniform ring elements by AES-256-CTR (NIST SP 800-38A, section 6.5), added or taken off piece by piece.
// Web Crypto in browsers. In Node its own cipher: a call to Web Crypto changes threads and copies twice, so that 8 MB took 12 ms of a core instead of 5 (medians in turns, a busy Xeon), and
// masks are nearly all that a site of a large cohort does.
import { type RingVector, ring } from '../../../algebra/index.ts'

/** The next `bytes` of a stream, a multiple of 16 but at its end. */
export type KeyStream = (bytes: number) => Uint8Array | Promise<Uint8Array>

const BLOCK_BYTES = 16
/** Bytes of mask in memory at a time, by who makes them: fewer pay for more calls, more leave the caches. */
const NODE_PIECE = 2 ** 16
const WEB_PIECE = 2 ** 18
const zeros = new Uint8Array(WEB_PIECE)

/** Not an import: this file runs in browsers too. */
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto')

/** By Node's cipher; undefined elsewhere. */
export const nodeStream = (seed: Uint8Array): KeyStream | undefined => {
  const cipher = nodeCrypto?.createCipheriv('aes-256-ctr', seed, new Uint8Array(BLOCK_BYTES))
  return cipher === undefined ? undefined : (bytes) => cipher.update(zeros.subarray(0, bytes))
}

/** By Web Crypto. */
export const webStream = async (seed: Uint8Array): Promise<KeyStream> => {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(seed), 'AES-CTR', false, ['encrypt'])
  const counter = new Uint8Array(BLOCK_BYTES)
  let block = 0
  return async (bytes) => {
    new DataView(counter.buffer).setUint32(12, block)
    block += bytes / BLOCK_BYTES
    return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 32 }, key, zeros.subarray(0, bytes)))
  }
}

/** `total ± mask(seed)`, in place. A seed serves one vector in its life: the counter starts at zero. */
export const addMask = async (total: RingVector, seed: Uint8Array, sign: 1 | -1): Promise<void> => {
  const own = nodeStream(seed)
  const stream = own ?? (await webStream(seed))
  const piece = own === undefined ? WEB_PIECE : NODE_PIECE
  const width = total.BYTES_PER_ELEMENT
  const vectors = ring(width === 4 ? 32 : 64)
  const apply = sign === 1 ? vectors.add : vectors.subtract
  for (let start = 0; start < total.byteLength; start += piece) {
    const bytes = Math.min(piece, total.byteLength - start)
    const made = stream(bytes)
    const { buffer, byteOffset } = made instanceof Uint8Array ? made : await made
    // little-endian like every vector on the wire, so that both ends of a pair agree
    const mask = width === 4 ? new Uint32Array(buffer, byteOffset, bytes / width) : new BigUint64Array(buffer, byteOffset, bytes / width)
    apply(total.subarray(start / width, (start + bytes) / width), mask)
  }
}
