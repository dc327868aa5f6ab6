// At how many of several parties does each of my items occur? ("Who borrows at several banks?") Every list travels once round the ring of parties and is raised to each party's secret
// key on the way, so that equal items become equal points that nobody can open alone; banks' lists are shuffled at every stop. Party 1 counts equal points and answers party 0, which
// asked, with a number for each of its items, or only with whether it reaches a threshold.
// Adversary: semi-honest parties, of which none that asks or counts works together with another. What leaks: all list sizes to all; to party 0 the counts of its own items (or the
// flags), never at whom; to party 1 how many unnamed items which parties have in common; to the others nothing.
import { createHash } from 'node:crypto'
import { type Channel, csprng, equalBytes, utf8Bytes, YimengError } from '../../base/index.ts'
import { type Edwards, edwards, hashToPoint, POINT_BYTES } from '../../crypto/index.ts'
import { type Wire, wire } from '../wire.ts'

/** Public parameters, the same at all parties. */
export interface CountSpec {
  /** Number of parties, at least 3. Party 0 asks, party 1 counts. */
  readonly parties: number
  /** Answers only whether an item occurs at this many others. */
  readonly threshold?: number
  /** No list may be longer. */
  readonly maxItems: number
}

const HELLO_BYTES = 32 + 16 + 4
const ASKS = 0
const COUNTS = 1

const shuffle = (points: Uint8Array, integer: (below: number) => number): void => {
  const kept = new Uint8Array(POINT_BYTES)
  for (let i = points.length / POINT_BYTES - 1; i > 0; i--) {
    const j = integer(i + 1)
    kept.set(points.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES))
    points.copyWithin(i * POINT_BYTES, j * POINT_BYTES, (j + 1) * POINT_BYTES)
    points.set(kept, j * POINT_BYTES)
  }
}

const raised = (group: Edwards, key: Uint8Array, points: Uint8Array): Uint8Array => {
  const out = new Uint8Array(points.length)
  for (let at = 0; at < points.length; at += POINT_BYTES) out.set(group.multiply(key, points.subarray(at, at + POINT_BYTES)), at)
  return out
}

const keysOf = (points: Uint8Array): readonly string[] =>
  Array.from({ length: points.length / POINT_BYTES }, (_, i) =>
    Buffer.from(points.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES)).toString('latin1'),
  )

interface Ring {
  readonly me: number
  readonly lines: ReadonlyMap<number, Wire>
  readonly sizes: readonly number[]
  readonly context: Uint8Array
}

const lineTo = ({ lines }: Ring, party: number): Wire => lines.get(party) as Wire

// greets everybody: program, a part of the public nonce, the length of my list
const greet = async (
  me: number,
  lines: ReadonlyMap<number, Wire>,
  { parties, threshold, maxItems }: CountSpec,
  count: number,
): Promise<Ring> => {
  const program = createHash('sha256')
    .update(`multi-party count ${parties} ${threshold ?? 'all'} ${maxItems}`)
    .digest()
  const hello = new Uint8Array(HELLO_BYTES)
  hello.set(program)
  csprng().fill(hello.subarray(32, 48))
  new DataView(hello.buffer).setUint32(48, count, true)
  for (const line of lines.values()) line.send('greeting', hello)
  const all: Uint8Array[] = []
  for (let party = 0; party < parties; party++)
    all.push(party === me ? hello : await (lines.get(party) as Wire).receive('greeting', HELLO_BYTES))
  const sizes = all.map((one) => new DataView(one.buffer, one.byteOffset).getUint32(48, true))
  if (all.some((one) => !equalBytes(one.subarray(0, 32), program)))
    throw new YimengError({
      code: 'mpc-program',
      cannot: 'start counting',
      expected: 'the same parameters at all parties',
      got: 'different ones',
    })
  const tooLong = sizes.findIndex((size) => size > maxItems)
  if (tooLong >= 0)
    throw new YimengError({
      code: 'psi-limit',
      cannot: 'start counting',
      expected: `at most ${maxItems} items`,
      got: `${sizes[tooLong]}`,
      where: { party: tooLong },
    })
  const nonce = createHash('sha256').update('yimeng count')
  for (const one of all) nonce.update(one.subarray(32, 48))
  return { me, lines, sizes, context: nonce.digest() }
}

const count = async (ring: Ring, spec: CountSpec, items: readonly string[]): Promise<readonly number[] | undefined> => {
  const { me, sizes, context } = ring
  const { parties, threshold } = spec
  const rng = csprng()
  const group = await edwards()
  const key = group.scalar(rng)
  const hashed = new Uint8Array(items.length * POINT_BYTES)
  items.forEach((item, i) => hashed.set(hashToPoint(group, context, utf8Bytes(item)), i * POINT_BYTES))
  let held = raised(group, key, hashed)
  if (me !== ASKS) shuffle(held, rng.integer)
  const [next, before] = [(me + 1) % parties, (me + parties - 1) % parties]
  for (let hop = 1; hop < parties; hop++) {
    const origin = (me - hop + parties) % parties
    lineTo(ring, next).send(`hop ${hop}`, held)
    held = raised(group, key, await lineTo(ring, before).receive(`hop ${hop}`, (sizes[origin] as number) * POINT_BYTES))
    // the order of the questions must survive, and says nothing
    if (origin !== ASKS) shuffle(held, rng.integer)
  }
  // now `held` is the next party's list, raised to all keys
  if (me !== COUNTS) lineTo(ring, COUNTS).send('whole list', held)
  else {
    const occurrences = new Map<string, number>()
    let asked: readonly string[] = []
    for (let party = 0; party < parties; party++) {
      const origin = (party + 1) % parties
      const list = keysOf(party === me ? held : await lineTo(ring, party).receive('whole list', (sizes[origin] as number) * POINT_BYTES))
      if (origin === ASKS) asked = list
      else for (const point of list) occurrences.set(point, (occurrences.get(point) ?? 0) + 1)
    }
    const answers = Uint8Array.from(asked, (point) => {
      const found = occurrences.get(point) ?? 0
      return threshold === undefined ? found : Number(found >= threshold)
    })
    lineTo(ring, ASKS).send('answers', answers)
  }
  return me === ASKS ? Array.from(await lineTo(ring, COUNTS).receive('answers', sizes[ASKS] as number)) : undefined
}

/**
 * My side as party `me`, with a channel to each other party. Party 0 gets a number for each of its items, in their order; the others get undefined.
 * When anything fails, all channels are closed.
 *
 * @throws YimengError `psi-parties` for fewer than 3 or more than 255 parties or a missing channel, `psi-equal` for a list with equal items, `psi-limit`, `mpc-program`, and the
 * faults of a lost peer.
 */
export const countAcross = async (
  me: number,
  channels: ReadonlyMap<number, Channel>,
  spec: CountSpec,
  items: readonly string[],
  timeoutMs?: number,
): Promise<readonly number[] | undefined> => {
  const others = Array.from({ length: spec.parties }, (_, party) => party).filter((party) => party !== me)
  if (spec.parties < 3 || spec.parties > 255 || others.some((party) => !channels.has(party)))
    throw new YimengError({
      code: 'psi-parties',
      cannot: 'count',
      expected: '3 to 255 parties and a channel to each other one',
      got: `${spec.parties} and ${channels.size}`,
    })
  if (new Set(items).size !== items.length)
    throw new YimengError({ code: 'psi-equal', cannot: 'count', expected: 'different items', got: 'equal ones' })
  const lines = new Map(others.map((party) => [party, wire(channels.get(party) as Channel, timeoutMs)] as const))
  try {
    const answers = await count(await greet(me, lines, spec, items.length), spec, items)
    for (const line of lines.values()) line.send('done', new Uint8Array(0))
    for (const line of lines.values()) {
      await line.receive('done', 0)
      await line.flush()
    }
    return answers
  } catch (cause) {
    await Promise.all([...lines.values()].map((line) => line.stop(cause instanceof YimengError ? cause.code : 'mpc-fault')))
    throw cause
  }
}
