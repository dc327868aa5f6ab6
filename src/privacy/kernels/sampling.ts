// The WASM loop of assembly/sampling.ts, with the memory it works in: words of randomness in, numbers out, in blocks that stay in the processor's caches.
import { wasmExports } from '../../base/index.ts'
import { samplingWasm } from './sampling.wasm.ts'

/** What assembly/sampling.ts exports: addresses in bytes. */
interface Exports {
  readonly memory: WebAssembly.Memory
  readonly draw: (
    words: number,
    count: number,
    out: number,
    wanted: number,
    thresholds: number,
    width: number,
    uneven: number,
    quadratic: number,
    linear: number,
    constant: number,
  ) => bigint
}

/** Candidates of a block: 48 KiB of randomness, below the 64 KiB that the platform gives in one call. */
export const BLOCK = 4096
/** Words of randomness of one candidate. */
export const WORDS = 3
/** Strips that the kernel tells apart; the deeper ones it leaves to the caller. */
export const DEPTH = 20

const PAGE_BYTES = 65_536

/** The kernel and its memory, zero-filled when not in use. */
export interface Kernel extends Exports {
  readonly words: Uint32Array
  readonly out: Float64Array
  readonly thresholds: Uint32Array
  readonly address: { readonly words: number; readonly out: number; readonly thresholds: number }
}

let loaded: Kernel | undefined

/** The kernel of this thread, compiled on first use. */
export const samplingKernel = (): Kernel => {
  if (loaded === undefined) {
    const exports = wasmExports(samplingWasm) as unknown as Exports
    // the module's own constants lie at the start of its memory: ours come after it
    const start = exports.memory.buffer.byteLength
    const address = { words: start, out: start + BLOCK * WORDS * 4, thresholds: start + BLOCK * (WORDS * 4 + 8) }
    exports.memory.grow(Math.ceil((BLOCK * (WORDS * 4 + 8) + DEPTH * 4) / PAGE_BYTES))
    const { buffer } = exports.memory
    loaded = {
      memory: exports.memory,
      draw: exports.draw,
      address,
      words: new Uint32Array(buffer, address.words, BLOCK * WORDS),
      out: new Float64Array(buffer, address.out, BLOCK),
      thresholds: new Uint32Array(buffer, address.thresholds, DEPTH),
    }
    for (let v = 1; v <= DEPTH; v++) loaded.thresholds[v - 1] = Math.floor(2 ** 31 * Math.exp(-v))
  }
  return loaded
}
