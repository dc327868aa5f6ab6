// Items in bins: the guest puts each of its items into one of three candidate bins, at most one a bin (cuckoo hashing, Pagh and Rodler 2004, with three functions); the host knows the
// candidate bins of its items, not the guest's choice. What leaks where the bins are public: the number of items and, once in a great while, that a first salt did not fit them.
import { hash } from 'node:crypto'
import { concatBytes, YimengError } from '../../base/index.ts'

const WAYS = 3
/** Insertions in a row that may displace others. */
const MOST_MOVES = 2000
const MOST_SALTS = 32

/** Bins for `count` items: three functions need 1.1 times as many; the rest makes failure unlikely for few items too. */
export const binsFor = (count: number): number => Math.ceil(1.3 * count) + 32

/** The different candidate bins of an item, in order. */
export const candidateBins = (salt: Uint8Array, attempt: number, item: Uint8Array, bins: number): readonly number[] => {
  const digest = hash('sha256', concatBytes(salt, Uint8Array.of(attempt), item), 'buffer')
  return [...new Set(Array.from({ length: WAYS }, (_, way) => digest.readUIntLE(6 * way, 6) % bins))]
}

/** Where the items are: an index into them for each bin, or -1. */
export interface CuckooTable {
  readonly places: Int32Array
  /** Which salt fitted. */
  readonly attempt: number
}

const placed = (salt: Uint8Array, attempt: number, items: readonly Uint8Array[], bins: number): Int32Array | undefined => {
  const places = new Int32Array(bins).fill(-1)
  const candidates = items.map((item) => candidateBins(salt, attempt, item, bins))
  for (let first = 0; first < items.length; first++) {
    let item = first
    let avoided = -1
    for (let moves = 0; ; moves++) {
      const own = candidates[item] as readonly number[]
      const free = own.find((bin) => places[bin] === -1)
      if (free !== undefined) {
        places[free] = item
        break
      }
      if (moves === MOST_MOVES) return undefined
      // not back to where it was thrown out of; which of the others is as good as random
      const others = own.filter((bin) => bin !== avoided)
      avoided = others[moves % Math.max(1, others.length)] ?? (own[0] as number)
      const moved = places[avoided] as number
      places[avoided] = item
      item = moved
    }
  }
  return places
}

/** Places different items. `salt` is public and fresh. */
export const cuckooTable = (salt: Uint8Array, items: readonly Uint8Array[], bins: number): CuckooTable => {
  for (let attempt = 0; attempt < MOST_SALTS; attempt++) {
    const places = placed(salt, attempt, items, bins)
    if (places !== undefined) return { places, attempt }
  }
  throw new YimengError({ code: 'psi-bins', cannot: 'place items', expected: 'different items', got: 'items that fit no table' })
}
