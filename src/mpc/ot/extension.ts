// Oblivious transfer extension: millions of correlated transfers from 128 base ones (Ishai, Kilian, Nissim and Petrank 2003; Asharov, Lindell, Schneider and Zohner 2013).
// The receiver sends 128 columns u_j = G(k0_j) ^ G(k1_j) ^ r; afterwards rows satisfy q_i = t_i ^ r_i * delta. 16 bytes per transfer. Adversary: semi-honest: a malicious
// receiver could send inconsistent columns and learn bits of delta. What leaks: the number of transfers.
import type { Csprng } from '../../base/index.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { type Keystream, keystream } from '../symmetric.ts'
import { KAPPA } from './base-ot.ts'

/** Transfers of one extension step: 1 MB of columns, which stay in the second-level cache with their rows. */
export const OT_BATCH = 1 << 16

/** Transfers come in multiples of {@link KAPPA}: `count` rounded up. */
export const transfersFor = (count: number): number => Math.ceil(count / KAPPA) * KAPPA

/** Payload bytes of the columns for `count` transfers. */
export const columnBytes = (count: number): number => transfersFor(count) * (KAPPA / 8)

/** Cuts `count` transfers into steps of at most {@link OT_BATCH}, or of `batch`. */
export const batches = (count: number, batch = OT_BATCH): readonly number[] =>
  Array.from({ length: Math.ceil(count / batch) }, (_, i) => Math.min(batch, count - i * batch))

/** The sender of the extension: knows delta, gets the rows q. */
export interface OtSender {
  /** 16 bytes, secret. */
  readonly delta: Uint8Array
  /** Uses the receiver's columns; `use` reads the rows at an address (`count` of them, rounded up) whose first has the number `first`. */
  readonly extend: <T>(k: Kernels, count: number, columns: Uint8Array, use: (rows: number, first: number) => T) => T
}

/** The receiver of the extension: chooses the bits, gets the rows t. */
export interface OtReceiver {
  /** `choices` are packed bits (missing ones count as zero). `columns` must go to the sender. */
  readonly extend: <T>(
    k: Kernels,
    count: number,
    choices: Uint8Array,
    use: (rows: number, first: number) => T,
  ) => { readonly columns: Uint8Array; readonly result: T }
}

/** From the base transfers in which the extension's sender chose `delta`. */
export const otSender = (delta: Uint8Array, keys: readonly Uint8Array[]): OtSender => {
  const streams = keys.map(keystream)
  let next = 0
  return {
    delta,
    extend: (k, count, columns, use) =>
      k.work(() => {
        const total = transfersFor(count)
        const stride = total / 8
        const received = k.put(columns)
        const mine = k.take(stride * KAPPA)
        const rows = k.take(total * 16)
        streams.forEach((stream, j) => {
          k.bytes(mine + j * stride, stride).set(stream.next(stride))
          k.xorWhere(mine + j * stride, received + j * stride, stride, ((delta[j >> 3] ?? 0) >> (j & 7)) & 1)
        })
        k.transpose(mine, stride, rows, stride)
        const first = next
        next += total
        return use(rows, first)
      }),
  }
}

/** From the base transfers that the extension's receiver sent. */
export const otReceiver = (pairs: readonly (readonly [Uint8Array, Uint8Array])[]): OtReceiver => {
  const streams: readonly (readonly [Keystream, Keystream])[] = pairs.map(([zero, one]) => [keystream(zero), keystream(one)])
  let next = 0
  return {
    extend: (k, count, choices, use) =>
      k.work(() => {
        const total = transfersFor(count)
        const stride = total / 8
        const chosen = k.take(stride)
        const mine = k.take(stride * KAPPA)
        const other = k.take(stride * KAPPA)
        const rows = k.take(total * 16)
        const bits = k.bytes(chosen, stride)
        bits.fill(0)
        bits.set(choices.subarray(0, stride))
        streams.forEach(([zero, one], j) => {
          const at = j * stride
          k.bytes(mine + at, stride).set(zero.next(stride))
          k.bytes(other + at, stride).set(one.next(stride))
          k.xor3(other + at, other + at, mine + at, chosen, stride)
        })
        k.transpose(mine, stride, rows, stride)
        const first = next
        next += total
        const columns = k.copy(other, stride * KAPPA)
        return { columns, result: use(rows, first) }
      }),
  }
}

/** A secret delta. */
export const randomDelta = (rng: Csprng): Uint8Array => {
  const delta = new Uint8Array(16)
  rng.fill(delta)
  return delta
}
