// Bit triples c = a & b for GMW, by random oblivious transfer, one each way per triple (as in ABY, NDSS 2015, section 5.1): my choice bits are a, the XOR of what I send is b.
// 32 bytes a triple. Adversary: semi-honest. What leaks: the number of triples.
import { batches, columnBytes, transfersFor } from '../ot/extension.ts'
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
  const { kernels: k, wire, me, nonce } = session
  const { sender, receiver } = await session.both()
  const a = new Uint8Array(count / 8)
  session.rng.fill(a)
  const b = new Uint8Array(count / 8)
  const c = new Uint8Array(count / 8)
  let done = 0
  for (const n of batches(count)) {
    const total = transfersFor(n)
    const at = done / 8
    const choices = a.subarray(at, at + n / 8)
    const { columns, result: chosen } = receiver.extend(k, n, choices, (rows, first) => {
      const zero = k.put(new Uint8Array(16))
      const bits = k.take(total / 8)
      hashRows(k, nonce, otDomain(peerOf(me)), rows, zero, rows, total, first, 0)
      k.lowBits(rows, bits, total)
      return k.copy(bits, n / 8)
    })
    const { zeros, ones } = sender.extend(k, n, await wire.exchange('triple columns', columns), (rows, first) => {
      const zero = k.put(new Uint8Array(16))
      const delta = k.put(sender.delta)
      const one = k.take(total * 16)
      const bits = k.take(total / 8)
      hashRows(k, nonce, otDomain(me), rows, delta, one, total, first, 0)
      hashRows(k, nonce, otDomain(me), rows, zero, rows, total, first, 0)
      k.lowBits(rows, bits, total)
      const low = k.copy(bits, n / 8)
      k.lowBits(one, bits, total)
      return { zeros: low, ones: k.copy(bits, n / 8) }
    })
    for (let i = 0; i < n / 8; i++) {
      const x = choices[i] as number
      const y = (zeros[i] as number) ^ (ones[i] as number)
      b[at + i] = y
      c[at + i] = (x & y) ^ (zeros[i] as number) ^ (chosen[i] as number)
    }
    done += n
  }
  return { a, b, c }
}

/** What {@link makeBitTriples} sends. */
export const bitTripleTraffic = (traffic: TrafficCount, session: SessionTraffic, count: number): void => {
  session.need('both')
  for (const n of batches(count)) traffic.exchange(columnBytes(n))
}
