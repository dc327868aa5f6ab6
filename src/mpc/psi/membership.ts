// For each of the guest's items a secret bit: does the host have it too? The guest puts its items into bins; for each bin the host draws a word, and hides it behind the values of its
// own items under an oblivious pseudorandom function, so that the guest finds the bin's word exactly where its item is also the host's, and a random word elsewhere; it cannot tell which.
// Words are then compared on shares (circuit PSI: Pinkas, Schneider, Tkachenko and Yanai 2019). Adversary: semi-honest. What leaks: both numbers of items. A random word is taken for the
// bin's with probability 2^-60 a bin.
import { hash } from 'node:crypto'
import { concatBytes, utf8Bytes, YimengError } from '../../base/index.ts'
import { bytesOfWords, type Words, wordsOfBytes } from '../arithmetic/words.ts'
import { equal } from '../operations.ts'
import type { Secure, Shared } from '../secure.ts'
import { binsFor, candidateBins, type CuckooTable, cuckooTable } from './cuckoo.ts'
import { type HintKey, hintOf, hintWords, makeHints } from './hints.ts'
import { answerPoints, askPoints, type OprfSides } from './oprf.ts'

/** Bits of the words that are compared. */
export const WORD_BITS = 60

const MEMBERSHIP = utf8Bytes('yimeng psi membership')

// where the hint for an item in a bin lies, and what it is hidden behind
const hintKey = (point: Uint8Array, bin: number): { readonly key: HintKey; readonly mask: bigint } => {
  const digest = hash('sha256', concatBytes(MEMBERSHIP, point, new Uint8Array(Uint32Array.of(bin).buffer)), 'buffer')
  return { key: [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8)], mask: digest.readBigUInt64LE(16) }
}

const randomWords = ({ session }: Pick<OprfSides, 'session'>, count: number): Words => {
  const words = new BigUint64Array(count)
  session.rng.fill(bytesOfWords(words))
  return words.map((word) => BigInt.asUintN(WORD_BITS, word))
}

/** The guest's bins, which several hosts may share. `salt` is public. */
export const binsOf = (salt: Uint8Array, items: readonly Uint8Array[]): CuckooTable => cuckooTable(salt, items, binsFor(items.length))

/** The guest's words, one for each bin. */
export const askWords = async (sides: OprfSides, { places, attempt }: CuckooTable): Promise<Words> => {
  const { session, items, peerItems } = sides
  session.wire.send('salt', Uint8Array.of(attempt))
  const points: Uint8Array[] = Array.from({ length: items.length })
  await askPoints(sides, (index, point) => {
    points[index] = point
  })
  // every item of the host has at most three bins
  const words = hintWords(3 * peerItems)
  const frame = await session.wire.receive('hints', 4 + 8 * words)
  const hints = { seed: new DataView(frame.buffer, frame.byteOffset).getUint32(0, true), table: wordsOfBytes(frame.subarray(4)) }
  const mine = randomWords(sides, places.length)
  places.forEach((index, bin) => {
    if (index < 0) return
    const { key, mask } = hintKey(points[index] as Uint8Array, bin)
    mine[bin] = BigInt.asUintN(WORD_BITS, hintOf(hints, key) ^ mask)
  })
  return mine
}

/** The host's words. */
export const answerWords = async (sides: OprfSides, salt: Uint8Array): Promise<Words> => {
  const { session, items, peerItems } = sides
  const [attempt = 0] = await session.wire.receive('salt', 1)
  const bins = binsFor(peerItems)
  const mine = randomWords(sides, bins)
  const keys: HintKey[] = []
  const values: bigint[] = []
  await answerPoints(sides, (index, point) => {
    for (const bin of candidateBins(salt, attempt, items[index] as Uint8Array, bins)) {
      const { key, mask } = hintKey(point, bin)
      keys.push(key)
      values.push((mine[bin] as bigint) ^ mask)
    }
  })
  // as many keys as an item can have bins: how many coincide does not show
  while (keys.length < 3 * items.length) {
    const filler = new Uint32Array(4)
    session.rng.fill(new Uint8Array(filler.buffer))
    keys.push([filler[0] as number, filler[1] as number, filler[2] as number])
    values.push(BigInt(filler[3] as number))
  }
  const { seed, table } = makeHints(keys, BigUint64Array.from(values), session.rng)
  const frame = new Uint8Array(4 + table.byteLength)
  new DataView(frame.buffer).setUint32(0, seed, true)
  frame.set(bytesOfWords(table), 4)
  session.wire.send('hints', frame)
  await session.wire.room()
  return mine
}

/** Shared bits as numbers 0 and 1, one for each bin: are both parties' words the same? */
export const sameWords = async (
  engine: Secure,
  bins: number,
  words: { readonly guest?: Words; readonly host?: Words },
): Promise<Shared<'arithmetic'>> => {
  const [guest, host] = (['guest', 'host'] as const).map((party) =>
    engine.shareBits(
      engine.held(party, () => words[party] ?? new BigUint64Array(bins)),
      bins,
      WORD_BITS,
    ),
  ) as [Shared<'boolean'>, Shared<'boolean'>]
  return engine.toArithmetic(await equal(engine, guest, host))
}

/** What a party lets its peer ask. */
export interface PeerLimits {
  /** Refuses a peer that brings more items. Default 2,000,000. */
  readonly maxPeerItems?: number
  /** Told how many items the peer brings before anything about mine leaves; it refuses by throwing. To bound what is asked over many sessions. */
  readonly charge?: (peerItems: number) => Promise<void>
}

/** Tells the peer how many items I have, and hears its number. @throws YimengError `psi-limit` beyond the limit. */
export const exchangeCounts = async (
  { session, items }: Pick<OprfSides, 'session' | 'items'>,
  { maxPeerItems = 2_000_000, charge }: PeerLimits,
): Promise<number> => {
  const count = new Uint8Array(4)
  new DataView(count.buffer).setUint32(0, items.length, true)
  const told = await session.wire.exchange('item count', count)
  const peerItems = new DataView(told.buffer, told.byteOffset).getUint32(0, true)
  if (peerItems > maxPeerItems)
    throw new YimengError({
      code: 'psi-limit',
      cannot: 'intersect',
      expected: `at most ${maxPeerItems} items of the peer`,
      got: `${peerItems}`,
    })
  await charge?.(peerItems)
  return peerItems
}
