// Bit triples c = a & b for GMW, by random oblivious transfer, one each way per triple (as in ABY, NDSS 2015, section 5.1): my choice bits are a, the XOR of what I send is b.
// 16 bytes a triple. Adversary: semi-honest. What leaks: the number of triples.
import { bothWaysTraffic, runBothWays } from '../ot/both-ways.ts'
import { batches, OT_BATCH, transfersFor } from '../ot/extension.ts'
import { hashBoth } from '../ot/one-way.ts'
import { peerOf } from '../party.ts'
import { otDomain, type Session, type SessionTraffic } from '../session.ts'
import { hashRows } from '../symmetric.ts'
import type { TrafficCount } from '../traffic.ts'

/** Packed bits of shared a, b and c = a & b. */
export interface BitTriples {
  readonly a: Uint8Array
  readonly b: Uint8Array
  readonly c: Uint8Array
}

/** `count` fresh bit triples, a multiple of 128. */
export const makeBitTriples = async (session: Session, count: number): Promise<BitTriples> => {
  const { kernels: k, me, nonce } = session
  const a = new Uint8Array(count / 8)
  session.rng.fill(a)
  const b = new Uint8Array(count / 8)
  const c = new Uint8Array(count / 8)
  const part = (bits: Uint8Array, index: number, n: number): Uint8Array => bits.subarray((index * OT_BATCH) / 8, (index * OT_BATCH + n) / 8)
  const lowBits = (rows: number, n: number): Uint8Array => {
    const bits = k.take(transfersFor(n) / 8)
    k.lowBits(rows, bits, transfersFor(n))
    return k.copy(bits, n / 8)
  }
  await runBothWays<Uint8Array>(session, batches(count), {
    label: 'triple',
    ask: (receiver, index, n) =>
      receiver.extend(k, n, part(a, index, n), (rows, first) => {
        hashRows(k, nonce, otDomain(peerOf(me)), rows, k.put(new Uint8Array(16)), rows, transfersFor(n), first, 0)
        return lowBits(rows, n)
      }),
    answer: (sender, index, n, columns) => {
      sender.extend(k, n, columns, (rows, first) => {
        const { zero, one } = hashBoth(session, rows, sender.delta, transfersFor(n), first)
        const zeros = lowBits(zero, n)
        const ones = lowBits(one, n)
        const [y, z] = [part(b, index, n), part(c, index, n)]
        for (let i = 0; i < y.length; i++) {
          y[i] = (zeros[i] as number) ^ (ones[i] as number)
          z[i] = zeros[i] as number
        }
      })
      return undefined
    },
    finish: (index, n, chosen) => {
      const [x, y, z] = [part(a, index, n), part(b, index, n), part(c, index, n)]
      for (let i = 0; i < x.length; i++) z[i] = (z[i] as number) ^ ((x[i] as number) & (y[i] as number)) ^ (chosen[i] as number)
    },
  })
  return { a, b, c }
}

/** What {@link makeBitTriples} sends. */
export const bitTripleTraffic = (traffic: TrafficCount, session: SessionTraffic, count: number): void =>
  bothWaysTraffic(traffic, session, batches(count), 0)
