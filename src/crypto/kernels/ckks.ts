// The WASM loops of assembly/ckks.ts with the memory they work in: the primes' tables, and room for one block of a vector, small enough to stay in the processor's caches.
import { wasmExports } from '../../base/index.ts'
import { ckksWasm } from './ckks.wasm.ts'

/** What assembly/ckks.ts exports: addresses in bytes. */
interface Exports {
  readonly memory: WebAssembly.Memory
  readonly powers: (at: number, bits: number, root: number, p: number) => void
  readonly forward: (x: number, count: number, table: number, p: number) => void
  readonly inverse: (x: number, count: number, table: number, p: number, scale: number) => void
  readonly quotients: (x: number, to: number, count: number, p: number) => void
  readonly multiply: (x: number, w: number, q: number, count: number, p: number) => void
  readonly add: (total: number, x: number, count: number, p: number) => void
  readonly subtract: (total: number, x: number, count: number, p: number, more: number) => void
  readonly scaleAdd: (total: number, x: number, count: number, p: number, w: number) => void
  readonly sound: (x: number, count: number, p: number) => number
  readonly uniform: (from: number, words: number, to: number, count: number, p: number) => number
  readonly noise: (from: number, to: number, count: number) => void
  readonly residues: (from: number, to: number, count: number, p: number) => void
  readonly encode: (elements: number, wide: number, noise: number, to: number, count: number, p: number, w0: number, w1: number) => void
  readonly decode: (
    r0: number,
    r1: number,
    r2: number,
    wide: number,
    to: number,
    count: number,
    shift: number,
    p0: number,
    p1: number,
    p2: number,
    i01: number,
    i012: number,
  ) => number
}

/** Room for the coefficients of a polynomial. */
export interface Room {
  readonly at: number
  readonly words: Uint32Array
}

/** Coefficients of a polynomial, and elements of a block. */
export const COEFFICIENTS = 4096
const LOG = 12
/** Words that give {@link COEFFICIENTS} uniform residues: one word in eleven thousand is refused, more than 64 of them with a chance below 2^−300. */
export const UNIFORM_WORDS = COEFFICIENTS + 64
/** Bytes of one small number. */
export const NOISE_BYTES = 12

/** The three largest primes below 2^30 that are 1 modulo 8192, and in each a root of unity of that order (held by a test). */
export const PRIMES = [1073692673, 1073668097, 1073651713] as const
const ROOTS = [510015274, 1047115509, 724005969] as const

/** x^exponent mod p, for p below 2^31. */
export const powerOf = (x: number, exponent: number, p: number): number => {
  let [result, base, left] = [1n, BigInt(x), exponent]
  for (; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * base) % BigInt(p)
    base = (base * base) % BigInt(p)
  }
  return Number(result)
}
/** x⁻¹ mod the prime p. */
export const inverseOf = (x: number, p: number): number => powerOf(x, p - 2, p)

const PAGE_BYTES = 65_536
const POLYNOMIAL_BYTES = COEFFICIENTS * 4

/** The kernel, its addresses, and views of them. */
export interface CkksKernel extends Exports {
  /** Of each prime: tables for the transform and its inverse, and N⁻¹. */
  readonly of: readonly { readonly p: number; readonly table: number; readonly inverseTable: number; readonly scale: number }[]
  readonly room: readonly [Room, Room, Room, Room, Room, Room]
  /** Randomness: 48 KiB. */
  readonly random: { readonly at: number; readonly bytes: Uint8Array; readonly words: Uint32Array }
  /** One block of ring elements. */
  readonly elements: { readonly at: number; readonly uint32: Uint32Array; readonly uint64: BigUint64Array }
}

let loaded: CkksKernel | undefined

/** The kernel of this thread, compiled on first use. */
export const ckksKernel = (): CkksKernel => {
  if (loaded === undefined) {
    const exports = wasmExports(ckksWasm) as unknown as Exports
    let end = exports.memory.buffer.byteLength
    const take = (bytes: number): number => (end += bytes) - bytes
    const tables = PRIMES.map(() => [take(2 * POLYNOMIAL_BYTES), take(2 * POLYNOMIAL_BYTES)] as const)
    const rooms = take(6 * POLYNOMIAL_BYTES)
    const random = take(COEFFICIENTS * NOISE_BYTES)
    const elements = take(2 * POLYNOMIAL_BYTES)
    exports.memory.grow(Math.ceil((end - exports.memory.buffer.byteLength) / PAGE_BYTES))
    const { buffer } = exports.memory
    const of = PRIMES.map((p, k) => {
      const [table, inverseTable] = tables[k]!
      exports.powers(table, LOG, ROOTS[k]!, p)
      exports.powers(inverseTable, LOG, inverseOf(ROOTS[k]!, p), p)
      return { p, table, inverseTable, scale: inverseOf(COEFFICIENTS, p) }
    })
    const room = (k: number): Room => ({
      at: rooms + k * POLYNOMIAL_BYTES,
      words: new Uint32Array(buffer, rooms + k * POLYNOMIAL_BYTES, COEFFICIENTS),
    })
    loaded = {
      ...exports,
      of,
      room: [room(0), room(1), room(2), room(3), room(4), room(5)],
      random: {
        at: random,
        bytes: new Uint8Array(buffer, random, COEFFICIENTS * NOISE_BYTES),
        words: new Uint32Array(buffer, random, (COEFFICIENTS * NOISE_BYTES) / 4),
      },
      elements: {
        at: elements,
        uint32: new Uint32Array(buffer, elements, COEFFICIENTS),
        uint64: new BigUint64Array(buffer, elements, COEFFICIENTS),
      },
    }
  }
  return loaded
}
