// The WASM loops of assembly/ring.ts, with the memory they work in. Vectors of any length pass through two fixed blocks of it, small enough to stay in the
// processor's caches: vectors then live in ordinary arrays, and the memory never grows.
import { wasmExports } from '../../base/index.ts'
import { ringWasm } from './ring.wasm.ts'

/** What assembly/ring.ts exports: addresses in bytes, counts in elements. */
interface Exports {
  readonly memory: WebAssembly.Memory
  readonly add32: (total: number, x: number, count: number) => void
  readonly subtract32: (total: number, x: number, count: number) => void
  readonly scale32: (x: number, count: number, by: number) => void
  readonly add64: (total: number, x: number, count: number) => void
  readonly subtract64: (total: number, x: number, count: number) => void
  readonly scale64: (x: number, count: number, by: bigint) => void
  readonly lift32to32: (from: number, to: number, count: number, scale: number, most: number, weight: number) => number
  readonly lift64to32: (from: number, to: number, count: number, scale: number, most: number, weight: number) => number
  readonly lift32to64: (from: number, to: number, count: number, scale: number, most: number, weight: bigint) => number
  readonly lift64to64: (from: number, to: number, count: number, scale: number, most: number, weight: bigint) => number
  readonly lower32: (from: number, to: number, count: number, unit: number, divisor: number) => void
  readonly lower64: (from: number, to: number, count: number, unit: number, divisor: number) => void
}

/** Elements in a block. Two blocks of 64 KiB stay in the second-level cache; smaller ones pay more for calls than they gain (bench/algebra.ts). */
export const BLOCK = 8192

/** Where the two blocks begin. Kernels may touch 15 bytes after a block, hence the gap. */
export const FIRST = 0
export const SECOND = BLOCK * 8 + 64

const PAGE_BYTES = 65_536

/** The kernels, and the two blocks as arrays of each type. */
export interface Kernels extends Exports {
  readonly first: Blocks
  readonly second: Blocks
}

/** One block, seen as each type of number. Each view holds {@link BLOCK} elements at most. */
export interface Blocks {
  readonly uint32: Uint32Array
  readonly uint64: BigUint64Array
  readonly float32: Float32Array
  readonly float64: Float64Array
}

let loaded: Kernels | undefined

/** The kernels of this thread, compiled on first use. */
export const kernels = (): Kernels => {
  if (loaded === undefined) {
    const exports = wasmExports(ringWasm) as unknown as Exports
    exports.memory.grow(Math.ceil((SECOND + BLOCK * 8 + 64) / PAGE_BYTES))
    const blocks = (at: number): Blocks => ({
      uint32: new Uint32Array(exports.memory.buffer, at, BLOCK),
      uint64: new BigUint64Array(exports.memory.buffer, at, BLOCK),
      float32: new Float32Array(exports.memory.buffer, at, BLOCK),
      float64: new Float64Array(exports.memory.buffer, at, BLOCK),
    })
    loaded = { ...exports, first: blocks(FIRST), second: blocks(SECOND) }
  }
  return loaded
}

/** A typed array that blocks are cut from. */
export interface Numbers<A> {
  readonly length: number
  readonly subarray: (start: number, end: number) => A
  readonly set: (source: A, at?: number) => void
}

/** What takes numbers; as its own type, where that is another. */
type Target<A> = Pick<Numbers<A>, 'set'>

/** `count` elements of `vector` from `start` on, to the beginning of `block`. Whole arrays are not cut: that costs more than copying a short one. */
export const copyIn = <A extends Numbers<A>>(block: Target<A>, vector: A, start: number, count: number): void =>
  block.set(count === vector.length ? vector : vector.subarray(start, start + count))

/** The first `count` elements of `block`, to `vector` from `start` on. */
export const copyOut = <A extends Numbers<A>>(vector: Target<A>, block: A, start: number, count: number): void =>
  vector.set(count === block.length ? block : block.subarray(0, count), start)

/** Does `each` with every block of a vector of `length` elements: the number of elements in it, and the index of the first. */
export const eachBlock = (length: number, each: (count: number, start: number) => void): void => {
  for (let start = 0; start < length; start += BLOCK) each(Math.min(BLOCK, length - start), start)
}

/** `from` through `kernel` to `to`, a block at a time; the arrays may be one. */
export const mapBlocks = <A extends Numbers<A>, B extends Numbers<B>>(
  from: A,
  fromBlock: A,
  to: Target<B>,
  toBlock: B,
  kernel: (count: number) => void,
): void =>
  eachBlock(from.length, (count, start) => {
    copyIn(fromBlock, from, start, count)
    kernel(count)
    copyOut(to, toBlock, start, count)
  })

/** `total` and `x`, of one length, through `kernel` back to `total`, a block at a time. */
export const foldBlocks = <A extends Numbers<A>>(total: A, totalBlock: A, x: A, block: A, kernel: (count: number) => void): A => {
  eachBlock(total.length, (count, start) => {
    copyIn(totalBlock, total, start, count)
    copyIn(block, x, start, count)
    kernel(count)
    copyOut(total, totalBlock, start, count)
  })
  return total
}
