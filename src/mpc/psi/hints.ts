// Hints: a table that gives the right word for each key that was put in and a random one for any other, and does not show which keys are in it (an oblivious key-value store: Garimella,
// Pinkas, Rosulek, Trieu and Yanai 2021). Each key has three places, one in each third of the table; its word is the XOR of the three. Filled by peeling, as xor filters are (Graf and
// Lemire 2020). What leaks: the number of keys. Keys must be pseudorandom to whoever reads the table; that a first seed could not be filled tells nothing about keys that he lacks.
import type { Csprng } from '../../base/index.ts'
import { YimengError } from '../../base/index.ts'
import { bytesOfWords, type Words } from '../arithmetic/words.ts'

/** A key: three 32-bit numbers that look random. */
export type HintKey = readonly [number, number, number]

/** Words of the table for `count` keys: peeling succeeds from 1.23 times as many. */
export const hintWords = (count: number): number => 3 * Math.ceil((1.3 * count) / 3 + 16)

const MOST_SEEDS = 64

/** The three places of a key; `seed` changes them. */
export const hintPlaces = ([a, b, c]: HintKey, seed: number, words: number): readonly [number, number, number] => {
  const third = words / 3
  const place = (x: number, salt: number): number => {
    let mixed = (x ^ Math.imul(seed + 1, salt)) >>> 0
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b)
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b)
    return ((mixed ^ (mixed >>> 16)) >>> 0) % third
  }
  return [place(a, 0x9e3779b1), third + place(b, 0x85ebca77), 2 * third + place(c, 0xc2b2ae3d)]
}

/** A filled table. */
export interface Hints {
  readonly seed: number
  readonly table: Words
}

// the order in which keys can be given a place of their own, and that place; undefined where some have none
const peeled = (
  places: readonly (readonly [number, number, number])[],
  words: number,
): { readonly order: Int32Array; readonly own: Int32Array } | undefined => {
  const degree = new Int32Array(words)
  // XOR of the keys that touch a place: with one left, it is that key
  const touching = new Int32Array(words)
  places.forEach((three, key) => {
    for (const place of three) {
      degree[place] = (degree[place] as number) + 1
      touching[place] = (touching[place] as number) ^ key
    }
  })
  const order = new Int32Array(places.length)
  const own = new Int32Array(places.length)
  const lonely: number[] = []
  for (let place = 0; place < words; place++) if (degree[place] === 1) lonely.push(place)
  let found = 0
  for (let place = lonely.pop(); place !== undefined; place = lonely.pop()) {
    if (degree[place] !== 1) continue
    const key = touching[place] as number
    order[found] = key
    own[found] = place
    found += 1
    for (const other of places[key] as readonly number[]) {
      degree[other] = (degree[other] as number) - 1
      touching[other] = (touching[other] as number) ^ key
      if (degree[other] === 1) lonely.push(other)
    }
  }
  return found === places.length ? { order, own } : undefined
}

/** Fills a table: `values`[i] for `keys`[i], random elsewhere. Keys must differ. */
export const makeHints = (keys: readonly HintKey[], values: Words, rng: Csprng): Hints => {
  const words = hintWords(keys.length)
  for (let seed = 0; seed < MOST_SEEDS; seed++) {
    const places = keys.map((key) => hintPlaces(key, seed, words))
    const peeling = peeled(places, words)
    if (peeling === undefined) continue
    const table = new BigUint64Array(words)
    rng.fill(bytesOfWords(table))
    // last peeled first: its own place is in no key that is set later
    for (let i = keys.length - 1; i >= 0; i--) {
      const key = peeling.order[i] as number
      const place = peeling.own[i] as number
      const [a, b, c] = places[key] as readonly [number, number, number]
      table[place] = 0n
      table[place] = (values[key] as bigint) ^ (table[a] as bigint) ^ (table[b] as bigint) ^ (table[c] as bigint)
    }
    return { seed, table }
  }
  throw new YimengError({ code: 'psi-hints', cannot: 'make hints', expected: 'different keys', got: 'keys that fit no table' })
}

/** The word that belongs to `key`. */
export const hintOf = ({ seed, table }: Hints, key: HintKey): bigint => {
  const [a, b, c] = hintPlaces(key, seed, table.length)
  return (table[a] as bigint) ^ (table[b] as bigint) ^ (table[c] as bigint)
}
