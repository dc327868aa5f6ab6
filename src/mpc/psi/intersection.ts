// Private set intersection by Diffie-Hellman on Curve25519: an oblivious pseudorandom function H(x)^b of which the host has the key (Meadows 1986; Jarecki and Liu 2010).
// The guest learns which of its items the host has too, with the host's payloads if any; the host learns nothing, or the intersection in mode 'both'. In mode 'size' the answers
// come shuffled: the guest learns how many, not which (De Cristofaro, Gasti and Tsudik 2012). Adversary: semi-honest. What leaks: both set sizes, the output, the length of payloads.
// A party can put guessed items into its set: `maxPeerItems` bounds that, and the caller bounds how often it runs.
import { createCipheriv, createSecretKey, hash } from 'node:crypto'
import { type Channel, concatBytes, utf8Bytes, YimengError } from '../../base/index.ts'
import { curve25519, POINT_BYTES } from '../../crypto/index.ts'
import type { SecureOutcome } from '../engines/aby.ts'
import type { Party } from '../party.ts'
import { openSession } from '../session.ts'
import { exchangeCounts, type PeerLimits } from './membership.ts'
import { answerPoints, askPoints, itemsAt, type OprfSides } from './oprf.ts'
import { gather, oneByOne, shuffled, stream } from './streams.ts'

/** What is computed. Public: both sides must agree. */
export interface IntersectionMode {
  /** `guest`: the guest learns the common items; `both`: the host too; `size`: the guest learns only how many. */
  readonly learns: 'guest' | 'both' | 'size'
  /** Length of the host's payload of each item, in bytes. Default 0; not with `size`. */
  readonly payloadBytes?: number
}

/** Which items, and limits. */
export interface IntersectionInput extends PeerLimits {
  /** My items; equal ones count once. */
  readonly items: readonly string[]
  /** The host's payload of each item, all of the agreed length. */
  readonly payloads?: readonly Uint8Array[]
}

/** What a party learns. */
export interface Intersection {
  /** Indices into my items, in an order that both sides share in mode `both`; undefined where I do not learn them. */
  readonly indices?: readonly number[]
  /** Payloads of those items, at the guest. */
  readonly payloads?: readonly Uint8Array[]
  /** Number of common items, undefined where I do not learn it. */
  readonly size?: number
  readonly peerItems: number
}

/** Bytes of a tag: an item under the pseudorandom function, cut. */
export const TAG_BYTES = 16

const [TAG, PAYLOAD] = [utf8Bytes('yimeng psi tag'), utf8Bytes('yimeng psi payload')]
const derived = (use: Uint8Array, point: Uint8Array): Buffer => hash('sha256', concatBytes(use, point), 'buffer')
const tagOf = (point: Uint8Array): string => derived(TAG, point).toString('latin1', 0, TAG_BYTES)
const hidden = (payload: Uint8Array, point: Uint8Array): Uint8Array =>
  createCipheriv('aes-256-ctr', createSecretKey(derived(PAYLOAD, point)), new Uint8Array(16)).update(payload)

interface Sides extends OprfSides {
  readonly payloadBytes: number
}

// the guest blinds, the host raises to its key, the guest unblinds and compares with the host's tags
const guestFinds = async (
  { session, group, items, peerItems, payloadBytes }: Sides,
  tell: boolean,
): Promise<Omit<Intersection, 'peerItems'>> => {
  const tags = new Map<string, { readonly index: number; readonly point: Uint8Array }>()
  await askPoints({ session, group, items, peerItems }, (index, point) => tags.set(tagOf(point), { index, point }))
  const found: { readonly index: number; readonly tag: string; readonly payload: Uint8Array }[] = []
  await gather(session, 'tags', peerItems, TAG_BYTES + payloadBytes, (bytes) => {
    const tag = Buffer.from(bytes.subarray(0, TAG_BYTES)).toString('latin1')
    const mine = tags.get(tag)
    if (mine !== undefined) found.push({ index: mine.index, tag, payload: hidden(bytes.subarray(TAG_BYTES), mine.point) })
  })
  // an order that says nothing about either list, and that both sides have
  found.sort((x, y) => (x.tag < y.tag ? -1 : 1))
  if (tell) {
    const count = new Uint8Array(4)
    new DataView(count.buffer).setUint32(0, found.length, true)
    session.wire.send('common count', count)
    await stream(
      session,
      'common',
      found.length,
      oneByOne(TAG_BYTES, (i) => Buffer.from(found[i]?.tag ?? '', 'latin1')),
    )
  }
  return {
    indices: found.map(({ index }) => index),
    size: found.length,
    ...(payloadBytes === 0 ? {} : { payloads: found.map(({ payload }) => payload) }),
  }
}

const hostAnswers = async (
  { session, group, items, peerItems, payloadBytes }: Sides,
  payloads: readonly Uint8Array[],
  told: boolean,
): Promise<Omit<Intersection, 'peerItems'>> => {
  const mine: { readonly index: number; readonly tag: string; readonly payload: Uint8Array }[] = []
  await answerPoints({ session, group, items, peerItems }, (index, point) =>
    mine.push({ index, tag: tagOf(point), payload: payloadBytes === 0 ? new Uint8Array(0) : hidden(payloads[index] as Uint8Array, point) }),
  )
  // sorted by tag: the order of my list does not show
  mine.sort((x, y) => (x.tag < y.tag ? -1 : 1))
  const tagged = (i: number): Uint8Array => {
    const bytes = new Uint8Array(TAG_BYTES + payloadBytes)
    bytes.set(Buffer.from(mine[i]?.tag ?? '', 'latin1'))
    bytes.set(mine[i]?.payload ?? bytes, TAG_BYTES)
    return bytes
  }
  await stream(session, 'tags', mine.length, oneByOne(TAG_BYTES + payloadBytes, tagged))
  if (!told) return {}
  const byTag = new Map(mine.map(({ tag, index }) => [tag, index]))
  const count = await session.wire.receive('common count', 4)
  const size = new DataView(count.buffer, count.byteOffset).getUint32(0, true)
  if (size > Math.min(items.length, peerItems))
    throw new YimengError({ code: 'psi-size', cannot: 'learn intersection', expected: 'no more common items than items', got: `${size}` })
  const indices: number[] = []
  await gather(session, 'common', size, TAG_BYTES, (bytes) => {
    const index = byTag.get(Buffer.from(bytes).toString('latin1'))
    if (index === undefined)
      throw new YimengError({ code: 'psi-tag', cannot: 'learn intersection', expected: 'a tag of mine', got: 'another one' })
    indices.push(index)
  })
  return { indices, size }
}

// both sides raise to their keys; the host shuffles what it returns
const guestCounts = async ({ session, group, items, peerItems }: Sides): Promise<Omit<Intersection, 'peerItems'>> => {
  const key = group.scalar(session.rng)
  const theirs = new Set<string>()
  let size = 0
  await stream(session, 'blinded', items.length, (from, n) =>
    group.multiply(key, group.hashToPoints(session.nonce, items.slice(from, from + n))),
  )
  await gather(
    session,
    'host items',
    peerItems,
    POINT_BYTES,
    (point) => void theirs.add(tagOf(point)),
    (points) => group.multiply(key, points),
  )
  await gather(session, 'shuffled answers', items.length, POINT_BYTES, (point) => {
    if (theirs.has(tagOf(point))) size += 1
  })
  return { size }
}

const hostCounts = async ({ session, group, items, peerItems }: Sides): Promise<Omit<Intersection, 'peerItems'>> => {
  const key = group.scalar(session.rng)
  const answers: Uint8Array[] = []
  const order = shuffled(items.length, session.rng)
  await gather(
    session,
    'blinded',
    peerItems,
    POINT_BYTES,
    (point) => void answers.push(point),
    (points) => group.multiply(key, points),
  )
  await stream(session, 'host items', items.length, (from, n) =>
    group.multiply(key, group.hashToPoints(session.nonce, itemsAt(items, order, from, n))),
  )
  const mixed = shuffled(answers.length, session.rng)
  await stream(
    session,
    'shuffled answers',
    answers.length,
    oneByOne(POINT_BYTES, (i) => answers[mixed[i] as number] as Uint8Array),
  )
  return {}
}

/**
 * My side of an intersection.
 *
 * @throws YimengError `psi-limit` when the peer brings more items than allowed, `psi-payload` for payloads of another length, `psi-equal` for items that occur twice at the host with
 * payloads, and the faults of a session.
 */
export const runIntersection = async (
  channel: Channel,
  me: Party,
  mode: IntersectionMode,
  { items, payloads = [], ...limits }: IntersectionInput,
  timeoutMs?: number,
): Promise<SecureOutcome<Intersection>> => {
  const payloadBytes = mode.learns === 'size' ? 0 : (mode.payloadBytes ?? 0)
  if (me === 'host' && payloadBytes > 0 && (payloads.length !== items.length || payloads.some(({ length }) => length !== payloadBytes)))
    throw new YimengError({
      code: 'psi-payload',
      cannot: 'intersect',
      expected: `a payload of ${payloadBytes} bytes for each item`,
      got: 'others',
    })
  // equal items would show as equal points
  const firstOf = new Map<string, number>()
  items.forEach((item, index) => {
    if (!firstOf.has(item)) firstOf.set(item, index)
  })
  if (payloadBytes > 0 && me === 'host' && firstOf.size !== items.length)
    throw new YimengError({ code: 'psi-equal', cannot: 'intersect', expected: 'different items', got: 'equal ones' })
  const kept = [...firstOf.values()]
  const session = await openSession(channel, me, `psi ${mode.learns} ${payloadBytes}`, timeoutMs)
  const { wire } = session
  try {
    const mine = kept.map((index) => utf8Bytes(items[index] as string))
    const peerItems = await exchangeCounts({ session, items: mine }, limits)
    const sides: Sides = { session, group: await curve25519(), items: mine, peerItems, payloadBytes }
    const learnt = await (mode.learns === 'size'
      ? me === 'guest'
        ? guestCounts(sides)
        : hostCounts(sides)
      : me === 'guest'
        ? guestFinds(sides, mode.learns === 'both')
        : hostAnswers(
            sides,
            kept.map((index) => payloads[index] ?? new Uint8Array(0)),
            mode.learns === 'both',
          ))
    await wire.exchange('done', new Uint8Array(0))
    await wire.flush()
    const result = {
      ...learnt,
      ...(learnt.indices === undefined ? {} : { indices: learnt.indices.map((index) => kept[index] as number) }),
      peerItems,
    }
    return { result, traffic: wire.traffic() }
  } catch (cause) {
    await wire.stop(cause instanceof YimengError ? cause.code : 'mpc-fault')
    throw cause
  }
}
