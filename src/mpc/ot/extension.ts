// Oblivious transfer extension: millions of correlated transfers from 128 base ones, after which rows satisfy q_i = t_i ^ r_i * delta. The receiver knows all leaves of trees of depth k,
// the sender all but one (leaves.ts); each tree gives k columns of the rows and costs one column of corrections (Roy 2022, SoftSpokenOT). With k = 1 this is the extension of Ishai,
// Kilian, Nissim and Petrank 2003 as Asharov, Lindell, Schneider and Zohner 2013 write it: 16 bytes a transfer; k = 2 takes 8 bytes, k = 4 takes 4, for 2 and 8 times the keystream.
// Adversary: semi-honest: a malicious receiver could send inconsistent columns and learn bits of delta; `checked` makes that fail (consistency.ts, not reviewed).
// What leaks: the number of transfers.
import type { Csprng } from '../../base/index.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { keystream } from '../symmetric.ts'
import { KAPPA } from './base-ot.ts'
import { PROOF_BYTES, prove, SPARE_TRANSFERS, verify } from './consistency.ts'
import type { Leaves } from './leaves.ts'

/** Which extension: depth of its trees, and whether columns are checked. Both sides must use the same. */
export type Extension = { readonly depth: 1 | 2 | 4; readonly checked?: false } | { readonly depth: 1; readonly checked: true }

/** Trees of depth 2, unchecked. */
export const defaultExtension: Extension = { depth: 2 }

/** Transfers of one extension step: 1 MB of columns, which stay in the second-level cache with their rows. */
export const OT_BATCH = 1 << 16

/** Transfers come in multiples of {@link KAPPA}: `count` rounded up. */
export const transfersFor = (count: number): number => Math.ceil(count / KAPPA) * KAPPA

const spare = ({ checked = false }: Extension): number => (checked ? SPARE_TRANSFERS : 0)

/** Payload bytes of the receiver's columns for `count` transfers, its proof included. */
export const columnBytes = (extension: Extension, count: number): number =>
  ((transfersFor(count) + spare(extension)) / 8) * (KAPPA / extension.depth) + (extension.checked === true ? PROOF_BYTES : 0)

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

// fills memory with the next `stride` bytes of every leaf of a tree
const leafStreams = (leaves: Leaves): readonly ((k: Kernels, to: number, stride: number) => void)[] =>
  leaves.map((tree) => {
    const streams = tree.map((seed) => (seed.length === 0 ? undefined : keystream(seed)))
    return (k, to, stride) =>
      streams.forEach((stream, x) => {
        const at = k.bytes(to + x * stride, stride)
        if (stream === undefined) at.fill(0)
        else stream.fill(at)
      })
  })

/** What both ends of an extension are made of, besides their leaves. */
export interface ExtensionEnd {
  readonly extension: Extension
  /** Public, of the session. */
  readonly nonce: Uint8Array
}

/** From the leaves that miss one in each tree, as `delta` says. */
export const otSender = ({ extension, nonce }: ExtensionEnd, delta: Uint8Array, leaves: Leaves): OtSender => {
  const { depth } = extension
  const trees = leafStreams(leaves)
  let next = 0
  return {
    delta,
    extend: (k, count, columns, use) =>
      k.work(() => {
        const total = transfersFor(count) + spare(extension)
        const stride = total / 8
        const body = stride * (KAPPA / depth)
        const received = k.put(columns)
        const grown = k.take(stride << depth)
        const unused = k.take(stride)
        const mine = k.take(stride * KAPPA)
        const rows = k.take(total * 16)
        trees.forEach((fill, tree) => {
          fill(k, grown, stride)
          k.foldLeaves(grown, depth, stride, mine + tree * depth * stride, unused)
          for (let column = tree * depth; column < (tree + 1) * depth; column++)
            k.xorWhere(mine + column * stride, received + tree * stride, stride, ((delta[column >> 3] ?? 0) >> (column & 7)) & 1)
        })
        k.transpose(mine, stride, rows, stride)
        const first = next
        next += total
        if (extension.checked === true)
          verify(nonce, first, columns.subarray(0, body), k.bytes(rows, total * 16), delta, columns.subarray(body))
        return use(rows, first)
      }),
  }
}

/** From all leaves. `rng` fills the transfers that only the check uses. */
export const otReceiver = ({ extension, nonce }: ExtensionEnd, rng: Csprng, leaves: Leaves): OtReceiver => {
  const { depth } = extension
  const trees = leafStreams(leaves)
  let next = 0
  return {
    extend: (k, count, choices, use) =>
      k.work(() => {
        const wanted = transfersFor(count) / 8
        const total = transfersFor(count) + spare(extension)
        const stride = total / 8
        const body = stride * (KAPPA / depth)
        const chosen = k.take(stride)
        const grown = k.take(stride << depth)
        const sent = k.take(body)
        const mine = k.take(stride * KAPPA)
        const rows = k.take(total * 16)
        const bits = k.bytes(chosen, stride)
        bits.fill(0)
        bits.set(choices.subarray(0, wanted))
        rng.fill(bits.subarray(wanted))
        trees.forEach((fill, tree) => {
          fill(k, grown, stride)
          k.foldLeaves(grown, depth, stride, mine + tree * depth * stride, sent + tree * stride)
          k.xorInto(sent + tree * stride, chosen, stride)
        })
        k.transpose(mine, stride, rows, stride)
        const first = next
        next += total
        const columns = new Uint8Array(columnBytes(extension, count))
        columns.set(k.bytes(sent, body))
        if (extension.checked === true)
          columns.set(prove(nonce, first, columns.subarray(0, body), k.bytes(rows, total * 16), k.bytes(chosen, stride)), body)
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
