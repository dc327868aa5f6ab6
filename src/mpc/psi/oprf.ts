// An oblivious pseudorandom function on Curve25519: x becomes H(x)^k, where the host has k and the guest x, and neither learns the other's (Jarecki and Liu 2010; hashed Diffie-Hellman as
// in Meadows 1986). The guest blinds with one exponent for all items and shuffles them. Adversary: semi-honest. What leaks: both numbers of items.
import { type Curve25519, POINT_BYTES } from '../../crypto/index.ts'
import type { Session } from '../session.ts'
import { BATCH, gather, shuffled, stream } from './streams.ts'

/** One party's part. */
export interface OprfSides {
  readonly session: Session
  readonly group: Curve25519
  /** Mine, all different. */
  readonly items: readonly Uint8Array[]
  readonly peerItems: number
}

/** The items at places `from` … `from + n` of `order`. */
export const itemsAt = (items: readonly Uint8Array[], order: Uint32Array, from: number, n: number): readonly Uint8Array[] =>
  Array.from(order.subarray(from, from + n), (place) => items[place] as Uint8Array)

/** The guest: `use` gets the value of each of its items, by index. */
export const askPoints = async ({ session, group, items }: OprfSides, use: (index: number, point: Uint8Array) => void): Promise<void> => {
  const { blind, unblind } = group.blinding(session.rng)
  const order = shuffled(items.length, session.rng)
  const sending = stream(session, 'blinded', items.length, (from, n) =>
    group.multiply(blind, group.hashToPoints(session.nonce, itemsAt(items, order, from, n))),
  )
  const [answered] = await Promise.allSettled([
    gather(
      session,
      'answers',
      items.length,
      POINT_BYTES,
      (point, i) => use(order[i] as number, point),
      (points) => group.multiply(unblind, points),
    ),
    sending,
  ])
  if (answered.status === 'rejected') throw answered.reason
  await sending
}

/** The host: answers the guest's items; `use` gets the value of each of its own, by index and in their order. */
export const answerPoints = async (
  { session, group, items, peerItems }: OprfSides,
  use: (index: number, point: Uint8Array) => void,
): Promise<void> => {
  const key = group.scalar(session.rng)
  let own = 0
  const addOwn = (upTo: number): void => {
    while (own < Math.min(upTo, items.length)) {
      const points = group.multiply(key, group.hashToPoints(session.nonce, items.slice(own, own + BATCH)))
      for (let at = 0; at < points.length; at += POINT_BYTES) use(own++, points.subarray(at, at + POINT_BYTES))
    }
  }
  // answers go out batch by batch, as the questions come; my own items fill the time between
  for (let start = 0; start < peerItems; start += BATCH) {
    const n = Math.min(BATCH, peerItems - start)
    addOwn(start + BATCH)
    session.wire.send('answers', group.multiply(key, await session.wire.receive('blinded', n * POINT_BYTES)))
    await session.wire.flush()
  }
  addOwn(items.length)
}
