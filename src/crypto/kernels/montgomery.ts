// The WASM loop of assembly/montgomery.ts with its memory.
import { wasmExports } from '../../base/index.ts'
import { montgomeryWasm } from './montgomery.wasm.ts'

/** What assembly/montgomery.ts exports: addresses in bytes. */
interface Exports {
  readonly memory: WebAssembly.Memory
  readonly roomFor: (count: number) => number
  readonly toMontgomery: (points: number, count: number, room: number) => void
}

const POINT_BYTES = 32
/** Points that share an inversion: its cost is then a hundredth of theirs, and the memory stays in the cache. */
const BATCH = 512
const START = 1024

let loaded: { readonly convert: (points: Uint8Array) => void } | undefined

const load = (): { readonly convert: (points: Uint8Array) => void } => {
  const { memory, roomFor, toMontgomery } = wasmExports(montgomeryWasm) as unknown as Exports
  const room = START + BATCH * POINT_BYTES
  memory.grow(Math.ceil((room + roomFor(BATCH)) / 65_536))
  const place = new Uint8Array(memory.buffer, START, BATCH * POINT_BYTES)
  return {
    convert: (points) => {
      for (let at = 0; at < points.length; at += place.length) {
        const part = points.subarray(at, at + place.length)
        place.set(part)
        toMontgomery(START, part.length / POINT_BYTES, room)
        part.set(place.subarray(0, part.length))
      }
    },
  }
}

/** Replaces points in Edwards form, 32 bytes each, by their u in Montgomery form (RFC 7748, section 4.1). */
export const toMontgomery = (points: Uint8Array): void => (loaded ??= load()).convert(points)
