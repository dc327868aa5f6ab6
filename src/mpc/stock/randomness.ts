// What one party keeps of randomness made ahead with a peer: triples, and circuits garbled before their inputs are known. As bytes it has a checksum: a cut file is not used.
// Adversary: whoever reads a half can read what is computed with it. What leaks to the peer: names and amounts.
import { createHash } from 'node:crypto'
import { concatBytes, equalBytes, fromHex, toHex, YimengError } from '../../base/index.ts'
import type { Triples } from '../arithmetic/gilboa.ts'
import { bytesOfWords, wordsOfBytes } from '../arithmetic/words.ts'
import type { BitTriples } from '../boolean/triples.ts'
import type { Circuit } from '../circuits/circuit.ts'
import type { GarbledAhead, GarbledBatch } from '../yao/garbled-ahead.ts'

/** One party's half. */
export interface Randomness {
  readonly products: Triples
  readonly bits: BitTriples
  readonly garbled: GarbledAhead
}

/** How much to make: products over Z/2^64, AND gates times rows, and circuits with their numbers of rows, in the order in which they will be evaluated. */
export interface StockAmounts {
  readonly products: number
  readonly bitGates: number
  readonly garbled?: readonly { readonly circuit: Circuit; readonly rows: number }[]
}

const noWords = new BigUint64Array(0)
const noBytes = new Uint8Array(0)

/** No randomness. */
export const noRandomness: Randomness = {
  products: { a: noWords, b: noWords, c: noWords },
  bits: { a: noBytes, b: noBytes, c: noBytes },
  garbled: { delta: noBytes, nonce: noBytes, batches: [] },
}

const MAGIC = 'YMTR'
const VERSION = 2
const SUM_BYTES = 16

const checksum = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest().subarray(0, SUM_BYTES)

const uint32 = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer)

const partsOf = ({ products, bits, garbled }: Randomness): readonly Uint8Array[] => [
  ...[products.a, products.b, products.c].map(bytesOfWords),
  bits.a,
  bits.b,
  bits.c,
  garbled.delta,
  garbled.nonce,
  ...garbled.batches.flatMap(({ circuit, rows, seed, outputs, tables }) => [fromHex(circuit), uint32(rows), seed, outputs, tables]),
]

/** A half as bytes: magic, version, number of parts, their lengths, the parts, a checksum. */
export const encodeRandomness = (half: Randomness): Uint8Array => {
  const parts = partsOf(half)
  const head = concatBytes(Buffer.from(MAGIC, 'latin1'), uint32(VERSION, parts.length, ...parts.map(({ length }) => length)))
  const body = concatBytes(head, ...parts)
  return concatBytes(body, checksum(body))
}

/** @throws YimengError `mpc-stock-broken` for bytes that were cut or changed, or are of another version. */
export const decodeRandomness = (bytes: Uint8Array, name: string): Randomness => {
  const broken = (): YimengError =>
    new YimengError({ code: 'mpc-stock-broken', cannot: 'use stock', expected: 'a whole file', got: 'another one', where: { stock: name } })
  const body = bytes.subarray(0, -SUM_BYTES)
  if (bytes.length < 12 + SUM_BYTES || !equalBytes(checksum(body), bytes.subarray(-SUM_BYTES))) throw broken()
  const view = new DataView(body.buffer, body.byteOffset)
  if (Buffer.from(body.subarray(0, 4)).toString('latin1') !== MAGIC || view.getUint32(4, true) !== VERSION) throw broken()
  const count = view.getUint32(8, true)
  let at = 12 + 4 * count
  const parts = Array.from({ length: count }, (_, i) => {
    const from = at
    at += view.getUint32(12 + 4 * i, true)
    return body.subarray(from, at)
  })
  const part = (i: number): Uint8Array => parts[i] ?? noBytes
  const batches = Array.from({ length: Math.floor((count - 8) / 5) }, (_, k): GarbledBatch => {
    const own = 8 + 5 * k
    const rows = part(own + 1)
    return {
      circuit: toHex(part(own)),
      rows: new DataView(rows.buffer, rows.byteOffset).getUint32(0, true),
      seed: part(own + 2),
      outputs: part(own + 3),
      tables: part(own + 4),
    }
  })
  return {
    products: { a: wordsOfBytes(part(0)), b: wordsOfBytes(part(1)), c: wordsOfBytes(part(2)) },
    bits: { a: part(3), b: part(4), c: part(5) },
    garbled: { delta: part(6), nonce: part(7), batches },
  }
}
