// At how many of several parties does each of my items occur? ("Who borrows at several banks?") With each other party the one that asks gets, for each item, a share of whether that party
// has it (membership.ts); the others add their shares up at party 1, so that party 0 and party 1 together hold shares of the counts, from which only the counts, or only whether they
// reach a threshold, are shown to party 0.
// Adversary: semi-honest parties, of which party 0 does not work together with another. What leaks: to each party the number of items of party 0, to party 0 those of all; to party 0 the
// counts of its own items (or the flags), never at whom; to the others nothing: shares look random to party 1. Should party 0 and party 1 work together, they see at whom the items occur
// that party 0 asked for, and still no other item.
import { type Channel, utf8Bytes, YimengError } from '../../base/index.ts'
import { curve25519 } from '../../crypto/index.ts'
import { addWords, bytesOfWords, type Words, wordsOfBytes } from '../arithmetic/words.ts'
import { abyEngine, fromOwnShare, ownShare } from '../engines/aby.ts'
import type { Secure } from '../secure.ts'
import { openSession, type Session } from '../session.ts'
import { type Wire, wire } from '../wire.ts'
import { binsFor } from './cuckoo.ts'
import { answerWords, askWords, binsOf, exchangeCounts, type PeerLimits, sameWords } from './membership.ts'
import { atLeast } from './threshold.ts'

/** Public parameters, the same at all parties. */
export interface CountSpec {
  /** Number of parties, at least 2. Party 0 asks, party 1 adds. */
  readonly parties: number
  /** Answers only whether an item occurs at this many others. */
  readonly threshold?: number
  /** No list may be longer. */
  readonly maxItems: number
}

const ASKS = 0
const ADDS = 1
const SALT_BYTES = 16

/** The others to whom party `me` needs a channel: everybody talks to party 0 and to party 1. */
export const neighboursOf = (me: number, parties: number): readonly number[] =>
  Array.from({ length: parties }, (_, party) => party).filter((party) => party !== me && (me <= ADDS || party <= ADDS))

interface Pair {
  readonly session: Session
  readonly engine: Secure
}

const opened = async (
  channel: Channel,
  me: number,
  { parties, threshold, maxItems }: CountSpec,
  other: number,
  timeoutMs?: number,
): Promise<Pair> => {
  const program = `count across ${parties} ${threshold ?? 'all'} ${maxItems} ${other}`
  const session = await openSession(channel, me === ASKS ? 'guest' : 'host', program, timeoutMs)
  return { session, engine: abyEngine(session) }
}

// party 0 with one other: my share of whether it has the item in each bin
const asked = async (
  { session, engine }: Pair,
  items: readonly Uint8Array[],
  salt: Uint8Array,
  bins: ReturnType<typeof binsOf>,
  limits: PeerLimits,
): Promise<Words> => {
  session.wire.send('count salt', salt)
  const peerItems = await exchangeCounts({ session, items }, limits)
  const guest = await askWords({ session, group: await curve25519(), items, peerItems }, bins)
  return ownShare(await sameWords(engine, guest.length, { guest }))
}

const answered = async ({ session, engine }: Pair, items: readonly Uint8Array[], limits: PeerLimits): Promise<Words> => {
  const salt = await session.wire.receive('count salt', SALT_BYTES)
  const peerItems = await exchangeCounts({ session, items }, limits)
  const host = await answerWords({ session, group: await curve25519(), items, peerItems }, salt)
  return ownShare(await sameWords(engine, binsFor(peerItems), { host }))
}

// parties 0 and 1 hold shares of the counts; party 0 learns what was agreed on
const shown = async ({ engine }: Pair, share: Words, { parties, threshold }: CountSpec): Promise<Words> => {
  const counts = fromOwnShare(share)
  const told = await engine.reveal(threshold === undefined ? counts : await atLeast(engine, counts, threshold, parties), 'guest')
  let found: Words = new BigUint64Array(0)
  engine.mapHeld(told, (values) => {
    found = values
  })
  return found
}

const finished = async ({ session: { wire: line } }: Pair): Promise<void> => {
  await line.exchange('done', new Uint8Array(0))
  await line.flush()
}

/** How this party takes part. */
export interface CountOptions extends Pick<PeerLimits, 'charge'> {
  /** How long to wait for a peer each time. Default 120,000. */
  readonly timeoutMs?: number
}

/** A way to stop what was opened so far. */
interface Stoppable {
  readonly lines: Wire[]
}

const ask = async (
  channels: ReadonlyMap<number, Channel>,
  spec: CountSpec,
  items: readonly Uint8Array[],
  open: Stoppable,
  timeoutMs?: number,
): Promise<readonly number[]> => {
  const pairs = await Promise.all(
    neighboursOf(ASKS, spec.parties).map(async (party) => {
      const pair = await opened(channels.get(party) as Channel, ASKS, spec, party, timeoutMs)
      open.lines.push(pair.session.wire)
      return pair
    }),
  )
  const [first] = pairs as [Pair, ...Pair[]]
  const salt = new Uint8Array(SALT_BYTES)
  first.session.rng.fill(salt)
  const bins = binsOf(salt, items)
  const shares = await Promise.all(pairs.map((pair) => asked(pair, items, salt, bins, { maxPeerItems: spec.maxItems })))
  const counts = await shown(first, shares.reduce(addWords), spec)
  await Promise.all(pairs.map(finished))
  const found = Array.from({ length: items.length }, () => 0)
  bins.places.forEach((index, bin) => {
    if (index >= 0) found[index] = Number(counts[bin])
  })
  return found
}

const answer = async (
  me: number,
  channels: ReadonlyMap<number, Channel>,
  spec: CountSpec,
  items: readonly Uint8Array[],
  open: Stoppable,
  { charge, timeoutMs }: CountOptions,
): Promise<void> => {
  const pair = await opened(channels.get(ASKS) as Channel, me, spec, me, timeoutMs)
  open.lines.push(pair.session.wire)
  const lines = neighboursOf(me, spec.parties)
    .filter((party) => party !== ASKS)
    .map((party) => wire(channels.get(party) as Channel, timeoutMs))
  open.lines.push(...lines)
  let share = await answered(pair, items, { maxPeerItems: spec.maxItems, ...(charge === undefined ? {} : { charge }) })
  if (me === ADDS) {
    for (const line of lines) share = addWords(share, wordsOfBytes(await line.receive('shares of counts', share.byteLength)))
    await shown(pair, share, spec)
  } else for (const line of lines) line.send('shares of counts', bytesOfWords(share))
  await Promise.all(lines.map((line) => line.flush()))
  await finished(pair)
}

/**
 * My side as party `me`, with a channel to each of {@link neighboursOf}. Party 0 gets a number for each of its items, in their order; the others get undefined.
 * When anything fails, all channels are closed.
 *
 * @throws YimengError `psi-parties` for fewer than 2 or more than 255 parties or a missing channel, `psi-equal` for a list with equal items, `psi-limit` for a list that is too long,
 * and the faults of a session.
 */
export const countAcross = async (
  me: number,
  channels: ReadonlyMap<number, Channel>,
  spec: CountSpec,
  items: readonly string[],
  options: CountOptions = {},
): Promise<readonly number[] | undefined> => {
  if (spec.parties < 2 || spec.parties > 255 || neighboursOf(me, spec.parties).some((party) => !channels.has(party)))
    throw new YimengError({
      code: 'psi-parties',
      cannot: 'count',
      expected: '2 to 255 parties and a channel to each that this one talks to',
      got: `${spec.parties} and ${channels.size}`,
    })
  if (new Set(items).size !== items.length)
    throw new YimengError({ code: 'psi-equal', cannot: 'count', expected: 'different items', got: 'equal ones' })
  const mine = items.map(utf8Bytes)
  const open: Stoppable = { lines: [] }
  try {
    if (me === ASKS) return await ask(channels, spec, mine, open, options.timeoutMs)
    await answer(me, channels, spec, mine, open, options)
    return undefined
  } catch (cause) {
    await Promise.all(open.lines.map((line) => line.stop(cause instanceof YimengError ? cause.code : 'mpc-fault')))
    await Promise.all([...channels.values()].map((channel) => channel.close().catch(() => undefined)))
    throw cause
  }
}
