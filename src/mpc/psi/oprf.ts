// An oblivious pseudorandom function on Curve25519: x becomes H(x)^k, where the host has k and the guest x, and neither learns the other's (Jarecki and Liu 2010; hashed Diffie-Hellman as
// in Meadows 1986). The guest blinds with one exponent for all items and shuffles them. Adversary: semi-honest. What leaks: both numbers of items.
import { type Edwards, hashToPoint, POINT_BYTES } from '../../crypto/index.ts'
import type { Session } from '../session.ts'
import { BATCH, gather, shuffled, stream } from './streams.ts'

/** One party's part. */
export interface OprfSides {
  readonly session: Session
  readonly group: Edwards
  /** Mine, all different. */
  readonly items: readonly Uint8Array[]
  readonly peerItems: number
}

/** The guest: `use` gets the value of each of its items, by index. */
export const askPoints = async ({ session, group, items }: OprfSides, use: (index: number, point: Uint8Array) => void): Promise<void> => {
  const blind = group.scalar(session.rng)
  const unblind = group.invert(blind)
  const order = shuffled(items.length, session.rng)
  const sending = stream(session, 'blinded', items.length, POINT_BYTES, (i) =>
    group.multiply(blind, hashToPoint(group, session.nonce, items[order[i] as number] as Uint8Array)),
  )
  const [answered] = await Promise.allSettled([
    gather(session, 'answers', items.length, POINT_BYTES, (point, i) => use(order[i] as number, group.multiply(unblind, point))),
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
    for (; own < Math.min(upTo, items.length); own++)
      use(own, group.multiply(key, hashToPoint(group, session.nonce, items[own] as Uint8Array)))
  }
  // answers go out batch by batch, as the questions come; my own items fill the time between
  for (let start = 0; start < peerItems; start += BATCH) {
    const n = Math.min(BATCH, peerItems - start)
    addOwn(start + BATCH)
    const blinded = await session.wire.receive('blinded', n * POINT_BYTES)
    const answers = new Uint8Array(n * POINT_BYTES)
    for (let i = 0; i < n; i++) answers.set(group.multiply(key, blinded.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES)), i * POINT_BYTES)
    session.wire.send('answers', answers)
    await session.wire.flush()
  }
  addOwn(items.length)
}
