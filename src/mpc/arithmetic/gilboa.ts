// Products over Z/2^64 by oblivious transfer (Gilboa 1999), both parties' halves at once: x = x0 + x1 times y = y0 + y1. Each party receives with the 64 bits of its share of x
// as choices and sends with its share of y as the correlated word: 2 x 64 transfers, 3,072 bytes a product. Adversary: semi-honest. What leaks: the number of products.
import { wordsOfBytes, bytesOfWords, type Words } from './words.ts'
import { batches, columnBytes, OT_BATCH, transfersFor } from '../ot/extension.ts'
import { peerOf } from '../party.ts'
import { otDomain, type Session, type SessionTraffic } from '../session.ts'
import { hashRows } from '../symmetric.ts'
import type { TrafficCount } from '../traffic.ts'

const WORD_BITS = 64
const STEP = OT_BATCH / WORD_BITS

/** My share of x * y, element by element. */
export const multiplyShares = async (session: Session, x: Words, y: Words): Promise<Words> => {
  const { kernels: k, wire, me, nonce } = session
  const { sender, receiver } = await session.both()
  const out = new BigUint64Array(x.length)
  let done = 0
  for (const n of batches(x.length, STEP)) {
    const [mine, theirs] = [x.subarray(done, done + n), y.subarray(done, done + n)]
    const count = n * WORD_BITS
    const hashBytes = transfersFor(count) * 16
    const choices = bytesOfWords(mine)
    const { columns, result: hashes } = receiver.extend(k, count, choices, (rows, first) => {
      const zero = k.put(new Uint8Array(16))
      hashRows(k, nonce, otDomain(peerOf(me)), rows, zero, rows, transfersFor(count), first, 0)
      return k.copy(rows, hashBytes)
    })
    const corrections = sender.extend(k, count, await wire.exchange('product columns', columns), (rows, first) => {
      const zero = k.put(new Uint8Array(16))
      const delta = k.put(sender.delta)
      const one = k.take(hashBytes)
      hashRows(k, nonce, otDomain(me), rows, delta, one, transfersFor(count), first, 0)
      hashRows(k, nonce, otDomain(me), rows, zero, rows, transfersFor(count), first, 0)
      const sums = k.put(new BigUint64Array(n))
      const word = k.put(theirs)
      const to = k.take(count * 8)
      k.correlateSend(rows, one, 1, n, WORD_BITS, 0, word, 0, 1, sums, 0, 1, to)
      out.set(k.words(sums, n), done)
      return k.copy(to, count * 8)
    })
    const received = await wire.exchange('product corrections', corrections)
    k.work(() => {
      const [h, c, bits] = [k.put(hashes), k.put(received), k.put(choices)]
      const sums = k.put(out.subarray(done, done + n))
      // x_me * y_me needs no transfer
      k.multiplyAdd(sums, k.put(mine), k.put(theirs), n)
      k.correlateReceive(h, bits, 1, n, WORD_BITS, sums, 0, 1, c)
      out.set(k.words(sums, n), done)
    })
    done += n
  }
  return out
}

/** What {@link multiplyShares} sends for `count` products. */
export const multiplyTraffic = (traffic: TrafficCount, session: SessionTraffic, count: number): void => {
  session.need('both')
  for (const n of batches(count, STEP)) {
    traffic.exchange(columnBytes(n * WORD_BITS))
    traffic.exchange(n * WORD_BITS * 8)
  }
}

/** Products of random shares, made ahead and used once. */
export interface Triples {
  readonly a: Words
  readonly b: Words
  readonly c: Words
}

/** `count` fresh triples: c = a * b, all shared. */
export const makeTriples = async (session: Session, count: number): Promise<Triples> => {
  const bytes = new Uint8Array(16 * count)
  session.rng.fill(bytes)
  const a = wordsOfBytes(bytes.subarray(0, 8 * count))
  const b = wordsOfBytes(bytes.subarray(8 * count))
  return { a, b, c: await multiplyShares(session, a, b) }
}
