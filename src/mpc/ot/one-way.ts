// Oblivious transfers in one direction, for short correlated messages: products of one private bit by a private word, shares of bits turned into shares of words.
// Adversary: semi-honest. What leaks: the number of transfers.
import type { Words } from '../arithmetic/words.ts'
import { peerOf } from '../party.ts'
import { otDomain, type Session, type SessionTraffic } from '../session.ts'
import { hashRows } from '../symmetric.ts'
import type { TrafficCount } from '../traffic.ts'
import type { Party } from '../party.ts'
import { batches, OT_BATCH, transfersFor } from './extension.ts'
import { discard } from '../memory.ts'
import type { Kernels } from '../kernels/kernels.ts'

/** Bytes of the corrections of one group of `width` correlated transfers: bit b needs 64 - b bits. */
export const correctionBytes = (width: number): number =>
  Array.from({ length: width }, (_, b) => (71 - b) >> 3).reduce((sum, bytes) => sum + bytes, 0)

/** Rows hashed by the sender: addresses of H(q) and H(q ^ delta). */
export const hashBoth = (
  session: Session,
  rows: number,
  delta: Uint8Array,
  total: number,
  first: number,
): { readonly zero: number; readonly one: number } => {
  const { kernels: k, nonce, me } = session
  const nothing = k.put(new Uint8Array(16))
  const one = k.take(total * 16)
  hashRows(k, nonce, otDomain(me), rows, k.put(delta), one, total, first, 0)
  hashRows(k, nonce, otDomain(me), rows, nothing, rows, total, first, 0)
  return { zero: rows, one }
}

/** Receiver of one step: sends its columns, returns H(t), one block per transfer. */
export const receiveHashes = async (session: Session, label: string, count: number, choices: Uint8Array): Promise<Uint8Array> => {
  const { kernels: k, wire, nonce, me } = session
  const total = transfersFor(count)
  const receiver = await session.receiver()
  const { columns, result } = receiver.extend(k, count, choices, (rows, first) => {
    hashRows(k, nonce, otDomain(peerOf(me)), rows, k.put(new Uint8Array(16)), rows, total, first, 0)
    return k.copy(rows, total * 16)
  })
  wire.send(`${label} columns`, columns)
  discard(columns)
  return result
}

/** Groups of `width` transfers: the correlation's kernel call. `zero` and `one` are hashes, `sums` the sender's shares, `corrections` what it sends. */
type Correlate = (k: Kernels, group: number, count: number, zero: number, one: number, sums: number, corrections: number) => void

const send = async (session: Session, label: string, count: number, width: number, correlate: Correlate): Promise<Words> => {
  const { kernels: k, wire } = session
  const sender = await session.sender()
  const out = new BigUint64Array(count)
  let done = 0
  for (const n of batches(count, Math.floor(OT_BATCH / width))) {
    const columns = await wire.receive(`${label} columns`, session.columnBytes(n * width))
    const corrections = sender.extend(k, n * width, columns, (rows, first) => {
      const { zero, one } = hashBoth(session, rows, sender.delta, transfersFor(n * width), first)
      const sums = k.put(new BigUint64Array(n))
      const to = k.take(n * correctionBytes(width) + 8)
      correlate(k, done, n, zero, one, sums, to)
      out.set(k.words(sums, n), done)
      return k.copy(to, n * correctionBytes(width))
    })
    wire.send(`${label} corrections`, corrections)
    discard(columns)
    discard(corrections)
    done += n
  }
  return out
}

const receive = async (
  session: Session,
  label: string,
  count: number,
  width: number,
  choicesOf: (from: number, n: number) => Uint8Array,
): Promise<Words> => {
  const { kernels: k, wire } = session
  const out = new BigUint64Array(count)
  let done = 0
  for (const n of batches(count, Math.floor(OT_BATCH / width))) {
    const choices = choicesOf(done, n)
    const hashes = await receiveHashes(session, label, n * width, choices)
    const corrections = await wire.receive(`${label} corrections`, n * correctionBytes(width))
    k.work(() => {
      const sums = k.put(new BigUint64Array(n))
      k.correlateReceive(k.put(hashes), k.put(choices), 1, n, width, sums, 0, 1, k.put(corrections))
      out.set(k.words(sums, n), done)
    })
    discard(hashes)
    discard(corrections)
    done += n
  }
  return out
}

/** The sender's side of bit * word: my share of choice[i] * `factors`[i]. */
export const sendFactors = (session: Session, label: string, factors: Words): Promise<Words> =>
  send(session, label, factors.length, 1, (k, group, n, zero, one, sums, corrections) => {
    k.correlateSend(zero, one, 1, n, 1, 0, k.put(factors.subarray(group, group + n)), 0, 1, sums, 0, 1, corrections)
  })

/** The receiver's side: my share of `choices`[i] (packed bits) * the sender's word i. */
export const receiveFactors = (session: Session, label: string, count: number, choices: Uint8Array): Promise<Words> =>
  receive(session, label, count, 1, (from, n) => choices.subarray(from / 8, Math.ceil((from + n) / 8)))

/** The lowest `width` bits of each word, packed one word after the other. */
export const packWordBits = (words: Words, width: number): Uint8Array => {
  if (width === 64) return new Uint8Array(words.buffer, words.byteOffset, words.byteLength).slice()
  const out = new Uint8Array(Math.ceil((words.length * width) / 8))
  const halves = new Uint32Array(words.slice().buffer)
  let at = 0
  for (let i = 0; i < words.length; i++) {
    const low = halves[2 * i] as number
    const high = halves[2 * i + 1] as number
    for (let b = 0; b < width; b++, at++)
      out[at >> 3] = (out[at >> 3] as number) | (((b < 32 ? low >>> b : high >>> (b - 32)) & 1) << (at & 7))
  }
  return out
}

/** From my XOR share of `width`-bit words to my additive share; the guest sends. */
export const shareBits = (session: Session, label: string, words: Words, width: number): Promise<Words> =>
  session.me === 'guest'
    ? send(session, label, words.length, width, (k, group, n, zero, one, sums, corrections) =>
        k.bitsSend(zero, one, n, width, k.put(words.subarray(group, group + n)), sums, corrections),
      )
    : receive(session, label, words.length, width, (from, n) => packWordBits(words.subarray(from, from + n), width))

/** What a one-way transfer of `count` groups of `width` sends. */
export const oneWayTraffic = (traffic: TrafficCount, session: SessionTraffic, from: Party, count: number, width: number): void => {
  session.need(from)
  for (const n of batches(count, Math.floor(OT_BATCH / width))) {
    traffic.message(peerOf(from), session.columnBytes(n * width))
    traffic.message(from, n * correctionBytes(width))
  }
}
