// The WASM kernels of two-party computation with their memory: a stack of buffers that one synchronous piece of work takes and gives back. Source: assembly/mpc.ts.
import { mpcWasm } from './mpc.wasm.ts'

type Address = number

/** The exports of assembly/mpc.ts; see there for shapes. Addresses and counts are numbers, words and tweaks bigints. */
interface MpcExports {
  readonly memory: WebAssembly.Memory
  readonly transpose: (columns: Address, stride: number, rows: Address, bytes: number) => void
  readonly xorInto: (to: Address, from: Address, bytes: number) => void
  readonly xorWhere: (to: Address, from: Address, bytes: number, bit: number) => void
  readonly xor3: (out: Address, a: Address, b: Address, c: Address, bytes: number) => void
  readonly foldLeaves: (leaves: Address, bits: number, stride: number, columns: Address, sum: Address) => void
  readonly tweak: (from: Address, offset: Address, to: Address, count: number, first: bigint, use: bigint) => void
  readonly lowBits: (blocks: Address, to: Address, count: number) => void
  readonly correlateSend: (
    h0: Address,
    h1: Address,
    outer: number,
    inner: number,
    width: number,
    signed: number,
    words: Address,
    wordOuter: number,
    wordInner: number,
    sums: Address,
    sumOuter: number,
    sumInner: number,
    corrections: Address,
  ) => void
  readonly correlateReceive: (
    h: Address,
    choices: Address,
    outer: number,
    inner: number,
    width: number,
    sums: Address,
    sumOuter: number,
    sumInner: number,
    corrections: Address,
  ) => void
  readonly bitsSend: (h0: Address, h1: Address, count: number, width: number, words: Address, sums: Address, corrections: Address) => void
  readonly multiplyAdd: (c: Address, a: Address, b: Address, count: number) => void
  readonly matrixMultiply: (a: Address, b: Address, c: Address, n: number, k: number, m: number) => void
  readonly garblePrepare: (
    labels: Address,
    rows: number,
    gates: Address,
    from: number,
    to: number,
    delta: Address,
    first: bigint,
    out: Address,
  ) => void
  readonly garbleFinish: (
    labels: Address,
    rows: number,
    gates: Address,
    from: number,
    to: number,
    delta: Address,
    hashes: Address,
    tables: Address,
  ) => void
  readonly evaluatePrepare: (labels: Address, rows: number, gates: Address, from: number, to: number, first: bigint, out: Address) => void
  readonly evaluateFinish: (
    labels: Address,
    rows: number,
    gates: Address,
    from: number,
    to: number,
    hashes: Address,
    tables: Address,
  ) => void
  readonly freeGates: (labels: Address, rows: number, gates: Address, count: number, inverted: Address) => void
}

/**
 * One instance of the kernels. Buffers are taken from a stack with {@link Kernels.take} inside {@link Kernels.work}, which gives them back at its end: never keep an
 * address across an `await`. Views are valid until the next `take`, which may grow the memory.
 */
export interface Kernels extends Omit<MpcExports, 'memory'> {
  /** Runs `task` and gives back the buffers it took. */
  readonly work: <T>(task: () => T) => T
  /** A buffer of `bytes`, at a multiple of 64, not cleared. */
  readonly take: (bytes: number) => Address
  /** A buffer that holds a copy of `from`. */
  readonly put: (from: Uint8Array | BigUint64Array | Int32Array) => Address
  /** The memory from `address` on. */
  readonly bytes: (address: Address, length: number) => Uint8Array
  /** A copy of the memory from `address` on. */
  readonly copy: (address: Address, length: number) => Uint8Array
  /** A copy of `count` words. */
  readonly words: (address: Address, count: number) => BigUint64Array
}

let compiled: WebAssembly.Module | undefined

/** A fresh instance: one per session, because sessions interleave. */
export const kernels = (): Kernels => {
  compiled ??= new WebAssembly.Module(Buffer.from(mpcWasm, 'base64'))
  const exports = new WebAssembly.Instance(compiled, {}).exports as unknown as MpcExports
  const { memory } = exports
  let top = 1024
  const take = (bytes: number): Address => {
    const address = top
    top = (top + bytes + 63) & ~63
    // addresses stay below 2 GiB so that the mask above stays exact
    if (top < address) throw new RangeError('kernel memory is full')
    const missing = top - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / 65_536))
    return address
  }
  const bytes = (address: Address, length: number): Uint8Array => new Uint8Array(memory.buffer, address, length)
  return {
    ...exports,
    work: (task) => {
      const mark = top
      try {
        return task()
      } finally {
        top = mark
      }
    },
    take,
    put: (from) => {
      const view = new Uint8Array(from.buffer, from.byteOffset, from.byteLength)
      // corrections are read eight bytes at a time, beyond their end
      const address = take(view.length + 8)
      bytes(address, view.length).set(view)
      return address
    },
    bytes,
    copy: (address, length) => bytes(address, length).slice(),
    words: (address, count) => new BigUint64Array(memory.buffer.slice(address, address + 8 * count)),
  }
}
