// Products over Z/2^64 by oblivious transfer (Gilboa 1999), both parties' halves at once: x = x0 + x1 times y = y0 + y1. Each party receives with the 64 bits of its share of x
// as choices and sends with its share of y as the correlated word: 2 x 64 transfers, 1,600 bytes a product. Adversary: semi-honest. What leaks: the number of products.
import { discard } from '../memory.ts'
import { bothWaysTraffic, runBothWays } from '../ot/both-ways.ts'
import { batches, OT_BATCH, transfersFor } from '../ot/extension.ts'
import { correctionBytes, hashBoth } from '../ot/one-way.ts'
import { peerOf } from '../party.ts'
import { otDomain, type Session, type SessionTraffic } from '../session.ts'
import { hashRows } from '../symmetric.ts'
import type { TrafficCount } from '../traffic.ts'
import { bytesOfWords, type Words, wordsOfBytes } from './words.ts'

const WORD_BITS = 64
const STEP = OT_BATCH / WORD_BITS
const NOTHING = new Uint8Array(16)
const stepsOf = (products: number): readonly number[] => batches(products, STEP).map((n) => n * WORD_BITS)

/** My share of x * y, element by element. */
export const multiplyShares = async (session: Session, x: Words, y: Words): Promise<Words> => {
  const { kernels: k, me, nonce } = session
  const out = new BigUint64Array(x.length)
  // `index` counts steps; a step is `count` / 64 products
  const part = (words: Words, index: number, count: number): Words => words.subarray(index * STEP, index * STEP + count / WORD_BITS)
  await runBothWays<Uint8Array>(session, stepsOf(x.length), {
    label: 'product',
    ask: (receiver, index, count) =>
      receiver.extend(k, count, bytesOfWords(part(x, index, count)), (rows, first) => {
        hashRows(k, nonce, otDomain(peerOf(me)), rows, k.put(NOTHING), rows, transfersFor(count), first, 0)
        return k.copy(rows, transfersFor(count) * 16)
      }),
    answer: (sender, index, count, columns) =>
      sender.extend(k, count, columns, (rows, first) => {
        const { zero, one } = hashBoth(session, rows, sender.delta, transfersFor(count), first)
        const mine = part(y, index, count)
        const sums = k.put(new BigUint64Array(mine.length))
        const word = k.put(mine)
        const bytes = mine.length * correctionBytes(WORD_BITS)
        const to = k.take(bytes + 8)
        k.correlateSend(zero, one, 1, mine.length, WORD_BITS, 0, word, 0, 1, sums, 0, 1, to)
        part(out, index, count).set(k.words(sums, mine.length))
        return k.copy(to, bytes)
      }),
    finish: (index, count, hashes, corrections) =>
      k.work(() => {
        const [a, b, sum] = [part(x, index, count), part(y, index, count), part(out, index, count)]
        const [h, c, bits, sums] = [k.put(hashes), k.put(corrections ?? NOTHING), k.put(a), k.put(sum)]
        // x_me * y_me needs no transfer
        k.multiplyAdd(sums, bits, k.put(b), a.length)
        k.correlateReceive(h, bits, 1, a.length, WORD_BITS, sums, 0, 1, c)
        sum.set(k.words(sums, a.length))
        discard(hashes)
      }),
  })
  return out
}

/** What {@link multiplyShares} sends for `count` products. */
export const multiplyTraffic = (traffic: TrafficCount, session: SessionTraffic, count: number): void =>
  bothWaysTraffic(traffic, session, stepsOf(count), correctionBytes(WORD_BITS) / WORD_BITS)

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
