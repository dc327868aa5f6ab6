// What one party brings to vertical learning, from named columns: scaled features, labels, and the facts that both must know before they start.
import { canonicalJson, type Channel, sha256Hex, utf8Bytes, utf8Text, YimengError } from '../../base/index.ts'
import type { Party } from '../party.ts'
import type { Columns } from './regression.ts'

/** How features are scaled, each party its own. */
export type Scaling = 'none' | 'min-max' | 'standard'

/** One column, scaled: to [0, 1], or to mean 0 and standard deviation 1. A constant column becomes zeros. */
export const scaleColumn = (values: ArrayLike<number>, scaling: Scaling): Float64Array => {
  const column = Float64Array.from(values)
  if (scaling === 'none') return column
  const n = column.length
  let [low, high, mean] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for (const x of column) {
    low = Math.min(low, x)
    high = Math.max(high, x)
    mean += x / n
  }
  if (scaling === 'min-max') return column.map((x) => (high === low ? 0 : (x - low) / (high - low)))
  let variance = 0
  for (const x of column) variance += (x - mean) ** 2 / n
  return column.map((x) => (variance === 0 ? 0 : (x - mean) / Math.sqrt(variance)))
}

/** What each party tells the other before it starts: counts and magnitudes, and a fingerprint of the row identifiers. */
export interface PartyFacts {
  readonly rows: number
  readonly columns: number
  /** Smallest power of two that no feature exceeds. */
  readonly featureBound: number
  /** Smallest power of two that no label exceeds; 1 at the host. */
  readonly labelScale: number
  /** SHA-256 of the identifiers in order; equal where rows match. */
  readonly identifiers: string
}

const powerAbove = (values: Iterable<number>): number => {
  let most = 0
  for (const x of values) most = Math.max(most, Math.abs(x))
  return 2 ** Math.max(0, Math.ceil(Math.log2(most === 0 ? 1 : most)))
}

/** The facts of one party's table. */
export const factsOf = (columns: Columns, labels: ArrayLike<number> | undefined, identifiers: readonly string[]): PartyFacts => ({
  rows: identifiers.length,
  columns: columns.length,
  featureBound: columns.reduce((most, column) => Math.max(most, powerAbove(column)), 1),
  labelScale: labels === undefined ? 1 : powerAbove(Array.from(labels)),
  identifiers: sha256Hex(canonicalJson([...identifiers])),
})

const readFacts = (bytes: Uint8Array): PartyFacts => {
  const refused = (): YimengError =>
    new YimengError({ code: 'vertical-facts', cannot: 'start learning', expected: 'the facts of a table', got: 'other bytes' })
  let told: unknown
  try {
    told = JSON.parse(utf8Text(bytes))
  } catch {
    throw refused()
  }
  const fields = new Map(typeof told === 'object' && told !== null ? Object.entries(told as Readonly<Record<string, unknown>>) : [])
  const count = (name: keyof PartyFacts): number => {
    const value = fields.get(name)
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw refused()
    return value
  }
  const identifiers = fields.get('identifiers')
  if (typeof identifiers !== 'string') throw refused()
  return {
    rows: count('rows'),
    columns: count('columns'),
    featureBound: count('featureBound'),
    labelScale: count('labelScale'),
    identifiers,
  }
}

/**
 * Exchanges the facts. What leaks: these facts. The fingerprint tells whether both lists of identifiers are the same, and lets a party test a list that it guesses.
 *
 * @throws YimengError `vertical-facts` for other bytes, `vertical-rows` when the parties' rows are not the same in the same order.
 */
export const exchangeFacts = async (
  channel: Channel,
  me: Party,
  mine: PartyFacts,
): Promise<{ readonly guest: PartyFacts; readonly host: PartyFacts }> => {
  void channel.send(utf8Bytes(JSON.stringify(mine))).catch(() => undefined)
  const theirs = readFacts(await channel.receive())
  if (theirs.rows !== mine.rows || theirs.identifiers !== mine.identifiers)
    throw new YimengError({
      code: 'vertical-rows',
      cannot: 'start learning',
      expected: 'the same rows in the same order on both sides',
      got: `${mine.rows} rows here, ${theirs.rows} there, or other identifiers`,
    })
  return me === 'guest' ? { guest: mine, host: theirs } : { guest: theirs, host: mine }
}
