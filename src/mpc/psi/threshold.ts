// Do two parties have at least so many items in common? Nothing else is opened, not even how many. Adversary: semi-honest. What leaks: both numbers of items, and the answer, to both.
// Whoever asks again and again with lists that differ by an item learns that item: the caller bounds how often it runs.
import { type Channel, utf8Bytes, YimengError } from '../../base/index.ts'
import { curve25519 } from '../../crypto/index.ts'
import type { Words } from '../arithmetic/words.ts'
import { words } from '../arithmetic/words.ts'
import { notNegativeCircuit } from '../circuits/integers.ts'
import { placeBits } from '../circuits/selection.ts'
import { abyEngine, type SecureOutcome } from '../engines/aby.ts'
import type { Party } from '../party.ts'
import { defaultPools, type Secure, type SecureProgram, type Shared } from '../secure.ts'
import { openSession } from '../session.ts'
import { binsFor } from './cuckoo.ts'
import { answerWords, askWords, binsOf, exchangeCounts, type PeerLimits, sameWords } from './membership.ts'

/** Each number in Z/2^64 becomes one bit: is it at least `threshold`? Numbers lie between 0 and `most`. */
export const atLeast = async (engine: Secure, x: Shared<'arithmetic'>, threshold: number, most: number): Promise<Shared<'yao'>> => {
  // the sign of x - threshold
  const bits = placeBits(Math.max(most, threshold) + 1) + 1
  const limits = engine.constant(words(Array.from({ length: x.length }, () => threshold)))
  const [positive] = await engine.circuit(notNegativeCircuit(bits), [await engine.toYao(engine.subtract(x, limits), bits)])
  return positive as Shared<'yao'>
}

/** From both parties' words of `bins` bins: are at least `threshold` of them the same? */
export const thresholdProgram =
  (bins: number, threshold: number): SecureProgram<{ readonly guest?: Words; readonly host?: Words }, boolean> =>
  async (engine, input) => {
    const common = engine.sum(await sameWords(engine, bins, input))
    return (await engine.open(await atLeast(engine, common, threshold, bins)))[0] === 1n
  }

/** What both learn. */
export interface ThresholdAnswer {
  readonly reached: boolean
  readonly peerItems: number
}

/**
 * My side. Equal items of mine count once.
 *
 * @throws YimengError `psi-limit` when the peer brings more than `maxPeerItems`, `psi-threshold` for a threshold below 1, and the faults of a session.
 */
export const runThreshold = async (
  channel: Channel,
  me: Party,
  threshold: number,
  { items, ...limits }: PeerLimits & { readonly items: readonly string[] },
  timeoutMs?: number,
): Promise<SecureOutcome<ThresholdAnswer>> => {
  if (!(Number.isInteger(threshold) && threshold >= 1))
    throw new YimengError({ code: 'psi-threshold', cannot: 'intersect', expected: 'a whole number from 1', got: `${threshold}` })
  const mine = [...new Set(items)].map(utf8Bytes)
  const session = await openSession(channel, me, `psi threshold ${threshold}`, timeoutMs)
  try {
    const peerItems = await exchangeCounts({ session, items: mine }, limits)
    const sides = { session, group: await curve25519(), items: mine, peerItems }
    const held = me === 'guest' ? await askWords(sides, binsOf(session.nonce, mine)) : await answerWords(sides, session.nonce)
    const bins = binsFor(me === 'guest' ? mine.length : peerItems)
    const reached = await thresholdProgram(bins, threshold)(abyEngine(session, defaultPools), { [me]: held })
    await session.wire.exchange('done', new Uint8Array(0))
    await session.wire.flush()
    return { result: { reached, peerItems }, traffic: session.wire.traffic() }
  } catch (cause) {
    await session.wire.stop(cause instanceof YimengError ? cause.code : 'mpc-fault')
    throw cause
  }
}
