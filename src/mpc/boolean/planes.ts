// Many small integers as bit planes: plane b holds bit b of every integer, packed lowest first. Gates then work on all integers at once.
import type { Words } from '../arithmetic/words.ts'

/** `length` integers of `width` bits; plane b is bytes [b * stride, (b + 1) * stride). */
export interface Planes {
  readonly length: number
  readonly width: number
  readonly bytes: Uint8Array
}

/** Bytes of one plane. */
export const strideOf = (length: number): number => (length + 7) >> 3

/** Zeros. */
export const emptyPlanes = (length: number, width: number): Planes => ({ length, width, bytes: new Uint8Array(strideOf(length) * width) })

/** The lowest `width` bits of each word. */
export const planesOfWords = (words: Words, width: number): Planes => {
  const planes = emptyPlanes(words.length, width)
  const stride = strideOf(words.length)
  const halves = new Uint32Array(words.slice().buffer)
  for (let i = 0; i < words.length; i++) {
    const [low, high] = [halves[2 * i] as number, halves[2 * i + 1] as number]
    for (let b = 0; b < width; b++) {
      const at = b * stride + (i >> 3)
      planes.bytes[at] = (planes.bytes[at] as number) | (((b < 32 ? low >>> b : high >>> (b - 32)) & 1) << (i & 7))
    }
  }
  return planes
}

/** Words of at most 64 bits from planes. */
export const wordsOfPlanes = ({ length, width, bytes }: Planes): Words => {
  const stride = strideOf(length)
  const halves = new Uint32Array(2 * length)
  for (let b = 0; b < width; b++)
    for (let i = 0; i < length; i++) {
      const at = 2 * i + (b >> 5)
      halves[at] = (halves[at] as number) | ((((bytes[b * stride + (i >> 3)] as number) >> (i & 7)) & 1) << (b & 31))
    }
  return new BigUint64Array(halves.buffer)
}

/** The integers at `places`, counted through all parts, which have `width` bits. */
export const gatherPlanes = (parts: readonly Planes[], places: readonly number[], width: number): Planes => {
  const out = emptyPlanes(places.length, width)
  const stride = strideOf(places.length)
  const sources = parts.flatMap((part) => Array.from({ length: part.length }, (_, i) => ({ part, i })))
  places.forEach((place, at) => {
    const source = sources[place]
    if (source === undefined) return
    const { part, i } = source
    const own = strideOf(part.length)
    for (let b = 0; b < width; b++) {
      const to = b * stride + (at >> 3)
      const bit = ((part.bytes[b * own + (i >> 3)] as number) >> (i & 7)) & 1
      out.bytes[to] = (out.bytes[to] as number) | (bit << (at & 7))
    }
  })
  return out
}

/** a XOR b, of equal shape. */
export const xorPlanes = (a: Planes, b: Planes): Planes => ({ ...a, bytes: a.bytes.map((byte, i) => byte ^ (b.bytes[i] as number)) })
